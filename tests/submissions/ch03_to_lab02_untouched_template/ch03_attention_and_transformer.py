"""第三章：注意力机制与 Transformer 结构 / Chapter 3: attention and the transformer.

在每个函数里写上你的代码，文字题和选择题写进 ANSWERS；函数名和参数不要改。约定见本章的 handout.zh.md。
Fill in the functions, write texts and choices into ANSWERS; keep names and parameters. Conventions: handout.en.md.

自查 / check yourself: grader check ch03_attention_and_transformer.py
"""

ANSWERS = {
    # 3.2 去掉 attention 后是什么样的语言模型：A unigram，B bigram，C trigram，D conditioned on previous tokens
    # 3.2 What language model remains without attention: A unigram, B bigram, C trigram, D on all previous tokens
    "no_attention_lm": "",
    # 3.3 为什么 transformer 可以并行化，而 RNN/LSTM 不行？（一段话）
    # 3.3 Why can a transformer be parallelised, and an RNN or LSTM not? (one paragraph)
    "why_parallel": "",
}


def layer_count(config):
    """3.1 有多少层 transformer block / how many transformer blocks.

    config 是字典，即 config.json 的内容 / a dictionary, the content of a config.json. 返回 / returns: int
    """
    raise NotImplementedError


def next_token_distribution_without_attention(model, tokenizer, text):
    """3.2 去掉每层的 attention 后，text 之后下一个 token 的分布 / next-token distribution without attention.

    返回 / returns: float32 张量 / tensor [vocabulary]
    """
    raise NotImplementedError


def context_effect(model, tokenizer, first, second):
    """3.2 两段上文之后的分布相差多少（全变差距离）/ total variation distance after two texts.

    返回 / returns: {"with_attention": float, "without_attention": float}
    """
    raise NotImplementedError


def fill_mask(model, tokenizer, text):
    """3.4 [MASK] 处概率最大的 5 个 token / the five most probable tokens for [MASK].

    返回 / returns: [[token, probability], …]，从大到小 / most probable first
    """
    raise NotImplementedError


def attention_weights(model, tokenizer, text, layer, head, position):
    """3.5 position 处的 token 对每个 token 的 attention weight / attention of one token to every token.

    返回 / returns: float32 张量 / tensor [tokens]，和为 1 / sums to 1
    """
    raise NotImplementedError


def sentiment_classifier(model, tokenizer):
    """3.6（进阶 / advanced）embedding + 第一层 + 二分类 head，overfit 自己的 10 条数据 / overfit ten sentences.

    返回 / returns: {"examples": [[sentence, 0 or 1], …], "weights": {name: tensor}}
    """
    raise NotImplementedError


def train_translator(pairs):
    """3.7（进阶 / advanced）从头训练一个 encoder-decoder 翻译模型 / a translator trained from scratch.

    返回 / returns: {"config": {…}, "vocabulary": […], "weights": {name: tensor}}
    """
    raise NotImplementedError
