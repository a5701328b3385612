"""Archives as students and attackers make them."""

from __future__ import annotations

import io
import zipfile

CHAPTERS = {"ch01_overview": "ch01_overview.py", "ch02_tokenizer": "ch02_tokenizer.py"}
WORK = b"ANSWERS = {}\n"


def zipped(files: dict[str, bytes], *, encoding: str = "utf-8") -> bytes:
    """A zip; with `gbk` the names are bytes without the UTF-8 flag, as Chinese Windows writes them."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in files.items():
            if encoding == "utf-8":
                archive.writestr(name, body)
                continue
            place = "?" * len(name.encode(encoding))
            info = zipfile.ZipInfo(place)
            archive.writestr(info, body)
    data = buffer.getvalue()
    for name in files if encoding != "utf-8" else ():
        raw = name.encode(encoding)
        data = data.replace(b"?" * len(raw), raw)
    return data
