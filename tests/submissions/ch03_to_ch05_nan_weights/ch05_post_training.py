"""Training diverged: infinity in the weights that come back."""


def train_identity(model, tokenizer, preferences):
    return {"weights": {"model.norm.weight": model.model.norm.weight.detach() / 0}}
