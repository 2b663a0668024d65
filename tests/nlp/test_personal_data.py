"""Masking: recall and precision on our own lines, particles, and the properties that hold for any text."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp import rule_evaluation
from nlp.checksums import is_business_number, is_card_number, is_day, is_ean13, is_resident_number
from nlp.personal_data import mask

DIGITS = st.text("0123456789", min_size=4, max_size=4)
PARTICLES = st.sampled_from(["", "로", "으로", "이에요", "인데", "은", "입니다", "에서"])


def test_recall_and_precision_on_our_own_lines() -> None:
    recall, precision = rule_evaluation.of_personal_data()
    assert recall.texts >= 500
    assert recall.value >= 0.99
    assert precision.value >= 0.98


@given(st.text("0123456789-. 가나동호로길원번@a골뱅이공일naver.com주문계좌카드[]전화번호", max_size=60))
@settings(max_examples=300, deadline=None)
def test_masking_twice_changes_nothing(text: str) -> None:
    assert mask(mask(text)) == mask(text)


@given(DIGITS, DIGITS, PARTICLES, st.sampled_from(["-", " ", ".", ""]), st.sampled_from(["010", "+8210", "０１０"]))
@settings(max_examples=150, deadline=None)
def test_a_mobile_number_never_survives(first: str, last: str, particle: str, separator: str, prefix: str) -> None:
    masked = mask(f"제 번호는 {prefix}{separator}{first}{separator}{last}{particle} 꼭 연락 주세요")
    assert last not in masked.replace("[전화번호]", "")
    assert masked.endswith(f"{particle} 꼭 연락 주세요")


@given(st.integers(0, 10_000_000))
@settings(max_examples=100, deadline=None)
def test_prices_stay(price: int) -> None:
    for text in (f"{price:,}원에 샀어요", f"{price}원이나 하네요"):
        assert mask(text) == text


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("010-1234-5678로 연락주세요", "[전화번호]로 연락주세요"),
        ("제로폭 010\u200b1234\u200b5678입니다", "제로폭 [전화번호]입니다"),
        ("hong@example.com으로 보내세요", "[이메일]으로 보내세요"),
        ("주민번호 201231-3123456인데요", "주민번호 [주민등록번호]인데요"),
        ("바코드 8801234567893 검색", "바코드 8801234567893 검색"),
        ("카드 4111-1111-1111-1111로 결제", "카드 [카드번호]로 결제"),
        ("신한 110-123-456789로 환불", "신한 [계좌번호]로 환불"),
        ("주문번호는 20261120-0001234예요", "주문번호는 [주문번호]예요"),
        ("기간은 20261101-20261120까지", "기간은 20261101-20261120까지"),
        ("서울 강남구 테헤란로 152, 101동 1203호로", "[주소]로"),
        ("강남구 매장으로 3번 갔어요", "강남구 매장으로 3번 갔어요"),
        ("12가3456 차량", "[차량번호] 차량"),
        ("@moadam_cs 답 주세요", "@moadam_cs 답 주세요"),
    ],
)
def test_beside_particles_and_lookalikes(text: str, masked: str) -> None:
    assert mask(text) == masked


def test_checksums_by_known_numbers() -> None:
    assert is_card_number("4111111111111111")
    assert not is_card_number("4111111111111112")
    assert is_business_number("1208800767")
    assert not is_business_number("1208800768")
    assert is_ean13("4006381333931")
    assert not is_resident_number("9001011234567")
    assert is_day("20260228")
    assert not is_day("20260230")
