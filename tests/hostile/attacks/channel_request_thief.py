"""Property: reading the requests oneself gains nothing but one's own inputs."""
LIMITS = {"wall": 1}
import os, threading

def steal():
    for descriptor in (3, 4, 5):
        try: os.read(descriptor, 1 << 16)
        except OSError: pass

def answer(clue):
    for _ in range(3): threading.Thread(target=steal, daemon=True).start()
    return 0.0
