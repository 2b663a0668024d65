"""Files that people exported: every format and encoding, bad rows by their line, the same keys every time."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, date, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from contracts.errors import ConfigurationError
from contracts.mention import Kind
from listeners.importing import ImportReport, import_file

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


@pytest.fixture
def bring(house: Any, tmp_path: Path) -> Any:
    """Writes a file and imports it."""

    def bring(content: str | bytes, name: str = "reviews.csv", **how: Any) -> ImportReport:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        given = {"source": "google_play", "brand": "moadam", "mapping": {}, "ignore": [], "now": NOW, **how}
        return import_file(
            path, home=house.home, mask=lambda text: text.replace("010-1234-5678", "[전화번호]"),
            author_key=lambda source, author: f"key-of-{len(author)}", **given,
        )

    return bring


def test_a_whole_row(bring: Any, house: Any) -> None:
    report = bring(
        "native_id,title,text,author,rating,published_at,answered,answered_at,answer_text,likes,url\n"
        'r1,배송,"두 줄\n글 010-1234-5678",김철수,1점,2026-11-20 21:04,'
        '답변완료,2026-11-21 09:00,죄송합니다,"1,204",https://e.example/1\n'
    )
    assert (report.rows, report.imported, report.answers, report.quarantined) == (1, 1, 1, 0)
    assert (report.first_day, report.last_day) == (date(2026, 11, 20), date(2026, 11, 20))
    mentions = house.mentions("google_play")
    review, answer = mentions["r1"], mentions["r1#answer"]
    assert (review.kind, review.rating, review.likes, review.author_key) == (Kind.REVIEW, 1.0, 1204, "key-of-3")
    assert review.text == "두 줄\n글 [전화번호]"
    assert review.published_at == datetime(2026, 11, 20, 12, 4, tzinfo=UTC)
    assert (review.answered, review.answered_at) == (True, datetime(2026, 11, 21, 0, 0, tzinfo=UTC))
    assert (answer.is_official, answer.parent_native_id, answer.text) == (True, "r1", "죄송합니다")
    assert "김철수" not in house.everything()


def test_days_stay_days(bring: Any, house: Any) -> None:
    bring("text,published_at,answered,answered_at\n느려요,2026-11-20,true,2026-11-21\n빨라요,2026-11-20,false,\n")
    slow, fast = sorted(house.mentions("google_play").values(), key=lambda m: m.text)
    assert slow.published_at is None
    assert slow.not_before == datetime(2026, 11, 19, 15, tzinfo=UTC)
    assert slow.not_after == datetime(2026, 11, 20, 15, tzinfo=UTC)
    assert (slow.answered, slow.answered_at, slow.answers_checked_at) == (True, None, NOW)
    assert (fast.answered, fast.answers_checked_at) == (False, NOW)


def test_the_same_file_twice_and_identical_rows(bring: Any, house: Any) -> None:
    content = "text,rating\n최고예요,5\n최고예요,5\n최고예요,4\n,1\n"
    first, ids = bring(content), set(house.mentions("google_play"))
    files = sorted(path.name for path in house.home.landing.rglob("*.gz"))
    again = bring(content)
    assert (first.imported, len(ids)) == (4, 4)
    assert again == first
    assert set(house.mentions("google_play")) == ids
    assert sorted(path.name for path in house.home.landing.rglob("*.gz")) == files


def test_an_answer_that_comes_later_keeps_the_key(bring: Any, house: Any) -> None:
    bring("text,rating,published_at,answered\n느려요,1,2026-11-20,false\n")
    bring("text,rating,published_at,answered\n느려요,1,2026-11-20,true\n", name="later.csv")
    (mention,) = house.mentions("google_play").values()
    assert mention.answered is True


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949", "utf-16"])
def test_encodings(bring: Any, house: Any, encoding: str) -> None:
    bring("text;rating\n똠방각하가 환불을 안 해 줘요;1\n".encode(encoding))
    (mention,) = house.mentions("google_play").values()
    assert (mention.text, mention.rating) == ("똠방각하가 환불을 안 해 줘요", 1.0)


def test_jsonl_gz_and_tsv_and_parquet(bring: Any, house: Any, tmp_path: Path) -> None:
    rows = [
        {"id": "a", "body": "좋아요", "star": 5, "when": "2026-11-20T21:04:05+09:00"},
        {"id": "b", "body": "별로", "star": None},
    ]
    named = {"native_id": "id", "text": "body", "rating": "star", "published_at": "when"}
    packed = gzip.compress("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode())
    assert bring(packed, "a.jsonl.gz", mapping=named).imported == 2
    tsv = {"native_id": "id", "text": "body"}
    assert bring("id\tbody\nc\t쉼표, 그리고 쌍반점;\n", "b.tsv", mapping=tsv).imported == 1
    import duckdb

    made = tmp_path / "made.parquet"
    duckdb.execute(
        "COPY (SELECT 'd' AS native_id, '파케이' AS text, 4 AS rating, DATE '2026-11-20' AS published_at, "
        f"TIMESTAMPTZ '2026-11-21 09:00:00+09' AS answered_at) TO '{made}' (FORMAT parquet)"
    )
    assert bring(made.read_bytes(), "c.parquet").imported == 1
    mentions = house.mentions("google_play")
    assert set(mentions) == {"a", "b", "c", "d"}
    assert mentions["a"].published_at == datetime(2026, 11, 20, 12, 4, 5, tzinfo=UTC)
    assert mentions["d"].not_before == datetime(2026, 11, 19, 15, tzinfo=UTC)
    assert mentions["d"].answered_at == datetime(2026, 11, 21, tzinfo=UTC)


def test_bad_rows_are_quarantined_with_their_line(bring: Any, house: Any) -> None:
    report = bring(
        "text,rating,published_at,answered,author\n"
        "좋아요,5,2026-11-20,,비밀손님\n"
        "별이 많아요,11,2026-11-20,,비밀손님\n"
        ",,2026-11-20,,비밀손님\n"
        "언제인지,3,엊그제,,비밀손님\n"
        "답변?,3,2026-11-20,글쎄요,비밀손님\n"
        "미래,3,2026-12-24,,비밀손님\n"
        "칸이 많아요,3,2026-11-20,,비밀손님,하나,더\n"
    )
    assert (report.rows, report.imported, report.quarantined) == (7, 1, 6)
    found = {row["position"]: row["reason"] for row in house.rows("quarantine")}
    assert list(found) == [f"line {line}" for line in range(3, 9)]
    assert found["line 3"] == "rating 11 is not between 1 and 5"
    assert found["line 4"] == "the row has neither a text nor a rating"
    assert found["line 5"].startswith("column 'published_at': '엊그제' is not a date")
    assert found["line 6"] == "column 'answered': '글쎄요' is neither yes nor no"
    assert found["line 7"] == "column 'published_at': the time lies in the future"
    assert found["line 8"] == "7 cells under 5 columns"
    (coverage,) = house.rows("coverage")
    assert (coverage["outcome"], coverage["quarantined"]) == ("partial", 6)


def test_broken_bytes_and_broken_lines(bring: Any, house: Any) -> None:
    good = "".join(f'{{"text": "괜찮은 줄 {n}"}}\n' for n in range(200))
    report = bring(good.encode() + b'{"text": "\xff\xfe\xfd"}\n{"text": "cut\n[1, 2]\n', "broken.jsonl")
    assert (report.imported, report.quarantined) == (200, 3)
    assert [row["position"] for row in house.rows("quarantine")] == ["line 201", "line 202", "line 203"]


@pytest.mark.parametrize(
    ("content", "name", "how", "line"),
    [
        ("text,score\n좋아요,5\n", "a.csv", {}, "column 'score' is no field of gwidam; the closest is 'rating'; say"),
        ("text\n좋아요\n", "a.csv", {"mapping": {"raiting": "text"}}, "no field 'raiting'; the closest is 'rating'"),
        ("text\n좋아요\n", "a.csv", {"mapping": {"rating": "star"}}, "a.csv has no column 'star'"),
        ("text\n좋아요\n", "a.csv", {"ignore": ["texts"]}, "a.csv has no column 'texts'; the closest is 'text'"),
        ("author\n나\n", "a.csv", {}, "no column gives a text or a rating"),
        ("text\n좋아요\n", "a.csv", {"brand": None}, "a.csv has no brand column; say --brand BRAND"),
        ("", "a.csv", {}, "a.csv is empty"),
        ("text,text\na,b\n", "a.csv", {}, "'text' stands there twice"),
        ("not parquet", "a.parquet", {}, "a.parquet cannot be read as Parquet"),
        ("x", "a.xlsx", {}, "save the sheet as CSV UTF-8"),
        ("not gzip", "a.csv.gz", {}, "a.csv.gz is cut off or no gzip file"),
        ("oops\n", "a.jsonl", {}, "a.jsonl holds no JSON object on any line"),
        ("text\n좋아요\n", "a.csv", {"source": "../x"}, "write a name of letters"),
    ],
)
def test_a_file_that_cannot_be_used(bring: Any, house: Any, content: str, name: str, how: Any, line: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        bring(content, name, **how)
    assert line in str(caught.value) and "\n" not in str(caught.value)
    assert house.rows("mentions") == []


def test_a_quote_that_never_closes_keeps_what_came_before(bring: Any, house: Any) -> None:
    with pytest.raises(ConfigurationError, match="a quote opened at line 3 is never closed"):
        bring('text\n좋아요\n"나빠요\n그리고\n')
    assert [mention.text for mention in house.mentions("google_play").values()] == ["좋아요"]


def test_a_missing_file_is_one_line(house: Any, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="there is no file"):
        import_file(
            tmp_path / "none.csv", source="board", brand="moadam", mapping={}, ignore=[], home=house.home, now=NOW,
            mask=str, author_key=lambda source, author: "",
        )


def test_brand_column_wins_and_scores(bring: Any, house: Any) -> None:
    report = bring("brand,text,nps\nother,별로예요,3\n,그냥요,\n,점수가 커요,11\n", source="survey")
    assert report.brands == {"other": 1, "moadam": 1}
    assert report.quarantined == 1
    score = next(m for m in house.mentions("survey").values() if m.brands == ("other",))
    assert (score.kind, score.score_kind, score.score_value) == (Kind.SURVEY, "nps", 3.0)


def test_ratings_of_ten(bring: Any, house: Any) -> None:
    bring("text,rating\n보통,8\n", rating_max=10.0)
    (mention,) = house.mentions("google_play").values()
    assert mention.rating == 4.0


def test_real_reviews(house: Any, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    """12,000 of the 62,168 real rows: each a mention of its own, and the counts are those of a line over the file."""
    data: Path = request.getfixturevalue("data_folder")
    part = tmp_path / "reviews.jsonl"
    with gzip.open(data / "app_reviews_ko_answered.jsonl.gz", "rt", encoding="utf-8") as whole:
        part.write_text("".join(islice(whole, 12_000)), encoding="utf-8")
    low = [row for row in map(json.loads, part.read_text(encoding="utf-8").splitlines()) if row["rating"] <= 2]
    report = import_file(
        part, source="google_play", brand=None, mapping={"published_at": "review_date", "answered_at": "reply_date"},
        ignore=["file", "snapshot"], home=house.home, now=NOW, mask=str, author_key=lambda source, author: "",
    )
    assert (report.rows, report.imported, report.quarantined) == (12_000, 12_000, 0)
    rows = house.rows("mentions")
    assert len({row["mention_id"] for row in rows}) == 12_000
    landed = [row["answered"] for row in rows if row["rating"] <= 2]
    assert len(landed) == len(low) > 1_000
    assert landed.count(False) == sum(not row["answered"] for row in low) > 100
