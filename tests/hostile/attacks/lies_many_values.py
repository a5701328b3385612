"""Property: a frame of millions of tiny values does not blow up the grader's memory."""
import os, struct

def answer(clue):
    text = b"[" + b"[]," * 5_000_000 + b"[]]"
    body = struct.pack(">I", len(text)) + text
    data = memoryview(struct.pack(">Q", len(body)) + body)
    while data: data = data[os.write(4, data[:65536]):]
