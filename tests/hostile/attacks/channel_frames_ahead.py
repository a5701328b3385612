"""Property: frames written before their question is asked are refused."""
import os, struct, threading, time

def flood():
    text = b'{"kind":"returned","value":1.0}'
    body = struct.pack(">I", len(text)) + text
    while True:
        try: os.write(4, struct.pack(">Q", len(body)) + body)
        except OSError: return

threading.Thread(target=flood, daemon=True).start()
time.sleep(0.1)
def answer(clue): return 1.0
