"""Advertising, urgency, names, closings, replies, language, signatures: one sharp case for each rule."""

from pathlib import Path

import pytest

from nlp import due, language, reading_evaluation, rule_evaluation, topics
from nlp.tasks import BrandWords, RuleTask, rule_tasks

CONFIG = Path(__file__).parent.parent.parent / "config" / "topics.toml"
BRAND = BrandWords("moadam", ("모아담", "moadam"), (), ("모아담 어린이집",))
TASKS = {task.name: task for task in rule_tasks(CONFIG, [BRAND])}


def labels(task: str, text: str) -> dict[str, str]:
    return {tag.label: tag.value for tag in TASKS[task].tag([("0" * 24, text)])}


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("모아담 체험단으로 선정되어 제품을 제공받아 작성했어요", "advertising"),
        ("팔로우하고 친구를 태그하면 추첨을 통해 열 분께 드려요", "giveaway"),
        ("물류센터 야간 알바 모집합니다 시급 협의", "job_post"),
        ("[구인] 모아담 센터 주말 포장 시급 11,000 셔틀 운행", "job_post"),
        ("모아담 물류센터 하루 알바 다녀왔어요 허리가 아프네요", "job_post"),
        ("알바생이 실수했는지 다른 게 왔어요", "none"),
        ("[펌] 모아담 환불 후기 모음", "repost"),
        ("광고 팝업이 너무 많이 떠요", "none"),
        ("내돈내산이고 협찬 아님! 배송 늦어요", "none"),
        ("이벤트 당첨됐다더니 경품을 못 받았어요", "none"),
    ],
)
def test_noise(text: str, label: str) -> None:
    assert set(labels("advertising", text)) == {label}


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("모아담은 배송이 느려요", "about"),
        ("모아담에서 샀어요", "about"),
        ("@moadam_cs 답 좀 주세요", "about"),
        ("사진을 모아담은 앨범", "homonym"),
        ("추억을 모아담는 앨범", "homonym"),
        ("모아담을 처음 써 봤어요", "about"),
        ("추억을 모아담아 드려요", "homonym"),
        ("모아담 어린이집 입학설명회", "homonym"),
        ("아무 이름도 없는 글", "none"),
    ],
)
def test_names(text: str, label: str) -> None:
    assert set(labels("about", text)) == {label}


@pytest.mark.parametrize(
    ("text", "sign", "severity"),
    [
        ("먹고 식중독 걸려서 응급실 갔어요", "safety", "5"),
        ("소비자원에 신고하겠습니다", "legal", "4"),
        ("다들 불매합시다", "boycott", "3"),
        ("다시는 안 시켜요", "churn", "2"),
        ("이번이 세 번째 불량이고 소비자원에 접수했어요", "repeat", "5"),
    ],
)
def test_urgency(text: str, sign: str, severity: str) -> None:
    found = labels("urgency", text)
    assert sign in found
    assert found["severity"] == severity


