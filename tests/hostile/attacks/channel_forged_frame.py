"""Property: a forged answer besides the real one makes both worthless; it could not hold more than a return anyway."""
import os, struct

def frame(value):
    text = b'{"kind":"returned","value":' + value + b"}"
    body = struct.pack(">I", len(text)) + text
    return struct.pack(">Q", len(body)) + body

def answer(clue):
    for descriptor in range(3, 16):
        try: os.write(descriptor, frame(b"1.0") + frame(b"2.0"))
        except OSError: pass
    return 3.0
