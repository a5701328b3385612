"""Property: an announced size of four exabytes is refused by the number, before a byte is kept."""
import os, struct, time

def answer(clue):
    for descriptor in (3, 4, 5, 6):
        try: os.write(descriptor, struct.pack(">Q", 1 << 62) + b"x" * 60000)
        except OSError: pass
    time.sleep(0.5)
    return 0.0
