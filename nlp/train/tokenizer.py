"""Trains the tokenizer: one token a Hangul syllable, word pieces for Latin letters, bytes for all else.

Normalising lives inside tokenizer.json (so training and running cannot disagree): Unicode NFKC, lower case,
links, addresses and masks become one sign each, a letter repeated three times or more stays twice.
A token that begins a word carries the mark U+2581; the network also sees every token without its mark.
"""

from __future__ import annotations

from pathlib import Path

from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

PAD, UNK, CLS, SEP = "[PAD]", "[UNK]", "[CLS]", "[SEP]"
MARK = "▁"
LINK, PERSON, HIDDEN = "\ue001", "\ue002", "\ue003"


def normaliser() -> normalizers.Normalizer:
    """Rules applied to every text, in order. Each replacement sign is a private-use character."""
    return normalizers.Sequence(
        [
            normalizers.NFKC(),
            normalizers.Lowercase(),
            normalizers.Replace(Regex(r"https?://\S+|www\.\S+"), f" {LINK} "),
            normalizers.Replace(Regex(r"\[[가-힣]{2,8}\]"), f" {HIDDEN} "),
            normalizers.Replace(Regex(r"@[\w.]+"), f" {PERSON} "),
            normalizers.Replace(Regex(r"[’‘`´]"), "'"),
            normalizers.Replace(Regex(r"[\u200b-\u200f\ufe0f\u2028\u2029]"), ""),
            normalizers.Replace(Regex(r"(.)(?=\1\1)"), ""),
            normalizers.Replace(Regex(r"[0-9]+"), "0"),
            normalizers.Replace(Regex(r"\s+"), " "),
            normalizers.Strip(),
        ]
    )


def train_tokenizer(texts: list[str], vocab_size: int) -> Tokenizer:
    """A byte-pair tokenizer whose merges never cross a Hangul syllable, a digit or a sign."""
    tokenizer = Tokenizer(models.BPE(unk_token=UNK, byte_fallback=True))
    tokenizer.normalizer = normaliser()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Metaspace(replacement=MARK, prepend_scheme="always", split=True),
            pre_tokenizers.Split(Regex(rf"{MARK}?[a-z']+|{MARK}?[^a-z']"), behavior="isolated"),
        ]
    )
    tokenizer.decoder = decoders.Metaspace(replacement=MARK, prepend_scheme="always")
    specials = [PAD, UNK, CLS, SEP, *(f"<0x{byte:02X}>" for byte in range(256))]
    trainer = trainers.BpeTrainer(
        vocab_size=vocab_size, special_tokens=specials, limit_alphabet=4500, min_frequency=3, show_progress=False
    )
    tokenizer.train_from_iterator(texts, trainer)
    ends = [(CLS, tokenizer.token_to_id(CLS)), (SEP, tokenizer.token_to_id(SEP))]
    tokenizer.post_processor = processors.TemplateProcessing(single=f"{CLS} $A {SEP}", special_tokens=ends)
    return tokenizer


def base_ids(tokenizer: Tokenizer) -> list[int]:
    """For each token id the id of the same token without its word mark: '▁가' -> '가' (itself if there is none)."""
    vocab = tokenizer.get_vocab()
    bases = list(range(tokenizer.get_vocab_size()))
    for token, index in vocab.items():
        if token.startswith(MARK) and len(token) > 1:
            bases[index] = vocab.get(token.removeprefix(MARK), index)
    return bases


def save(tokenizer: Tokenizer, folder: Path, max_length: int) -> None:
    """tokenizer.json and what AutoTokenizer needs beside it."""
    from transformers import PreTrainedTokenizerFast

    folder.mkdir(parents=True, exist_ok=True)
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token=PAD, unk_token=UNK, cls_token=CLS, sep_token=SEP,
        model_max_length=max_length, model_input_names=["input_ids"], clean_up_tokenization_spaces=False,
    )  # fmt: skip
    fast.save_pretrained(folder)
