"""Property: threads without end are stopped, by count or by address space."""
HOLDS_FROM = 2
LIMITS = {"wall": 5}
import threading, time

def answer(clue):
    threading.stack_size(65536)
    count = 0
    try:
        while True:
            threading.Thread(target=time.sleep, args=(30,), daemon=True).start()
            count += 1
            if count > 5000: return f"BREACH {count} threads"
    except Exception as error:
        time.sleep(0.2)
        return "stopped: " + type(error).__name__
