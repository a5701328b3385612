"""Property: an answer nested a hundred thousand levels deep ends neither the child's encoder nor the grader."""

def answer(clue):
    deep = []
    for _ in range(100_000): deep = [deep]
    return deep
