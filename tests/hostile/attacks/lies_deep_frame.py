"""Property: deep JSON written past the encoder is refused by the decoder."""
import os, struct

def answer(clue):
    text = b"[" * 200_000
    body = struct.pack(">I", len(text)) + text
    os.write(4, struct.pack(">Q", len(body)) + body)
    os._exit(0)
