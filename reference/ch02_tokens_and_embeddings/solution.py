"""Chapter 2, tokens and embeddings: the reference answers, in plain torch and transformers.

A token is a piece of text in the spelling of the vocabulary: a leading space is written `▁` (U+2581), a byte `<0xE4>`.
The embedding layer E is a matrix of one row for each token id: [rows, columns].
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from transformers import PreTrainedModel, PreTrainedTokenizerBase

ANSWERS: dict[str, str] = {}


def token_ids(tokenizer: PreTrainedTokenizerBase, first: str, second: str) -> list[int]:
    """The ids of two tokens, looked up as they are written; a token that is not in the vocabulary has the id of <unk>.

    The text is not tokenized again: `<0xE4>` is one byte token here, not six characters.
    """
    vocabulary = tokenizer.get_vocab()
    return [vocabulary.get(token, tokenizer.unk_token_id) for token in (first, second)]


def embedding_matrix(model: PreTrainedModel) -> torch.Tensor:
    """The embedding layer's weights [rows, columns], without gradients."""
    return model.get_input_embeddings().get_parameter("weight").detach()


def vocabulary_and_embedding_size(
    model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase
) -> dict[str, int | list[int]]:
    """How many tokens the tokenizer knows, special and added ones included, and the shape of the embedding layer.

    Returns:
        `vocabulary`: `len(tokenizer)`; `embedding`: [rows, columns]. Published models may have more rows than tokens.
    """
    return {"vocabulary": len(tokenizer), "embedding": list(embedding_matrix(model).shape)}


def published_embedding_size(settings: Mapping[str, Any]) -> list[int]:
    """[rows, columns] of the embedding layer that a published `config.json` describes: vocab_size x hidden_size."""
    return [settings["vocab_size"], settings["hidden_size"]]


def cosine(a: torch.Tensor, b: torch.Tensor) -> float:
    """a·b / (|a| |b|) of two vectors [d], in float64."""
    a, b = a.double(), b.double()
    return float(a @ b / (a.norm() * b.norm()))


def token_similarity(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, first: str, second: str) -> float:
    """Cosine of the embedding rows of two tokens (looked up as in `token_ids`)."""
    a, b = embedding_matrix(model)[token_ids(tokenizer, first, second)]
    return cosine(a, b)


def sentence_vector(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, text: str) -> torch.Tensor:
    """The mean of the embedding rows of a text's tokens, without special tokens: [d]."""
    ids = tokenizer.encode(text, add_special_tokens=False)
    return embedding_matrix(model)[ids].double().mean(dim=0)


def sentence_similarity(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, first: str, second: str) -> float:
    """Cosine of two sentence vectors; a token that occurs twice counts twice."""
    return cosine(sentence_vector(model, tokenizer, first), sentence_vector(model, tokenizer, second))


def generate_without_blocks(
    model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, prompt: str, max_new_tokens: int
) -> dict[str, list[int] | float]:
    """Greedy decoding with the embedding layer and the LM head alone: logits = head(E[last token]).

    No transformer block and no final norm lies between, so only the last token counts. The prompt is encoded as
    `tokenizer(prompt)` does; decoding ends with `</s>`, which is part of the output, or after `max_new_tokens` tokens.

    Returns:
        `tokens`: ids of the new tokens; `log_probability`: the sum of their ln P, where P = softmax(logits).
    """
    embedding, head = model.get_input_embeddings(), model.get_output_embeddings()
    last = tokenizer(prompt).input_ids[-1]
    tokens: list[int] = []
    total = 0.0
    while len(tokens) < max_new_tokens and tokenizer.eos_token_id not in tokens:
        with torch.no_grad():
            scores = head(embedding(torch.tensor(last))).double().log_softmax(dim=-1)
        last = int(scores.argmax())
        tokens.append(last)
        total += float(scores[last])
    return {"tokens": tokens, "log_probability": total}
