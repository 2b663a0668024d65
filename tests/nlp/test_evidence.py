"""Evidence: what a text says that its writer may say again elsewhere, one sharp case for each kind."""

from pathlib import Path

import pytest

from contracts.errors import ConfigurationError
from nlp import evidence, rules

FILE = rules.BUNDLED / evidence.FILE
BOARDS = "board,cafe24,naver_commerce"
READ = evidence.reader(FILE, ("모아담", "moadam"))


def found(text: str, label: str) -> dict[str, str]:
    """value -> the words that made it."""
    return {finding.value: finding.evidence for finding in next(READ([text])) if finding.label == label}


@pytest.mark.parametrize(
    ("text", "products"),
    [
        ("포슬냄비뚜껑이 깨져서 왔어요", {"냄비"}),
        ("후라이팬 코팅이 벗겨졌고 달걀이 눌어붙어요", {"프라이팬", "계란"}),
        ("김치통이 새서 김치를 다 버렸어요", {"김치통"}),  # the kimchi is what is in it
        ("이불량품을 어떡하나요", set()),
        ("모아담이라면 믿고 샀는데 사과도 없네요", set()),
        ("지난주에 주문한 안마봉이 하루 만에 망가졌어요", {"안마봉"}),
        ("모아담에서 산 대나무발이 다 휘었어요", {"대나무발"}),
        ("주문한 상품이 안 와요. 모아담 배송기사가 불친절해요", set()),
    ],
)
def test_products_are_named_by_list_or_by_what_was_bought(text: str, products: set[str]) -> None:
    assert set(found(text, "product")) == products


def test_a_product_in_the_customers_own_words_is_a_guess() -> None:
    listed, guessed = (next(READ([text]))[0] for text in ("주문한 냄비가 깨졌어요", "주문한 족욕기가 깨졌어요"))
    assert (listed.score, guessed.score) == (1.0, 0.6)


@pytest.mark.parametrize(
    ("text", "events"),
    [
        ("주문했는데 깨져서 왔어요. 교환 요청했더니 규정상 안 된대요",
         "ordered,broken,received,exchange_asked,refused"),
        ("환불해 달라고 전화했는데 답변이 없네요. 지난달에 산 거예요", "refund_asked,contacted,no_answer,ordered"),
        ("I ordered it, it arrived broken and they refused to refund", "ordered,received,broken,refused,refund_asked"),
    ],
)
def test_events_stand_in_the_order_they_are_told(text: str, events: str) -> None:
    assert list(found(text, "events")) == [events]


def test_one_event_is_no_order() -> None:
    assert not found("환불해 주세요", "events")


@pytest.mark.parametrize(
    ("text", "tried"),
    [
        ("전화도 하고 게시판에도 올렸는데 소용없어요", {"phone": "전화도 하고", BOARDS: "게시판에도 올렸"}),
        ("맘카페에도 썼지만 X에도 남겼어요", {"naver_cafe,daum_cafe": "카페에도 썼", "x": "X에도 남겼"}),
        ("X랑 인스타에도 올렸어요", {"x": "X랑 인스타에도 올렸", "instagram": "인스타에도 올렸"}),
        ("1:1 문의 남겼더니 답이 없어요", {BOARDS: "1:1 문의 남겼"}),
        ("게시판에 올려도 되나요?", {}),
        ("아직 게시판에는 못 올렸어요", {}),
        ("전화번호로 신청했어요", {}),
        ("I posted on X about it and called them", {"x": "posted on X", "phone": "called them"}),
    ],
)  # fmt: skip
def test_places_tried_are_those_where_something_was_done(text: str, tried: dict[str, str]) -> None:
    assert found(text, "tried") == tried


@pytest.mark.parametrize(
    ("text", "details"),
    [
        ("11월 3일에 주문했고 11/8에 받았어요", {"11-03", "11-08"}),
        ("39,900원인데 3만 9천원이라더니", {"39900원", "39000원"}),
        ("배추 80포기 담갔어요. 한 통 말고 3통이요", {"80포기", "3통"}),
        ("전화를 네 번이나 했어요", {"전화 4번"}),
        ("2주째 3일마다 한 번씩, 13월 40일, 24/7 문의", set()),
    ],
)
def test_details_have_one_form(text: str, details: set[str]) -> None:
    assert set(found(text, "detail")) == details


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("모아담 택배 경비실에 있었네요 제가 못봤어요 머쓱.. 잘 받았습니다", "있었네요 제가"),
        ("(수정) 오해했네요. 설명서에 있었어요", "오해했네요"),
        ("잘 받았습니다. 근데 색이 왜 이래요?", ""),
        ("해결됐어요라더니 아직 그대로예요", ""),
        ("교환해 주세요", ""),
    ],
)
def test_a_complaint_taken_back(text: str, words: str) -> None:
    assert found(text, "taken_back") == ({"": words} if words else {})


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('"냄비"', '"냄비 세트"', "is no word; write it unspaced"),
        ("'환불', '반품'", "'(?:환불)', '반품'", "must begin with a letter"),
        ("'트위터'", "'트위(터'", "not a regular expression"),
        ("parts =", "pieces =", "'parts' is missing"),
    ],
)
def test_a_mistake_in_the_file_is_one_line(old: str, new: str, says: str, tmp_path: Path) -> None:
    path = tmp_path / evidence.FILE
    text = FILE.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ConfigurationError, match=evidence.FILE) as raised:
        evidence.check(path)
    assert says in raised.value.message
