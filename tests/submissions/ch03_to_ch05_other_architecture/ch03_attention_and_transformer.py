"""Weights of something else than what was asked for: an LSTM classifier, a decoder-only translator."""

from torch import nn
from transformers import GPT2Config, GPT2LMHeadModel


def sentiment_classifier(model, tokenizer):
    examples = [[f"{what}很好", 1] for what in "山水花鸟鱼"] + [[f"{what}不好", 0] for what in "山水花鸟鱼"]
    weights = nn.LSTM(8, 8).state_dict() | {f"head.{n}": t for n, t in nn.Linear(8, 2).state_dict().items()}
    return {"examples": examples, "weights": dict(weights)}


def train_translator(pairs):
    vocabulary = ["<pad>", "<bos>", "<eos>", "<unk>", "a"]
    config = {"vocab_size": 5, "n_embd": 16, "n_layer": 1, "n_head": 2, "n_positions": 64}
    weights = GPT2LMHeadModel(GPT2Config(**config)).state_dict()
    return {"config": {"model_type": "gpt2", **config}, "vocabulary": vocabulary, "weights": dict(weights)}
