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
        ("배송이 늦어도 너무 늦네요", "delivery_late"),
        ("냄비 세트 시켰는데 도마가 왔어요", "delivery_wrong_item"),
        ("포장에 신경 좀 써주세요", "packaging"),
        ("개봉했다고 반품도 안 해준대요", "exchange_refund"),
        ("문의를 남겨도 답이 없어요", "no_answer"),
        ("배송이 장난아니게 느리네요", "delivery_late"),
        ("제 계정이 털린 것 같아요", "privacy_account"),
        ("사고가 났는데 회사 대처가 너무 실망스럽네요", "rude_service"),
        ("로그인이 매번 풀려서 다시 해야 돼요", "app_error"),
        ("메인에 광고가 갑자기 튀어나와요", "app_error"),
        ("아무것도 안 했는데 정지당했어요", "privacy_account"),
        ("가격대가 좀 있는 편이에요", "price_benefit"),
        ("다른 사이트가 더 싸네요", "price_benefit"),
        ("스티커가 벽에 붙지를 않네요", "product_defect"),
        ("장보기용으로 쇼핑하기 편해요", "praise_app"),
        ("저렴하면서도 튼튼해요", "praise_price"),
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
        ("고객센터에는 아직 연락 못했어요", "no_answer"),
        ("배송비가 비싸요", "delivery_late"),
        ("배송이 늦지 않았어요", "delivery_late"),
        ("늦을까 봐 걱정했는데 빨리 왔어요", "delivery_late"),
        ("불친절해요", "praise_service"),
        ("하자 없이 잘 받았어요", "product_defect"),
        ("배송은 느린데 포장은 좋아요", "praise_delivery"),
        ("the delivery was not late", "app_error"),
        ("환불하기도 번거로워서 그냥 두고 써요", "exchange_refund"),
        ("모아둔 쿠폰은 상품권으로 교환했어요", "exchange_refund"),
        ("바지가 좀 커도 교환은 안 했어요", "exchange_refund"),
        ("배송 속도가 느려요", "app_error"),
        ("스피커 블루투스 연결이 안 돼요", "no_answer"),
        ("여기 없으면 진짜 답이 없네요", "no_answer"),
        ("포장에 신경 좀 써주세요", "praise_packaging"),
        ("포장상태도 좋고 깨끗해요", "praise_service"),
        ("포장 상자가 너무 부실해 보여요", "product_defect"),
        ("기분이 많이 상했어요", "product_defect"),
        ("결제 화면이 멈춰서 다시 켰어요", "product_defect"),
        ("싼맛에 그냥 써요", "taste_bad"),
        ("직원 말투에 밥맛 떨어졌어요", "taste_bad"),
        ("서랍이 깊고 넉넉해요", "praise_portion"),
        ("색깔별로 하나씩 담았어요", "size_colour"),
        ("그릇이 크기도 커서 마음에 들어요", "size_colour"),
        ("가격이 너무 착해요", "price_benefit"),
        ("이 가격에 들일 수 있어서 좋았어요", "price_benefit"),
        ("가격에 비해 구성이 빈약해요", "praise_price"),
        ("이벤트 게시물에 좋아요 남기신 분 중에서 뽑아요", "praise_price"),
        ("최근 본 상품 메뉴가 없어졌어요", "delivery_lost"),
        ("구매 버튼을 눌렀더니 필수 데이터 누락이라는 메시지만 보여요", "delivery_wrong_item"),
        ("다른 사람들은 벌써 받았대요", "delivery_wrong_item"),
        ("쇼핑 앱이 편해요", "praise_product"),
        ("몇 달 전까지 잘 쓰고 있었는데 요즘은 손이 안 가요", "praise_product"),
        ("추천순으로 정렬이 안 돼요", "praise_product"),
        ("재구매까지는 글쎄요", "praise_product"),
        ("맛있길 바라면서 주문했어요", "praise_taste"),
        ("이불 먼지가 탈탈 털려요", "privacy_account"),
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
        (("ko = [\"답변 없다\"]", "ko = [\"답변 안 오다\"]"), "write the denied word with '-' before it"),
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
