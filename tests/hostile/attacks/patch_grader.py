"""Property: the grader's modules in the child, imported or planted, are not those that grade."""
import sys, types

def answer(clue):
    for name in ("grader.marking", "grader.marking.compare", "grader.marking.compare.close", "grader.scoring.points", "grader.marking.values"):
        planted = types.ModuleType(name)
        planted.compare = planted.mark = planted.within = lambda *a, **k: 1.0
        sys.modules[name] = planted
    try: import grader.pipeline
    except Exception: pass
    return 0.0
