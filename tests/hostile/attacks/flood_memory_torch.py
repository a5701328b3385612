"""Property: torch's own allocator meets the same limit; its RuntimeError is out of memory."""
LIMITS = {"wall": 20, "memory": 2 ** 28}
import torch

def answer(clue):
    kept = []
    while True: kept.append(torch.ones(1 << 24))