def test_nothing_urgent_is_none() -> None:
    assert set(labels("urgency", "배송이 하루 늦었지만 괜찮아요")) == {"none"}


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("감사합니다 해결됐어요", "thanks"),
        ("네 알겠습니다", "thanks"),
        ("감사합니다만 아직 안 왔어요", "none"),
        ("환불해 주시면 감사하겠습니다", "none"),
        ("다섯번째 복붙 축하드립니다", "none"),
        ("매크로 답변 참 감사하네요", "none"),
        ("Thanks for nothing.", "none"),
    ],
)
def test_closing(text: str, label: str) -> None:
    assert set(labels("closing", text)) == {label}


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("소중한 말씀 감사합니다. 더 노력하겠습니다.", "boilerplate_like"),
        ("확인 결과 그런 불만은 없었습니다.", "denied"),
        ("규정상 교환은 어렵습니다.", "house_rules"),
        ("DM으로 성함과 연락처를 남겨 주세요.", "moved_private"),
        ("담당 부서에 전달하여 재발송해 드리겠습니다.", "next_step"),
        ("불편을 드려 죄송합니다.", "apologised"),
    ],
)
def test_replies(text: str, label: str) -> None:
    assert label in labels("reply", text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("내일까지 환불 처리해 드리겠습니다.", "date:tomorrow"),
        ("3영업일 이내에 입금될 예정입니다.", "business:3"),
        ("금일 중 연락드리겠습니다.", "date:today"),
        ("이번 주 내로 재발송해 드릴게요", "date:this_week"),
        ("24시간 이내에 답변드리겠습니다", "PT24H"),
        ("11월 25일까지 입고될 예정입니다", "date:11-25"),
        ("다음 주 화요일까지 발송하겠습니다", "date:next_week_tue"),
        ("we will refund you within 3-5 business days", "business:5"),
        ("구매 후 7일 이내에만 교환하실 수 있습니다", None),
        ("어제 발송했습니다", None),
    ],
)
def test_due_times(text: str, value: str | None) -> None:
    found = due.find(text)
    assert (found.value if found else None) == value


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("배송 늦어요", "ko"), ("ㅠㅠ", "ko"), ("my order is late", "en"), ("配送が遅いです", "other"),
        ("muy malo, no me gusta", "other"), ("👍👍", "other"), ("iPhone 15 Pro 케이스 별로", "ko"),
    ],
)  # fmt: skip
def test_language(text: str, expected: str) -> None:
    assert language.detect(text) == expected


def test_own_sets_hold_on_the_half_that_no_rule_was_mended_on() -> None:
    for own in reading_evaluation.own_sets(CONFIG):
        worked_on, untouched, *mending = (m for m in reading_evaluation.of_set(own) if m.measure == "macro-F1")
        assert worked_on.texts >= 30
        assert len(mending) == (own.name in {"urgency", "closing"})
        for measure in (untouched, *mending):
            assert measure.reached, f"{measure.name}: {measure.value:.3f}"


def test_copies_are_told_from_posts_on_the_same_matter() -> None:
    recall, precision = rule_evaluation.of_copies()
    assert recall.value >= 0.95
    assert precision.value >= 0.98


def test_a_version_changes_with_its_rules_and_brands_only(tmp_path: Path) -> None:
    copy = tmp_path / "topics.toml"
    copy.write_bytes(CONFIG.read_bytes())
    same = {task.name: task.version for task in rule_tasks(copy, [BRAND])}
    assert same == {name: task.version for name, task in TASKS.items()}
    (tmp_path / "urgency.toml").write_text('[[sign]]\nid = "x"\nname_ko = "x"\nweight = 1\nko = ["불매"]\n')
    changed = {task.name for task in rule_tasks(copy, [BRAND]) if task.version != same[task.name]}
    assert changed == {"urgency"}
    assert all(isinstance(task, RuleTask) for task in TASKS.values())


def test_files_beside_topics_toml_replace_the_bundled_ones(tmp_path: Path) -> None:
    (tmp_path / "topics.toml").write_bytes(CONFIG.read_bytes())
    (tmp_path / "urgency.toml").write_text(
        '[[sign]]\nid = "holiday"\nname_ko = "명절 선물"\nweight = 4\nko = ["명절|제사|선물 -오다"]\n', encoding="utf-8"
    )
    (tmp_path / "replies.toml").write_text(
        '[[reply]]\nid = "thanked"\nname_ko = "감사"\nko = ["/고맙소/"]\n'
        '[[closing]]\nid = "thanks"\nname_ko = "끝"\nko = ["/끝/"]\n',
        encoding="utf-8",
    )
    own = {task.name: task for task in rule_tasks(tmp_path / "topics.toml", [BRAND])}

    def read(task: str, text: str) -> dict[str, str]:
        return {tag.label: tag.value for tag in own[task].tag([("0" * 24, text)])}

    assert read("urgency", "제사 선물이 안 왔어요") == {"holiday": "", "severity": "4"}
    assert read("urgency", "식중독 걸렸어요") == {"none": ""}
    assert read("reply", "고맙소") == {"thanked": "", "boilerplate_like": ""}
    assert read("closing", "감사합니다") == {"none": ""}
    assert read("advertising", "체험단 제공받아 썼어요") == {"advertising": ""}
    assert len(topics.load_topics(tmp_path / "topics.toml")) == len(topics.load_topics(CONFIG))
