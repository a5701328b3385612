"""One decoder layer of a causal model with a two-class head: the architecture of the classification exercise."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

import torch
from torch import nn

STEPS = 40
RATE = 2e-3

EXAMPLES = (
    ("这家面馆的牛肉面味道棒极了", 1),
    ("房间干净，服务也很周到", 1),
    ("孩子们玩得特别开心", 1),
    ("老师讲得清楚又有趣", 1),
    ("I would watch this film again", 1),
    ("手机用了两天就坏了", 0),
    ("排队一个小时，菜还是凉的", 0),
    ("客服的态度让人生气", 0),
    ("这本书无聊得看不下去", 0),
    ("The battery died on the first day", 0),
)


class SentimentModel(nn.Module):
    """Embedding (frozen, of the given model) → its first decoder layer → last token's state → two logits."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.backbone = [model.model]  # in a list: not a part, so that its weights are not this model's
        self.layer = copy.deepcopy(model.model.layers[0])
        self.head = nn.Linear(model.config.hidden_size, 2)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        """Logits [2] of one text's ids [n]; causal attention, positions from 0, no final norm."""
        (backbone,) = self.backbone
        embedded = backbone.embed_tokens(ids[None]).detach()
        positions = backbone.rotary_emb(embedded, torch.arange(ids.shape[0])[None])
        later = torch.full((ids.shape[0], ids.shape[0]), torch.finfo(embedded.dtype).min).triu(1)
        hidden = self.layer(embedded, attention_mask=later[None, None], position_embeddings=positions)
        logits: torch.Tensor = self.head(hidden[0, -1])
        return logits


def encode(tokenizer: Any, text: str) -> torch.Tensor:
    """Ids [n] of a text, without special tokens."""
    return torch.tensor(tokenizer(text, add_special_tokens=False)["input_ids"], dtype=torch.long)


def train(
    model: Any, tokenizer: Any, seed: int, examples: Sequence[tuple[str, int]] = EXAMPLES, steps: int = STEPS
) -> dict[str, Any]:
    """Train layer and head with Adam on all examples at once, `steps` times."""
    torch.manual_seed(seed)
    sentiment = SentimentModel(model).train()
    texts = [encode(tokenizer, text) for text, _ in examples]
    labels = torch.tensor([label for _, label in examples])
    optimiser = torch.optim.Adam(sentiment.parameters(), lr=RATE)
    for _ in range(steps):
        logits = torch.stack([sentiment(ids) for ids in texts])
        loss = nn.functional.cross_entropy(logits, labels)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    weights = {name: tensor.detach().clone() for name, tensor in sentiment.state_dict().items()}
    return {"examples": [list(example) for example in examples], "weights": weights}
