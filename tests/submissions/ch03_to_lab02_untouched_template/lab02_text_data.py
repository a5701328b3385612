"""实验二：处理文本数据 / Lab 2: working with text data.

在每个函数里写上你的代码，文字题和选择题写进 ANSWERS；函数名和参数不要改。约定见本实验的 handout.zh.md。
Fill in the functions, write texts and choices into ANSWERS; keep names and parameters. Conventions: handout.en.md.

自查 / check yourself: grader check lab02_text_data.py
"""

ANSWERS = {
    # 为什么需要 <|unk|>：A 标记结束，B 代替词汇表之外的词，C 填充，D 表示位置
    # Why <|unk|>: A marks the end, B stands for words outside the vocabulary, C fills a batch, D marks a position
    "why_unknown": "",
    # 为什么要给词元嵌入加上位置嵌入？（一两句话）/ Why are position embeddings added? (one or two sentences)
    "why_positions": "",
}


def tokenize_words(text):
    """切成单词和标点 / cut into words and punctuation. 返回 / returns: [str, …]"""
    raise NotImplementedError


def build_vocabulary(text):
    """词汇表，末尾是 <|endoftext|> 和 <|unk|> / vocabulary with the two specials last. 返回 / returns: {str: int}"""
    raise NotImplementedError


def encode_documents(text, documents):
    """用 text 的词汇表编码几篇文本 / ids of documents with the vocabulary of text. 返回 / returns: [int, …]"""
    raise NotImplementedError


def decode_ids(text, ids):
    """由词元 ID 得到文本 / text from ids. 返回 / returns: str"""
    raise NotImplementedError


def train_bpe(text, merges):
    """学习合并规则 / learn merges. 返回 / returns: [[left, right], …]"""
    raise NotImplementedError


def encode_bpe(merges, text):
    """按顺序使用合并规则 / apply merges in order. 返回 / returns: [str, …]"""
    raise NotImplementedError


def sliding_windows(ids, length, stride):
    """滑动窗口采样 / sliding windows. 返回 / returns: {"inputs": [[int]], "targets": [[int]]}"""
    raise NotImplementedError


def input_embeddings(token_table, position_table, ids):
    """词元嵌入 + 绝对位置嵌入 / token plus absolute position embeddings. float32 [batch, length, d]"""
    raise NotImplementedError
