"""The packaged model holds its floors; without the data folder only the hand-written set is read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from nlp.evaluate_gate import BASELINE, data_folder, judge, measure, updated
from nlp.evaluate_sets import FRESH, HAND, SETS
from nlp.sentiment import sentiment_task


@pytest.mark.slow
def test_the_model_holds_its_floors():
    folder = data_folder()
    only = None if folder.exists() else ["hand", "fresh"]
    verdicts = judge(json.loads(BASELINE.read_text(encoding="utf-8")), measure(folder, sentiment_task(), only))
    assert verdicts, f"no floor was checked: {BASELINE} has none"
    assert not [one.problem for one in verdicts if one.problem]


def test_every_korean_set_and_the_airline_have_a_floor():
    floors = json.loads(BASELINE.read_text(encoding="utf-8"))["sets"]
    assert {one.name for one in SETS if one.korean or one.name == "airline"} <= floors.keys()


def test_a_floor_falls_only_with_a_reason():
    task = sentiment_task()
    found = measure(data_folder(), task, ["hand"])
    high = {"sets": {"hand": {"fingerprint": found["hand"].fingerprint, "floors": {"macro_f1": 0.999}}}}
    with pytest.raises(ValueError, match="--lower"):
        updated(high, found, task.version, lower=False, reason="")
    lowered = updated(high, found, task.version, lower=True, reason="a test")
    assert lowered["sets"]["hand"]["floors"]["macro_f1"] < 0.999
    assert lowered["lowered"][0]["reason"] == "a test"


@pytest.mark.parametrize(("path", "each"), [(HAND, 100), (FRESH, 40)])
def test_a_hand_written_set_is_balanced_and_its_own(path: Path, each: int):
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    labels = [row["label"] for row in rows]
    assert len(rows) == 3 * each == len({row["text"] for row in rows})
    assert {label: labels.count(label) for label in set(labels)} == dict.fromkeys(
        ("complaint", "neutral", "praise"), each
    )
