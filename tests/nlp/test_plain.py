"""The shortcut past the analyser says what the analyser would have said."""

import re
from pathlib import Path

from nlp import patterns, rule_sets
from nlp.morphemes import analyse
from nlp.plain import find
from nlp.rules import RuleReader
from nlp.syllables import beginnings, shape
from nlp.topics import load_topics

CONFIG = Path(__file__).parent.parent.parent / "config" / "topics.toml"


def test_plain_matches_are_matches() -> None:
    rules = [topic.rule for topic in load_topics(CONFIG)]
    plain = RuleReader(rules)._plain
    found = confirmed = 0
    for _, text in rule_sets.topic_rows():
        sentence = text.split(".")[0].split("?")[0]
        tokens = analyse(sentence)
        words = patterns.readings(tokens)
        runs = plain.units(sentence)
        for pattern in (p for rule in rules for p in rule.ko if p.plain_elements):
            if pattern.quick.search(sentence) and find(pattern.plain_elements, runs):
                found += 1
                confirmed += patterns.find(pattern, tokens, words) is not None
    assert found > 60
    assert confirmed / found >= 0.95


def test_a_stem_shows_every_ending_it_takes() -> None:
    for stem, looks in {
        "느리": "느려요 느립니다 느린 느렸어요 느리고",
        "빠르": "빨라요 빠르고 빨랐어요 빠릅니다",
        "오": "와요 왔어요 온 옵니다",
        "춥": "추워요 춥고",
        "늦": "늦어요 늦네요",
        "하": "해요 했어요 합니다",
        "되": "돼요 됐어요 됩니다",
    }.items():
        for look in looks.split():
            assert re.match(shape(stem), look), look
            assert any(look.startswith(key) for key in beginnings(stem + "다", verb=True)), look
    assert not re.match(shape("늦"), "느려요")
