"""A model of the right structure and size that was never trained."""

from transformers import Ernie4_5Config, Ernie4_5ForCausalLM


def train_poem_model(corpus):
    config = {"vocab_size": len(set(corpus)), "hidden_size": 80, "intermediate_size": 192, "num_hidden_layers": 3}
    config |= {"num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 20}
    return {"config": config, "weights": Ernie4_5ForCausalLM(Ernie4_5Config(**config)).state_dict()}
