"""第五章：后训练与微调 / Chapter 5: post-training and fine-tuning.

在每个函数里写上你的代码，文字题写进 ANSWERS；函数名和参数不要改。约定见本章的 handout.zh.md。
Fill in the functions, write texts into ANSWERS; keep names and parameters. Conventions: handout.en.md.

自查 / check yourself: grader check ch05_post_training.py
"""

ANSWERS = {
    # 5.1 SFT 适用的场景是？（一段话）/ When is SFT the method to use? (one paragraph)
    "when_sft": "",
    # 5.2 DPO 适用的场景是？（一段话）/ When is DPO the method to use? (one paragraph)
    "when_dpo": "",
}


def sft_loss(model, tokenizer, question, answer):
    """只算回答部分的 SFT 损失 / the SFT loss on the tokens of the answer only. 返回 / returns: float"""
    raise NotImplementedError


def dpo_loss(policy_chosen, policy_rejected, reference_chosen, reference_rejected, beta):
    """DPO 损失，对批次取平均 / the DPO loss, mean over the batch. 返回 / returns: float"""
    raise NotImplementedError


def dpo_gradient(policy_chosen, policy_rejected, reference_chosen, reference_rejected, beta):
    """dpo_loss 对策略模型对数概率的梯度 / its gradient for the policy's log-probabilities.

    返回 / returns: 张量 / tensor [2, n]，第 0 行 chosen，第 1 行 rejected
    """
    raise NotImplementedError


def train_identity(model, tokenizer, preferences):
    """5.3（进阶 / advanced）用 DPO 训练出自我认知 / an identity by DPO.

    返回 / returns: {"weights": {name: tensor}}，只需改动过的张量 / only the tensors you changed
    """
    raise NotImplementedError
