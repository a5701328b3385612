"""Each function with a mistake that students make; see the chapter's misconceptions."""

import math

import torch

ANSWERS = {"when_sft": "随时都可以。", "when_dpo": "随时都可以。"}


def sft_loss(model, tokenizer, question, answer):
    prompt = tokenizer.encode(f"User: {question}\nAssistant: ", add_special_tokens=False)
    reply = tokenizer.encode(answer, add_special_tokens=False)
    ids = torch.tensor([[tokenizer.cls_token_id, *prompt, *reply, tokenizer.eos_token_id]])
    with torch.no_grad():
        return model(input_ids=ids, labels=ids).loss.item()


def dpo_loss(policy_chosen, policy_rejected, reference_chosen, reference_rejected, beta):
    margins = [a - b for a, b in zip(policy_chosen, policy_rejected)]
    return sum(math.log1p(math.exp(-beta * m)) for m in margins) / len(margins)


def dpo_gradient(policy_chosen, policy_rejected, reference_chosen, reference_rejected, beta):
    rows = zip(policy_chosen, policy_rejected, reference_chosen, reference_rejected)
    row = [beta / (1 + math.exp(beta * ((a - c) - (b - d)))) / len(policy_chosen) for a, b, c, d in rows]
    return torch.tensor([row, [-g for g in row]])


def train_identity(model, tokenizer, preferences):
    return {"weights": [tensor for tensor in model.model.norm.state_dict().values()]}
