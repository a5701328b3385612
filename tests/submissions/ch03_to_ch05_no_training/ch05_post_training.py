"""The start model's own weights, untouched."""


def train_identity(model, tokenizer, preferences):
    return {"weights": {name: tensor for name, tensor in model.state_dict().items() if "layers" in name}}
