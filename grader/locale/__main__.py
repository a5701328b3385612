"""`python -m grader.locale`: take up new messages, drop unused ones, compile; exit 1 while any is not translated."""

from __future__ import annotations

import sys

from grader.locale.catalogues import problems, update

if __name__ == "__main__":
    update()
    found = problems()
    sys.stdout.write("".join(f"{line}\n" for line in found) or "every message is translated\n")
    sys.exit(1 if found else 0)
