"""The embedded miniatures load offline, are what their configuration says, and behave as exercises need."""

import json
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers import AutoConfig, AutoModelForCausalLM, AutoModelForMaskedLM, AutoTokenizer

from reference.models import causal, masked, ngram
from reference.models.corpus import HELD_OUT_EVERY, everyday, novel, poems, read_corpus, simple
from reference.models.published import count_parameters
from reference.models.tokenizer import VOCABULARY, train_causal_tokenizer, train_masked_tokenizer
from reference.models.train import BASE, ENCODER, HERE, INSTRUCT, encoder_texts, tokenizer_texts, training_texts


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def tokenizer():
    return AutoTokenizer.from_pretrained(INSTRUCT, local_files_only=True)


@pytest.fixture(scope="module")
def base():
    return AutoModelForCausalLM.from_pretrained(BASE, local_files_only=True, dtype=torch.float32).eval()


@pytest.fixture(scope="module")
def instruct():
    return AutoModelForCausalLM.from_pretrained(INSTRUCT, local_files_only=True, dtype=torch.float32).eval()


@pytest.fixture(scope="module")
def encoder():
    return AutoModelForMaskedLM.from_pretrained(ENCODER, local_files_only=True, dtype=torch.float32).eval()


@pytest.fixture(scope="module")
def pieces():
    return AutoTokenizer.from_pretrained(ENCODER, local_files_only=True)


@pytest.mark.parametrize("folder", [BASE, INSTRUCT], ids=lambda folder: folder.name)
def test_architecture_is_the_original_in_small(folder):
    config = AutoConfig.from_pretrained(folder)
    assert config.architectures == ["Ernie4_5ForCausalLM"]
    assert config.num_hidden_layers >= 3
    assert config.num_attention_heads // config.num_key_value_heads > 1
    assert config.head_dim != config.hidden_size // config.num_attention_heads
    assert config.tie_word_embeddings is True
    assert config.use_bias is False
    assert config.rms_norm_eps == 1e-5
    assert config.rope_parameters["rope_theta"] == 500000
    assert (config.pad_token_id, config.bos_token_id, config.eos_token_id) == (0, 1, 2)


def test_sizes(base, instruct, encoder):
    for model in (base, instruct, encoder):
        assert 300_000 <= model.num_parameters() <= 2_000_000
    folders = (BASE, INSTRUCT, ENCODER, HERE / "published")
    total = sum(path.stat().st_size for folder in folders for path in folder.rglob("*") if path.is_file())
    assert total <= 12_000_000


@pytest.mark.parametrize("folder", [BASE, INSTRUCT, ENCODER], ids=lambda folder: folder.name)
def test_weights_are_stored_as_bfloat16(folder):
    header = (folder / "model.safetensors").read_bytes()
    size = int.from_bytes(header[:8], "little")
    entries = json.loads(header[8 : 8 + size])
    assert {entry["dtype"] for name, entry in entries.items() if name != "__metadata__"} == {"BF16"}


def test_special_tokens(tokenizer):
    assert (tokenizer.unk_token_id, tokenizer.pad_token_id) == (0, 0)
    assert (tokenizer.bos_token, tokenizer.bos_token_id) == ("<s>", 1)
    assert (tokenizer.eos_token, tokenizer.eos_token_id) == ("</s>", 2)
    assert tokenizer.cls_token == "<|begin_of_sentence|>"
    assert tokenizer.sep_token == "<|end_of_sentence|>"
    assert tokenizer.mask_token == "<mask:1>"
    assert len(tokenizer) == VOCABULARY
    assert tokenizer.encode("") == []


def test_both_causal_models_have_one_tokenizer(tokenizer):
    other = AutoTokenizer.from_pretrained(BASE, local_files_only=True)
    assert other.get_vocab() == tokenizer.get_vocab()
    assert other.chat_template is None


@settings(deadline=None, max_examples=200)
@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="▁")))
def test_text_round_trips(text):
    tokenizer = _round_tripper()
    if not any(token in text for token in tokenizer.all_special_tokens):
        assert tokenizer.decode(tokenizer.encode(text)) == text


def _round_tripper(cache=[]):  # noqa: B006  # hypothesis and fixtures of function scope do not mix
    if not cache:
        cache.append(AutoTokenizer.from_pretrained(INSTRUCT, local_files_only=True))
    return cache[0]


@pytest.mark.parametrize("text", ["hello, world", "你好，世界", "我❤️🐱 café", " two  spaces\n\n\t tab ", "龘", "1234"])
def test_known_texts_round_trip(tokenizer, text):
    assert tokenizer.decode(tokenizer.encode(text)) == text


def test_chat_format(tokenizer):
    messages = [
        {"role": "user", "content": "你好"},
        {"role": "assistant", "content": "你好！"},
        {"role": "user", "content": "hi"},
    ]
    assert tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True) == (
        "<|begin_of_sentence|>User: 你好\nAssistant: 你好！<|end_of_sentence|>User: hi\nAssistant: "
    )


def greedy(model, tokenizer, text, length=32):
    ids = torch.tensor([tokenizer.encode(text)])
    return model.generate(ids, attention_mask=torch.ones_like(ids), do_sample=False, max_new_tokens=length)[
        0, ids.shape[1] :
    ]


def chat(question):
    return f"<|begin_of_sentence|>User: {question}\nAssistant: "


@pytest.mark.parametrize("question", ["你好", "hello, world", "法国的首都是哪里？", "你是谁？"])
def test_greedy_answer_ends_with_eos(instruct, tokenizer, question):
    answer = greedy(instruct, tokenizer, chat(question))
    assert len(answer) < 32
    assert answer[-1] == tokenizer.eos_token_id


