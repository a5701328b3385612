"""Property: process pools and data loaders with workers fail with an error, and do not hang or leak."""
HOLDS_FROM = 2
from kit import tries
import multiprocessing

def fork():
    process = multiprocessing.get_context("fork").Process(target=print)
    process.start()
    return process.pid
def spawn():
    process = multiprocessing.get_context("spawn").Process(target=print)
    process.start()
    return process.pid
def answer(clue): return tries(fork, spawn)
