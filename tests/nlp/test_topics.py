"""Topics: morphemes and negation decide, quality holds, and a wrong file is told in one line."""

from pathlib import Path

import pytest

from contracts.errors import ConfigurationError
from nlp import rule_evaluation
from nlp.topics import load_teams, load_topics, reader

CONFIG = Path(__file__).parent.parent.parent / "config" / "topics.toml"


def read(text: str) -> dict[str, str]:
    [findings] = reader(CONFIG, ("모아담",))([text])
    return {finding.label: finding.evidence for finding in findings}


def test_macro_f1_on_our_own_sentences() -> None:
    [measure] = rule_evaluation.of_topics(CONFIG)
    assert measure.texts >= 300
    assert measure.value >= 0.75


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("배송이 너무 느려요", "delivery_late"),
        ("택배가 아직도 안 왔어요", "delivery_late"),
        ("교환해 달라니까 규정상 안 된대요", "refused_by_rules"),
        ("전화를 아예 안 받아요", "no_answer"),
        ("깨져서 왔어요", "delivery_damaged"),
        ("배송이 늦지 않았어요", "praise_delivery"),
        ("my package still hasn't arrived", "delivery_late"),
        ("연락도 안 되고 답답합니다", "no_answer"),
    ],
)
def test_finds_with_evidence_from_the_text(text: str, topic: str) -> None:
    found = read(text)
    assert topic in found
    assert found[topic] in text


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("허리가 안 아프다", "product_defect"),
        ("배송비가 비싸요", "delivery_late"),
        ("배송이 늦지 않았어요", "delivery_late"),
        ("늦을까 봐 걱정했는데 빨리 왔어요", "delivery_late"),
        ("불친절해요", "praise_service"),
        ("하자 없이 잘 받았어요", "product_defect"),
        ("배송은 느린데 포장은 좋아요", "praise_delivery"),
        ("the delivery was not late", "app_error"),
    ],
)
def test_is_not_fooled(text: str, topic: str) -> None:
    assert topic not in read(text)


def test_every_topic_names_a_team_and_asks_it_something() -> None:
    teams = {team.id for team in load_teams(CONFIG)}
    topics = load_topics(CONFIG)
    assert {topic.team for topic in topics} == teams
    assert all(topic.question.endswith(("?", ".")) for topic in topics)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("team = \"cs\"", "team = \"legal\""), "team 'legal' has no [[team]] block"),
        (("polarity = \"complaint\"", "polarity = \"bad\""), "polarity must be one of"),
        (("question = ", "qestion = "), "did you mean 'question'?"),
        (("ko = [\"답변 없다\"]", "ko = [\"답변! 없다\"]"), "is not a word"),
        (("ko = [\"답변 없다\"]", "ko = [\"/(답변/\"]"), "not a regular expression"),
        (("ko = [\"답변 없다\"]", "ko = [\"{answer} 없다\"]"), "no set 'answer' in [sets]"),
        (("[[topic]]", "[[topic]"), "not readable as TOML"),
    ],
)
def test_a_wrong_file_says_where_and_what_to_do(tmp_path: Path, change: tuple[str, str], words: str) -> None:
    good = (
        '[[team]]\nid = "cs"\nname_ko = "CS"\nname_en = "CS"\n'
        '[[topic]]\nid = "no_answer"\nname_ko = "무응답"\nname_en = "No answer"\nteam = "cs"\n'
        'polarity = "complaint"\nquestion = "왜 답이 없었나요?"\nko = ["답변 없다"]\n'
    )
    path = tmp_path / "topics.toml"
    path.write_text(good, encoding="utf-8")
    assert [topic.id for topic in load_topics(path)] == ["no_answer"]
    path.write_text(good.replace(*change), encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"topics\.toml") as raised:
        load_topics(path)
    assert words in raised.value.message
    assert "\n" not in raised.value.message
