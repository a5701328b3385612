"""Property: /dev/shm is closed: nothing is left there, and no other's segment can be opened."""
HOLDS_FROM = 2
LAYER = "landlock"
from kit import tries

def shared():
    from multiprocessing import resource_tracker, shared_memory
    resource_tracker.register = lambda *a: None
    memory = shared_memory.SharedMemory(create=True, size=4096)
    name = memory.name
    memory.close()
    memory.unlink()
    return name
def answer(clue): return tries(shared)
