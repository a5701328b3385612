"""Property: threads that outlive their call die with the child."""
import threading, time

def forever():
    while True: time.sleep(0.01)

def answer(clue):
    for _ in range(20): threading.Thread(target=forever).start()
    return 0.0
