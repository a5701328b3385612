"""第四章：大语言模型的最新进展 / Chapter 4: recent progress of large language models.

在每个函数里写上你的代码，文字题和选择题写进 ANSWERS；函数名和参数不要改。约定见本章的 handout.zh.md。
Fill in the functions, write texts and choices into ANSWERS; keep names and parameters. Conventions: handout.en.md.

自查 / check yourself: grader check ch04_recent_progress.py
"""

ANSWERS = {
    # 4.2 MoE 是对 transformer block 中哪个部分的改进：A embedding，B attention，C FFN，D RMSNorm
    # 4.2 Which part of the transformer block MoE improves: A embedding, B attention, C FFN, D RMSNorm
    "moe_improves": "",
    # 4.3 文心 4.5 多模态模型里的视觉部分用的是什么模型结构：A 卷积网络，B 视觉 Transformer，C 循环网络，D 扩散模型
    # 4.3 The architecture of the vision part: A a CNN, B a vision transformer, C an RNN, D a diffusion model
    "vl_vision": "",
}


def parameter_total(config):
    """4.1 总的参数数量，精确到个位 / the exact number of parameters.

    config 是字典，即 config.json 的内容 / a dictionary, the content of a config.json. 返回 / returns: int
    """
    raise NotImplementedError


def parameter_breakdown(config):
    """4.1 各部分的参数数量 / parameters by component.

    返回 / returns: {"embedding": int, "attention": int, "ffn": int, "norm": int, "lm_head": int}
    """
    raise NotImplementedError


def rms_norm(hidden, weight, eps):
    """RMSNorm。hidden [n][d]，weight [d]。返回 / returns: float32 张量 / tensor [n, d]"""
    raise NotImplementedError


def rotary(vectors, positions, theta):
    """RoPE（相邻两维一对 / interleaved）。vectors [n][d]，positions [n]。返回 / returns: float32 [n, d]"""
    raise NotImplementedError


def grouped_query_attention(query, key, value):
    """GQA。query [heads][n][d]，key、value [kv_heads][n][d]。返回 / returns: float32 [heads, n, d]"""
    raise NotImplementedError


def train_poem_model(corpus):
    """4.4（进阶 / advanced）30 万参数的文心 4.5 结构的语言模型 / ERNIE 4.5's structure with 300,000 parameters.

    返回 / returns: {"config": {…}, "weights": {name: tensor}}
    """
    raise NotImplementedError
