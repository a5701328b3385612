"""Property: weights changed in place are changed for this child only."""
NEEDS_MODEL = True

def answer(clue, model):
    for parameter in model.parameters():
        parameter.data.fill_(float("nan"))
    model.forward = lambda *a, **k: None
    type(model).forward = lambda *a, **k: None
    return 0.0
