"""`gwidam scout` over the sandbox's world: places ranked by volume, complaint share and novelty, nothing stored."""

from __future__ import annotations

import shutil
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from contracts.errors import GwidamError
from pipeline.environment import Environment, environment
from pipeline.scouting import place_of, scout
from sandbox.words import Query
from sandbox.world import World

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
CATEGORY = "김치"
SEARCHED = ("naver_cafe", "naver_blog", "naver_kin", "daum_cafe", "daum_blog")


@pytest.fixture
def env(monkeypatch: pytest.MonkeyPatch) -> Environment:
    monkeypatch.setenv("GWIDAM_NOW", "2026-11-22T12:00:00+09:00")
    return environment()


def found(env: Environment, posts: int = 300) -> list[dict[str, Any]]:
    refusals: dict[str, GwidamError] = {}
    rows = scout(env, CATEGORY, posts=posts, now=NOW, refused=refusals.__setitem__)
    assert not refusals
    return rows


def score(row: dict[str, Any]) -> float:
    """The formula as the documentation has it: posts x (0.5 + complaint share), doubled where it is new."""
    share = float(row["complaint share"].rstrip("%")) / 100
    return row["posts"] * (0.5 + share) * (2 if row["known"] == "new" else 1)


def in_the_world() -> tuple[Counter[str], Counter[str]]:
    """How many posts hold the word at each source, and how many of them their authors meant as complaints."""
    world = World.load(NOW, now=lambda: NOW)
    posts: Counter[str] = Counter()
    complaints: Counter[str] = Counter()
    for source in SEARCHED:
        for seen in world.seen(source):
            if Query.parse(CATEGORY).hits(seen.title, seen.text):
                posts[source] += 1
                complaints[source] += seen.item.label.kind == "complaint"
    return posts, complaints


def test_every_post_is_counted_in_its_place_and_the_ranking_follows_the_score(env: Environment) -> None:
    rows = found(env)
    posts, complaints = in_the_world()
    counted: Counter[str] = Counter()
    judged: Counter[str] = Counter()
    for row in rows:
        counted[row["source"]] += row["posts"]
        judged[row["source"]] += round(row["posts"] * float(row["complaint share"].rstrip("%")) / 100)
    assert counted == posts, "volume: every post that holds the word, once, in one place"
    # The model also hears pain in questions about a broken thing; what was meant as a complaint it must not miss.
    assert all(judged[source] >= complaints[source] for source in SEARCHED) and judged.total() < posts.total()
    assert [row["score"] for row in rows] == sorted((row["score"] for row in rows), reverse=True)
    assert all(row["score"] == pytest.approx(score(row), abs=0.1 + 0.01 * row["posts"]) for row in rows)
    cafes = {row["place"] for row in rows if row["source"] == "naver_cafe"}
    assert len(cafes) == 5 and rows[0]["posts"] == max(row["posts"] for row in rows)
    assert {row["place"] for row in rows if row["source"] == "naver_blog"} == {"blog.naver.com/kimjang_note"}
    assert all(row["known"] == "new" and row["example"].startswith("http") for row in rows)


def test_among_places_as_loud_the_one_with_complaints_comes_first_and_a_known_one_last(env: Environment) -> None:
    before = found(env)
    first = before[0]
    env.home.published.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(str(env.home.published_file)) as connection:
        connection.execute("CREATE TABLE mentions (source VARCHAR, place VARCHAR, url VARCHAR)")
        connection.execute("INSERT INTO mentions VALUES (?, ?, '')", [first["source"], first["place"]])
    after = {(row["source"], row["place"]): row for row in found(env)}
    known = after[first["source"], first["place"]]
    assert (known["known"], known["score"]) == ("yes", pytest.approx(first["score"] / 2, abs=0.1))
    assert all(row["known"] == "new" for place, row in after.items() if place != (first["source"], first["place"]))
    loud = [row for row in before if row["posts"] == 1]
    shares = [float(row["complaint share"].rstrip("%")) for row in loud]
    assert len(set(shares)) > 1 and shares == sorted(shares, reverse=True)


def test_it_asks_for_no_more_than_it_was_told_and_stores_nothing(env: Environment) -> None:
    rows = found(env, posts=3)
    counted = Counter[str]()
    for row in rows:
        counted[row["source"]] += row["posts"]
    assert max(counted.values()) == 3
    assert not list(env.home.landing.rglob("*.gz")) and not list(env.home.state.glob("*.json"))


def test_a_source_that_refuses_is_named_and_the_others_are_ranked(
    env: Environment, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = tmp_path / "config"
    shutil.copytree(env.config.folder, folder)
    sources = folder / "sources.toml"
    moved = sources.read_text("utf-8").replace('sandbox_path = "/kakao"', 'sandbox_path = "/nowhere"')
    sources.write_text(moved, "utf-8")
    monkeypatch.setenv("GWIDAM_CONFIG", str(folder))
    refused: dict[str, GwidamError] = {}
    rows = scout(environment(), CATEGORY, posts=50, now=NOW, refused=refused.__setitem__)
    assert list(refused) == ["daum_cafe", "daum_blog"]
    assert {row["source"] for row in rows} == {"naver_cafe", "naver_blog", "naver_kin"}


@pytest.mark.parametrize(("named", "url", "place"), [
    ("살림고수", "https://cafe.naver.com/salimgosu/1", "살림고수"),
    ("", "https://blog.naver.com/haru/223", "blog.naver.com/haru"),
    ("", "https://m.blog.naver.com/haru/223", "blog.naver.com/haru"),
    ("", "https://haru.tistory.com/12", "haru.tistory.com"),
    ("", "https://kin.naver.com/qna/detail.naver?docId=4", "kin.naver.com"),
    ("", "", "?"),
])
def test_a_place_is_named_by_the_source_or_by_its_address(named: str, url: str, place: str) -> None:
    assert place_of(named, url) == place
