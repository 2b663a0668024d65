"""The sentiment task: what it promises the tagger, long texts, and what it never loads."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from pathlib import Path

import numpy as np
import pytest

from contracts.errors import ConfigurationError
from nlp import calibration, evaluate_sets
from nlp.backends import batches
from nlp.sentiment import sentiment_task
from nlp.sentiment_model import LABELS, bundled, read_card
from nlp.sentiment_tokens import WordTokens
from nlp.train import corpus, own
from nlp.windows import together, windows

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def task():
    return sentiment_task()


def test_one_tag_a_text_in_order_with_all_three_probabilities(task):
    texts = [
        ("a", "배송이 3주째 안 와요 환불해주세요"),
        ("b", "포장도 꼼꼼하고 최고예요 👍"),
        ("c", "영업시간이 어떻게 되나요?"),
        ("d", ""),
    ]
    tags = list(task.tag(texts))
    assert [tag.text_hash for tag in tags] == ["a", "b", "c", "d"]
    assert [tag.label for tag in tags[:3]] == ["complaint", "praise", "neutral"]
    for tag in tags:
        shares = json.loads(tag.value)
        assert set(shares) == set(LABELS)
        assert sum(shares.values()) == pytest.approx(1, abs=2e-4)
        assert tag.score == shares[tag.label] == max(shares.values())
        assert (tag.task, tag.model, tag.model_version) == ("sentiment", task.model, task.version)


def test_a_text_reads_the_same_alone_and_among_others(task):
    texts = ["별로예요", "이 앱 정말 유용하게 잘 쓰고 있습니다 " * 5, "Where is my refund?", "ㅋㅋㅋㅋㅋ", "🙄"]
    together_read = task.probabilities(texts)
    alone = np.concatenate([task.probabilities([text]) for text in texts])
    assert np.abs(together_read - alone).max() < 1e-3


def test_words_give_the_same_tokens_as_the_tokenizer(task):
    nasty = [
        "",
        " ",
        "배송이 너무너무너무 느려요ㅠㅠㅠㅠ ㅋㅋㅋㅋㅋ",
        "@Shop my order #1234 is LATE!!! http://t.co/a?b=c 🙄🙄",
        "ㅋㅏ ㅎㅎ^^ ㅡㅡ;;",
        "[전화번호]로 [이메일] 연락요",
        "쀍뜷 漢字 ☃️ 👩‍👩‍👧",
        "한글자모분리",
        "a\u200bb \u200b c\tㅇㅇ\n좋아요~~~!!!",
        "…",
        "don’t 'quote' 10,000원",
        "％ＡＢ ｶﾞ ﷺ ①②③ ½",
        "=====",
        "가" * 300,
    ]
    expected = [one.ids for one in task.backend.tokenizer.backend_tokenizer.encode_batch_fast(nasty)]
    assert WordTokens(task.backend.tokenizer.backend_tokenizer).encode(nasty) == expected
    assert not any(task.backend.tokenizer.unk_token_id in ids for ids in expected)


def test_forgetting_words_loses_none_of_the_next_texts(task, monkeypatch):
    monkeypatch.setattr("nlp.sentiment_tokens.REMEMBERED", 3)
    words = WordTokens(task.backend.tokenizer.backend_tokenizer)
    texts = ["배송이 빨라서 정말 좋아요", "배송이 느려서 정말 별로예요"]
    assert [words.encode([text])[0] for text in [*texts, *texts]] == [*words.encode(texts), *words.encode(texts)]


def test_a_long_text_is_read_to_its_end(task):
    start = "지난 주말에 다녀온 이야기를 적어 봅니다. 차로 한 시간쯤 걸렸고 날씨는 흐렸습니다. " * 12
    complaint = "그런데 직원이 너무 불친절하고 음식에서 벌레가 나왔는데 사과도 환불도 없어서 정말 최악이었습니다. " * 3
    plain, angry = task.probabilities([start, start + complaint])
    assert angry[0] > plain[0] + 0.2


def test_windows_hold_every_token_between_the_special_ones():
    ids = [2, *range(10, 310), 3]
    found = windows(ids, 128)
    assert all(len(one) <= 128 and one[0] == 2 and one[-1] == 3 for one in found)
    assert {token for one in found for token in one} == set(ids)


def test_windows_without_a_judgement_do_not_outvote_one_with_it():
    read = np.array([[0.02, 0.96, 0.02], [0.9, 0.08, 0.02], [0.02, 0.96, 0.02]], dtype=np.float32)
    assert together(read, [128, 128, 128]).argmax() == LABELS.index("complaint")


def test_batches_keep_every_row_and_the_budget():
    lengths = [5, 90, 12, 12, 128, 7, 60] * 30
    found = list(batches(lengths, budget=512, rows=64))
    assert sorted(index for batch in found for index in batch) == list(range(len(lengths)))
    assert all(len(batch) * max(lengths[i] for i in batch) <= 512 for batch in found)


def test_version_and_threshold_load_nothing_heavy():
    code = (
        "import sys; from nlp.sentiment import UNCERTAIN_BELOW, sentiment_task; t = sentiment_task(); "
        "assert t.version and 0 < UNCERTAIN_BELOW < 1; "
        "sys.exit(bool({'onnxruntime', 'transformers', 'torch', 'tokenizers'} & sys.modules.keys()))"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def test_labels_nobody_can_guess_ask_for_a_map(tmp_path):
    config = {"id2label": {"0": "LABEL_0", "1": "LABEL_1"}}
    (tmp_path / "config.json").write_text(json.dumps(config))
    with pytest.raises(ConfigurationError, match="label_map"):
        read_card(tmp_path)
    other = tmp_path / "mapped"
    other.mkdir()
    config["gwidam"] = {"label_map": {"LABEL_0": "complaint", "LABEL_1": "praise"}}
    (other / "config.json").write_text(json.dumps(config))
    assert read_card(other).order == ("complaint", "praise")


def test_calibration_finds_the_scale_and_shift_that_were_hidden():
    rng = np.random.default_rng(7)
    polar = rng.normal(size=20_000) * 2
    neutral = rng.normal(size=20_000) - 1
    truth_p = calibration.from_log_odds(polar, neutral)
    labels = np.array([rng.choice(3, p=row) for row in truth_p])
    hidden = np.log(calibration.from_log_odds((polar - 0.4) / 0.5, (neutral + 0.3) / 2))
    found = calibration.fit(hidden, labels)
    assert found.polar == pytest.approx((0.5, 0.4), abs=0.06)
    assert found.neutral == pytest.approx((2.0, -0.3), abs=0.12)
    assert calibration.expected_calibration_error(found.probabilities(hidden), labels) < 0.02


def test_only_shippable_files_can_be_learnt_from(tmp_path):
    with pytest.raises(ValueError, match="never trained on"):
        next(corpus.read(tmp_path, "shop_reviews_ko_dev"))


def test_evaluation_and_training_hold_out_the_same_reviews():
    recipe = tomllib.loads((ROOT / "nlp" / "train" / "recipe.toml").read_text(encoding="utf-8"))
    assert recipe["seed"] == evaluate_sets.HELD_OUT_SEED
    assert recipe["held_out"]["movie_each_side"] == evaluate_sets.HELD_OUT_EACH_SIDE


def test_own_sentences_repeat_themselves_and_never_the_hand_written_set():
    rows = own.sentences(300, 300, seed=1)
    assert rows == own.sentences(300, 300, seed=1)
    assert not any("{" in row.text for row in rows)
    by_hand = {
        json.loads(line)["text"]
        for path in (evaluate_sets.HAND, evaluate_sets.FRESH)
        for line in path.read_text(encoding="utf-8").splitlines()
    }
    patterns = {line for language in ("ko", "en") for key in LABELS for line in own.patterns(language)[key]}
    assert not by_hand & ({row.text for row in rows} | patterns)


def test_the_package_is_small():
    sizes = [path.stat().st_size for path in bundled().iterdir()]
    assert sum(sizes) <= 25 * 2**20
