"""Wrong numbers, each from a well-known mistake that the report should name."""

import torch

ANSWERS = {}


def token_ids(tokenizer, first, second):
    return [tokenizer.encode(token)[0] for token in (first, second)]  # tokenizes the token again


def vocabulary_and_embedding_size(model, tokenizer):
    rows, columns = model.get_input_embeddings().weight.shape
    return {"vocabulary": len(tokenizer), "embedding": [columns, rows]}


def published_embedding_size(settings):
    return [103424, 1024]  # right for the public case only


def token_similarity(model, tokenizer, first, second):
    a, b = model.get_input_embeddings().weight.detach()[tokenizer.convert_tokens_to_ids([first, second])]
    return (a @ b).item()  # not divided by the lengths


def sentence_similarity(model, tokenizer, first, second):
    batch = tokenizer([first, second], padding=True, return_tensors="pt")
    with torch.no_grad():
        a, b = model.get_input_embeddings()(batch.input_ids).mean(dim=1)  # the padding is in the mean
    return torch.cosine_similarity(a, b, dim=0).item()


def generate_without_blocks(model, tokenizer, prompt, max_new_tokens):
    token, tokens, total = tokenizer(prompt).input_ids[-1], [], 0.0
    for _ in range(max_new_tokens):
        with torch.no_grad():
            scores = model.lm_head(model.model.norm(model.model.embed_tokens(torch.tensor(token)))).log_softmax(-1)
        token = scores.argmax().item()
        tokens.append(token)
        total += scores[token].item()
        if token == tokenizer.eos_token_id:
            break
    return {"tokens": tokens, "log_probability": total}
