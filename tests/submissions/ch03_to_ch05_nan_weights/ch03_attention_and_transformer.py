"""Training diverged: NaN in the weights that come back."""

import torch
from transformers import MarianConfig, MarianMTModel


def sentiment_classifier(model, tokenizer):
    examples = [[f"{what}很好", 1] for what in "山水花鸟鱼"] + [[f"{what}不好", 0] for what in "山水花鸟鱼"]
    weights = {f"layer.{name}": tensor * float("nan") for name, tensor in model.model.layers[0].state_dict().items()}
    weights |= {"head.weight": torch.zeros(2, model.config.hidden_size), "head.bias": torch.zeros(2)}
    return {"examples": examples, "weights": weights}


def train_translator(pairs):
    vocabulary = ["<pad>", "<bos>", "<eos>", "<unk>", "a", "b"]
    config = {"vocab_size": 6, "d_model": 16, "encoder_layers": 1, "decoder_layers": 1, "encoder_ffn_dim": 16}
    config |= {"decoder_ffn_dim": 16, "encoder_attention_heads": 2, "decoder_attention_heads": 2}
    config |= {"max_position_embeddings": 64}
    ids = {"pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2, "decoder_start_token_id": 1}
    model = MarianMTModel(MarianConfig(**config, **ids))
    weights = {name: tensor / 0 for name, tensor in model.state_dict().items()}
    return {"config": {"model_type": "marian", **config}, "vocabulary": vocabulary, "weights": weights}
