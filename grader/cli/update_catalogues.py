"""Bring the catalogues up to date (`make messages`): take up new messages, drop unused ones, compile.

Exit code 1 while a message is not translated.
"""

from __future__ import annotations

import sys

from grader.cli.catalogues import problems, update

if __name__ == "__main__":
    update()
    found = problems()
    sys.stdout.write("".join(f"{line}\n" for line in found) or "every message is translated\n")
    sys.exit(1 if found else 0)
