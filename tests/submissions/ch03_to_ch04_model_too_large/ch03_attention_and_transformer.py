"""More than is allowed: two decoder layers where one is asked for, a translator of a million parameters."""

import torch
from transformers import BartConfig, BartForConditionalGeneration


def sentiment_classifier(model, tokenizer):
    examples = [[f"{what}很好", 1] for what in "山水花鸟鱼"] + [[f"{what}不好", 0] for what in "山水花鸟鱼"]
    weights = {f"layer.{name}": tensor for name, tensor in model.model.layers[0].state_dict().items()}
    weights |= {f"layer2.{name}": tensor for name, tensor in model.model.layers[1].state_dict().items()}
    weights |= {"head.weight": torch.zeros(2, model.config.hidden_size), "head.bias": torch.zeros(2)}
    return {"examples": examples, "weights": weights}


def train_translator(pairs):
    vocabulary = ["<pad>", "<bos>", "<eos>", "<unk>", "a", "b"]
    config = {"vocab_size": 6, "d_model": 128, "encoder_layers": 3, "decoder_layers": 3, "encoder_ffn_dim": 256}
    config |= {"decoder_ffn_dim": 256, "encoder_attention_heads": 4, "decoder_attention_heads": 4}
    model = BartForConditionalGeneration(BartConfig(**config, max_position_embeddings=64))
    config |= {"max_position_embeddings": 64}
    return {"config": {"model_type": "bart", **config}, "vocabulary": vocabulary, "weights": model.state_dict()}
