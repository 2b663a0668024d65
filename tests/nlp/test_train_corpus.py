"""What may be learnt from: shippable rows only, never a held-out film review, never a text kept back."""

from __future__ import annotations

import gzip
import json
import random
import re
import tomllib
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp.train import corpus, own
from nlp.train.corpus import COMPLAINT, PRAISE, text_key
from nlp.train.encoded import is_kept_back, kind

QUICK = settings(max_examples=30, deadline=None)
FORBIDDEN = "유출금지어"
BETWEEN = ("", " ", "  ", ".. ", "~", "!! ", "\u200b", " ♥ ", "_")
PIECES = st.lists(st.tuples(st.text("가요별ㅋabz09", min_size=1, max_size=5), st.sampled_from(BETWEEN)), min_size=1)


def rewritten(text: str, rng: random.Random) -> str:
    """The same letters with other spaces, signs and capitals: a copy that must not be learnt from."""
    return "".join(word + rng.choice(BETWEEN) for word in text.upper().split())


def test_nothing_of_a_file_that_may_not_ship_is_learnt(small_data: Path) -> None:
    rows = corpus.load(small_data, each_side=3, seed=1)
    texts = [row.text for row in rows] + corpus.unlabelled(small_data)
    assert texts and not [text for text in texts if FORBIDDEN in text]
    files = [path for path in small_data.iterdir() if FORBIDDEN in gzip.decompress(path.read_bytes()).decode()]
    assert len(files) == 4
    for path in files:
        with pytest.raises(ValueError, match="never trained on"):
            next(corpus.read(small_data, path.name.removesuffix(".jsonl.gz")))


def test_what_is_read_is_what_the_data_page_marks_as_shippable(data_folder: Path) -> None:
    page = data_folder.parent / "data.md"
    if not page.exists():
        pytest.skip(f"no {page} to hold the list of shippable files against")
    marked = {
        cells[1].split(" / ")[0].strip()
        for cells in (line.split("|") for line in page.read_text(encoding="utf-8").splitlines())
        if len(cells) > 5 and "**yes**" in cells[5]
    }
    assert set(corpus.SHIPPABLE) == marked


def test_every_labelled_file_is_read_under_a_name_of_its_own(small_data: Path) -> None:
    rows = corpus.load(small_data, each_side=3, seed=1)
    assert {row.domain for row in rows} == {
        "movie", "shop", "game", "kote", "goemotions_en", "goemotions_ko", "uci", "daily",
    }  # fmt: skip
    assert all(abs(sum(row.target) - 1) < 1e-9 and min(row.target) > 0 for row in rows)


@pytest.mark.parametrize(
    ("words", "label"),
    [
        ("실망이에요|별로예요|It broke|awful|끔찍", 0),
        ("네 .*궁금해요|어떻게 되나요\\? 오늘|what time|몇 시", 1),
        ("좋아요|만족스러|It works|thank you|감사합니다", 2),
    ],
)
def test_every_file_says_the_side_that_its_words_say(small_data: Path, words: str, label: int) -> None:
    """Stars, 0/1 labels, emotions and small talk, each counted the right way round."""
    rows = [row for row in corpus.load(small_data, each_side=3, seed=1) if re.search(words, row.text)]
    assert len({row.domain for row in rows}) >= 3
    assert {row.target.index(max(row.target)) for row in rows} == {label}


def films(folder: Path, rows: list[tuple[str, int]]) -> None:
    with gzip.open(folder / "movie_reviews_ko.jsonl.gz", "wt", encoding="utf-8") as lines:
        lines.writelines(json.dumps({"text": text, "rating": rating}) + "\n" for text, rating in rows)


def test_a_held_out_film_review_never_trains_nor_does_a_copy_of_it(small_data: Path, tmp_path: Path) -> None:
    for path in small_data.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    rng = random.Random(3)
    reviews = [(row["text"], int(row["rating"])) for row in corpus.read(small_data, "movie_reviews_ko")]
    copies = [(rewritten(text, rng), rating) for text, rating in reviews for _ in range(3)]
    middling = [(rewritten(text, rng), 7) for text, rating in reviews if rating != 7]
    everything = reviews + copies + middling
    rng.shuffle(everything)
    films(tmp_path, everything)
    held_out = corpus.held_out_movies(tmp_path, 12, seed=5)
    assert len(held_out) == 24 == len({text_key(text) for text, _ in held_out})
    trained = [row for row in corpus.load(tmp_path, each_side=12, seed=5) if row.domain == "movie"]
    assert len(trained) > 100
    assert not {text_key(text) for text, _ in held_out} & {text_key(row.text) for row in trained}
    known = {text_key(row.text): row for row in trained}
    assert {text_key(text) for text, _ in reviews} - known.keys() == {text_key(text) for text, _ in held_out}


def test_the_same_reviews_are_held_out_in_whatever_order_the_file_is(small_data: Path, tmp_path: Path) -> None:
    reviews = [(row["text"], int(row["rating"])) for row in corpus.read(small_data, "movie_reviews_ko")]
    films(tmp_path, reviews[::-1])
    here, there = corpus.held_out_movies(small_data, 9, 5), corpus.held_out_movies(tmp_path, 9, 5)
    assert sorted(here) == sorted(there)
    assert sorted(here) != sorted(corpus.held_out_movies(small_data, 9, 6)), "the seed chooses"


