"""Property: bytes without end on the answer's descriptor are read to the cap only."""
LIMITS = {"wall": 1}
import os

def answer(clue):
    descriptors = list(range(3, 16))
    while descriptors:
        for descriptor in list(descriptors):
            try: os.write(descriptor, b"\0" * 65536)
            except OSError: descriptors.remove(descriptor)
    return 0.0
