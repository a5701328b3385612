"""Right, by other ways than the reference: hooks, the library's own attentions, and a T5 whose weights lie beside."""

import json
from pathlib import Path

import torch
from safetensors.torch import load_file

HERE = Path(__file__).parent

ANSWERS = {
    "no_attention_lm": "B",
    "why_parallel": "An RNN's hidden state needs the hidden state of the previous step, so steps run one after another. "
    "Self-attention computes all positions at once as matrix products; in training a causal mask hides what comes later.",
}


def layer_count(config):
    if "text_config" in config:
        return layer_count(config["text_config"])
    return config["num_hidden_layers"]


class Silent:
    """Attention that adds nothing, while the block lasts."""

    def __init__(self, model):
        self.blocks = [layer.self_attn for layer in model.model.layers]

    def __enter__(self):
        self.hooks = [
            block.register_forward_hook(lambda module, inputs, output: (torch.zeros_like(output[0]), *output[1:]))
            for block in self.blocks
        ]

    def __exit__(self, *_):
        for hook in self.hooks:
            hook.remove()


@torch.no_grad()
def last(model, tokenizer, text):
    ids = tokenizer(text, add_special_tokens=False, return_tensors="pt").input_ids
    return model(input_ids=ids).logits[0, -1].softmax(-1)


def next_token_distribution_without_attention(model, tokenizer, text):
    with Silent(model):
        return last(model, tokenizer, text)


def context_effect(model, tokenizer, first, second):
    def distance():
        p, q = last(model, tokenizer, first), last(model, tokenizer, second)
        return 1 - torch.minimum(p.double(), q.double()).sum().item() / ((p.double().sum() + q.double().sum()) / 2).item()

    whole = distance()
    with Silent(model):
        return {"with_attention": whole, "without_attention": distance()}


@torch.no_grad()
def fill_mask(model, tokenizer, text):
    before, after = text.split("[MASK]")
    ids = [
        tokenizer.cls_token_id,
        *tokenizer.encode(before, add_special_tokens=False),
        tokenizer.mask_token_id,
        *tokenizer.encode(after, add_special_tokens=False),
        tokenizer.sep_token_id,
    ]
    chances = model(input_ids=torch.tensor([ids])).logits[0, ids.index(tokenizer.mask_token_id)].log_softmax(-1).exp()
    order = chances.argsort(descending=True)[:5].tolist()
    return [(tokenizer.convert_ids_to_tokens(i), chances[i].item()) for i in order]


@torch.no_grad()
def attention_weights(model, tokenizer, text, layer, head, position):
    model.set_attn_implementation("eager")
    ids = tokenizer(text, add_special_tokens=False, return_tensors="pt").input_ids
    return model(input_ids=ids, output_attentions=True).attentions[layer][0, head, position]


def sentiment_classifier(model, tokenizer):
    words = ["好吃", "漂亮", "便宜", "安静", "舒服"], ["难吃", "难看", "太贵", "吵闹", "难受"]
    examples = [[f"这个地方真的{word}", label] for label in (1, 0) for word in words[1 - label]]
    model.model.layers = model.model.layers[:1]
    model.model.norm = torch.nn.Identity()
    head = torch.nn.Linear(model.config.hidden_size, 2)
    layer = model.model.layers[0]
    optimiser = torch.optim.AdamW([*layer.parameters(), *head.parameters()], lr=1e-3)
    for _ in range(60):
        optimiser.zero_grad()
        for text, label in examples:
            ids = tokenizer(text, add_special_tokens=False, return_tensors="pt").input_ids
            states = model.model(input_ids=ids, use_cache=False).last_hidden_state
            torch.nn.functional.cross_entropy(head(states[0, -1])[None], torch.tensor([label])).backward()
        optimiser.step()
    module = torch.nn.ModuleDict({"layer": layer, "head": head})
    return {"examples": examples, "weights": {name: tensor.detach() for name, tensor in module.state_dict().items()}}


def train_translator(pairs):
    folder = HERE / "translator"
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    vocabulary = json.loads((folder / "vocabulary.json").read_text(encoding="utf-8"))
    return {"config": config, "vocabulary": vocabulary, "weights": load_file(folder / "model.safetensors")}