def test_a_review_of_both_sides_and_one_of_middle_points_measure_nothing(tmp_path: Path) -> None:
    rows = [("이 영화 어때요", 1), ("이 영화 어때요!", 10), ("볼만합니다", 7), ("지루함", 2), ("명작", 9), ("ㅋ", 1)]
    films(tmp_path, rows)
    assert sorted(corpus.held_out_movies(tmp_path, 10, 1)) == [("명작", PRAISE), ("지루함", COMPLAINT)]


def test_film_points_have_the_sides_of_the_task() -> None:
    kinds = {points: kind(corpus.Row("", target, "movie")) for points, target in corpus.MOVIE_TARGETS.items()}
    sides = ["movie_complaint"] * 4 + ["movie_middle"] * 4 + ["movie_praise"] * 2
    assert kinds == dict(zip(range(1, 11), sides, strict=True))
    leaning = [target[2] - target[0] for _, target in sorted(corpus.MOVIE_TARGETS.items())]
    assert leaning == sorted(leaning)


def test_emotions_say_the_side_a_reader_would() -> None:
    def side(target: corpus.Target) -> int:
        return target.index(max(target))

    assert [side(corpus.kote_target(labels)) for labels in ([0, 22], [24], [4, 42], [12, 39, 24])] == [0, 1, 2, 1]
    emotions = (["annoyance"], ["neutral"], ["gratitude", "curiosity", "joy"], ["confusion", "surprise", "anger"])
    assert [side(corpus.go_target(list(one))) for one in emotions] == [0, 1, 2, 1]
    assert not corpus.KOTE_COMPLAINT & corpus.KOTE_PRAISE and not corpus.GO_COMPLAINT & corpus.GO_PRAISE


@QUICK
@given(pieces=PIECES)
def test_a_text_is_kept_back_with_all_its_copies(pieces: list[tuple[str, str]]) -> None:
    text, copy = " ".join(word for word, _ in pieces), "".join(word + between for word, between in pieces).upper()
    assert text_key(text) == text_key(copy)
    assert is_kept_back(text, 0.5, 1) is is_kept_back(copy, 0.5, 1)
    assert not is_kept_back(text, 0.0, 1) and is_kept_back(text, 1.0, 1)


def test_the_share_kept_back_is_the_one_asked_for_and_the_seed_chooses() -> None:
    texts = [f"{number}번째 후기" for number in range(4_000)]
    first = [is_kept_back(text, 0.1, 1) for text in texts]
    assert 330 < sum(first) < 470
    assert first != [is_kept_back(text, 0.1, 2) for text in texts]


def test_a_text_without_letters_is_only_equal_to_itself() -> None:
    assert text_key("🙄 🙄") == text_key("🙄🙄") != text_key("👍👍")


@pytest.fixture(scope="module")
def written_by_us() -> list[corpus.Row]:
    return own.sentences(600, 600, seed=3)


def test_own_sentences_have_one_class_each_and_no_open_slot(written_by_us: list[corpus.Row]) -> None:
    classes: dict[str, set[corpus.Target]] = {}
    for row in written_by_us:
        classes.setdefault(row.text, set()).add(row.target)
    assert not [text for text, targets in classes.items() if len(targets) > 1]
    assert not [text for text in classes if not text.strip() or re.search(r"[{}]", text)]
    counts = {label: sum(row.target == corpus.HARD[label] for row in written_by_us) for label in range(3)}
    assert counts == {0: 600 + 840, 1: 1200, 2: 600 + 480}


def test_every_own_pattern_is_used_and_every_slot_known() -> None:
    recipe = tomllib.loads((Path(own.__file__).parent / "recipe.toml").read_text(encoding="utf-8"))["own"]
    asked = {"ko": recipe["korean"], "en": recipe["english"] * 0.8}
    for language in ("ko", "en"):
        mine = own.patterns(language)
        lines = [line for name in ("complaint", "neutral", "praise") for line in mine[name]]
        fillers = [filler for values in mine["slots"].values() for filler in values]
        named = {name for line in lines + fillers for name in re.findall(r"\{(\w+)\}", line)}
        assert named == mine["slots"].keys(), f"own_{language}.toml: slots without a use, or uses without a slot"
        assert max(map(len, (mine["complaint"], mine["neutral"], mine["praise"]))) < asked[language]
        assert all(len(lines) == len(set(lines)) for lines in (mine["complaint"], mine["neutral"], mine["praise"]))


@QUICK
@given(text=st.text("배송이 늦어요좋아.!?abcdefg ", min_size=1, max_size=30), roll=st.randoms(use_true_random=False))
def test_noise_leaves_a_text_recognisable(text: str, roll: random.Random) -> None:
    """Typing noise loses spaces and signs, and changes a letter or two: what was said stays said."""
    before, after = (Counter(re.findall(r"\w", one.lower())) for one in (text, own.noisy(text, roll)))
    assert ((before - after) + (after - before)).total() <= 3
