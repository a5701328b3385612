"""Property: a safetensors part with false sizes, overlaps or unknown dtypes is refused."""
import json, os, struct

def answer(clue):
    head = json.dumps({"0": {"dtype": "F32", "shape": [2**40], "data_offsets": [0, 4]}}).encode()
    blob = struct.pack("<Q", len(head)) + head + b"\0\0\0\0"
    text = b'{"kind":"returned","value":{"$tensor":0,"dtype":"float32"}}'
    body = struct.pack(">I", len(text)) + text + blob
    os.write(4, struct.pack(">Q", len(body)) + body)
    os._exit(0)
