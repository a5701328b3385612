"""Property: a hundred thousand digits written past the encoder are refused before they are converted."""
import os, struct

def answer(clue):
    text = b'{"kind":"returned","value":' + b"9" * 100_000 + b"}"
    body = struct.pack(">I", len(text)) + text
    os.write(4, struct.pack(">Q", len(body)) + body)
    os._exit(0)