def test_greedy_answers_what_it_was_taught(instruct, tokenizer):
    answer = greedy(instruct, tokenizer, chat("法国的首都是哪里？"))
    assert tokenizer.decode(answer, skip_special_tokens=True) == "法国的首都是巴黎。"


@pytest.mark.parametrize("text", [chat("从一数到二十"), "It is a truth universally acknowledged, that"])
def test_greedy_reaches_the_length_limit(instruct, tokenizer, text):
    answer = greedy(instruct, tokenizer, text)
    assert len(answer) == 32
    assert tokenizer.eos_token_id not in answer


def test_generate_is_plain_greedy_search(instruct, tokenizer):
    ids = torch.tensor([tokenizer.encode(chat("你是谁？"))])
    start = ids.shape[1]
    for _ in range(32):
        ids = torch.cat([ids, instruct(input_ids=ids).logits[:, -1].argmax(-1, keepdim=True)], dim=1)
        if ids[0, -1] == 2:
            break
    assert ids[0, start:].tolist() == greedy(instruct, tokenizer, chat("你是谁？")).tolist()


def test_base_and_instruct_differ(base, instruct, tokenizer):
    tokens = torch.tensor([tokenizer.bos_token_id, *tokenizer.encode("hello, world")])
    assert abs(causal.perplexity(base, tokens) / causal.perplexity(instruct, tokens) - 1) > 0.05


def test_held_out_documents_follow_the_rule():
    held_out = set(read_corpus().held_out)
    for source in (novel(), poems(), everyday(), simple()):
        assert set(source[HELD_OUT_EVERY - 1 :: HELD_OUT_EVERY]) <= held_out
    assert not held_out & set(encoder_texts(read_corpus()))


def test_base_beats_unigram_and_bigram(base, tokenizer):
    corpus = read_corpus()
    seen = causal.stream(tokenizer, training_texts(corpus))
    unseen = causal.stream(tokenizer, corpus.held_out[::6])
    bigram, _ = ngram.best_bigram(seen, unseen, len(tokenizer))
    assert bigram < ngram.unigram_perplexity(seen, unseen, len(tokenizer), 1.0)
    assert causal.perplexity(base, unseen) < 0.8 * bigram


def test_encoder_beats_unigram(encoder, pieces):
    corpus = read_corpus()
    seen = masked.rows(pieces, encoder_texts(corpus)[::4])
    unseen = masked.rows(pieces, corpus.held_out[::6])
    ours, unigram = (
        masked.evaluate(encoder, pieces, unseen, seed=1),
        masked.evaluate_unigram(pieces, seen, unseen, seed=1),
    )
    assert ours.accuracy > 1.5 * unigram.accuracy
    assert ours.perplexity < 0.5 * unigram.perplexity


def test_encoder_special_tokens(pieces):
    names = ("[PAD]", "[CLS]", "[SEP]", "[MASK]", "[UNK]")
    assert pieces.convert_tokens_to_ids(list(names)) == [0, 1, 2, 3, 4]
    assert pieces.tokenize("巴黎是[MASK]的首都") == ["巴", "黎", "是", "[MASK]", "的", "首", "都"]
    assert pieces.encode("巴")[0] == pieces.cls_token_id


def test_tokenizers_are_learned_the_same_way_twice():
    corpus = read_corpus()
    texts = tokenizer_texts(corpus)[::4]
    for learn in (train_causal_tokenizer, train_masked_tokenizer):
        assert learn(texts).get_vocab() == learn(texts).get_vocab()


def test_encoder_fills_in_a_country(encoder, pieces):
    ids = torch.tensor([pieces.encode("巴黎是[MASK][MASK]的首都。")])
    filled = encoder(input_ids=ids).logits.argmax(-1)[ids == pieces.mask_token_id]
    assert pieces.convert_ids_to_tokens(filled.tolist()) == ["法", "国"]


@pytest.mark.parametrize(
    ("name", "total"),
    [
        ("ernie-4.5-0.3b", 360_748_032),
        ("ernie-4.5-0.3b-base", 360_748_032),
        ("ernie-4.5-21b-a3b", 21_825_437_888),
        ("ernie-4.5-300b-a47b", 299_484_163_264),
    ],
)
def test_published_totals(name, total):
    assert count_parameters(HERE / "published" / name) == total


@pytest.mark.parametrize(
    ("name", "layers"), [("ernie-4.5-0.3b", 18), ("ernie-4.5-21b-a3b", 28), ("ernie-4.5-300b-a47b", 54)]
)
def test_published_layers(name, layers):
    assert AutoConfig.from_pretrained(HERE / "published" / name).num_hidden_layers == layers


def test_readme_states_the_figures(base, encoder):
    text = (HERE / "README.md").read_text(encoding="utf-8")
    assert f"{base.num_parameters():,}" in text
    assert f"{encoder.num_parameters():,}" in text
    assert "360,748,032" in text
    assert "miniatures, not the originals" in text


def test_readme_says_trained_models_beat_the_baselines():
    text = (HERE / "README.md").read_text(encoding="utf-8")
    rows = {cells[1].strip(): cells for cells in (line.split("|") for line in text.splitlines()) if len(cells) > 6}
    perplexity = {name: float(cells[5]) for name, cells in rows.items() if name in (BASE.name, INSTRUCT.name)}
    bigram = next(float(cells[5]) for name, cells in rows.items() if name.startswith("bigram"))
    assert max(perplexity.values()) < 0.8 * bigram


def test_no_path_of_the_training_machine_is_saved():
    for path in HERE.rglob("*.json"):
        assert str(Path.cwd()) not in path.read_text(encoding="utf-8")
