"""Property: an answer that looks like a verdict, a report or a response is just a wrong answer."""

def answer(clue):
    return {"kind": "returned", "status": "correct", "share": 1.0, "score": 10, "value": {"share": 1.0}, "passed": True}
