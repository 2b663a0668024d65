"""The command as a person types it wrong: one line that says what to do, a non-zero exit, nothing lost."""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path

import duckdb
import pytest
import requests

from pipeline import cli, command_docs, show
from pipeline.csv_files import harmless, read_file, write_file
from sandbox.serve import running
from storage.files import read_jsonl_gz


@pytest.fixture
def gwidam(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):  # type: ignore[no-untyped-def]
    """Run the command in this process; gives (exit code, stdout, the lines of stderr that are no progress bar)."""

    def run(*arguments: str) -> tuple[int, str, list[str]]:
        monkeypatch.setattr(sys, "argv", ["gwidam", *arguments])
        monkeypatch.setattr(show.out, "_file", None, raising=False)
        with pytest.raises(SystemExit) as ended:
            cli.main()
        said = capsys.readouterr()
        lines = [line for line in said.err.splitlines() if line.strip() and "━" not in line]
        return int(ended.value.code or 0), said.out, lines

    return run


@pytest.mark.parametrize(("arguments", "says"), [
    (["run", "--foo"], "No such option: --foo"),
    (["listn"], "No such command 'listn'"),
    (["resolve"], "mention_id"),
    (["digest", "--week", "2026-47"], "write it as 2026-W47"),
    (["digest", "--week", "2026-W54"], "does not exist"),
    (["listen", "naver-cafe"], "did you mean 'naver_cafe'"),
    (["import", "reviews.csv", "--source", "google_play", "--map", "text"], "write --map text=내용"),
    (["import", "nowhere.csv", "--source", "google_play", "--brand", "moadam"], "nowhere.csv"),
    (["query"], "run `gwidam run` first"),
    (["resolve", "abc"], "run `gwidam run` first"),
    (["scout", "--category", "김"], "at least two characters"),
])
def test_a_mistake_is_one_line(gwidam, arguments: list[str], says: str) -> None:  # type: ignore[no-untyped-def]
    code, _, lines = gwidam(*arguments)
    assert code in (1, 2)
    assert len(lines) == 1
    assert says in lines[0]


def test_a_broken_file_loses_nothing_that_can_be_read(gwidam, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "reviews.jsonl"
    good = {"text": "배송이 일주일째 안 와요ㅠㅠ", "rating": 1, "published_at": "2026-11-18"}
    path.write_text(json.dumps(good) + "\n{broken\n" + json.dumps({**good, "rating": 9}) + "\n", encoding="utf-8")
    code, out, lines = gwidam("import", str(path), "--source", "google_play", "--brand", "moadam")
    assert code == 1
    assert len(lines) == 1 and "2 of 3 rows were put aside" in lines[0]
    assert "imported 1" in out and "quarantined 2" in out
    home = Path(tmp_path / "home")
    held = [row for file in (home / "landing" / "quarantine").glob("*.gz") for row in read_jsonl_gz(file)]
    assert sorted(row["position"] for row in held) == ["line 2", "line 3"]


def test_an_unknown_column_names_the_closest_field(gwidam, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "reviews.csv"
    path.write_text("text,raiting\n좋아요,5\n", encoding="utf-8")
    code, _, lines = gwidam("import", str(path), "--source", "google_play", "--brand", "moadam")
    assert code == 1
    assert len(lines) == 1 and "raiting" in lines[0] and "rating" in lines[0]


@pytest.mark.parametrize(("fault", "code", "says"), [
    ("html", 1, "web page instead of JSON"), ("401", 1, "key"), ("500", 75, "500"), ("429", 75, ""),
    ("truncate", 75, ""),
])
def test_a_source_in_trouble_is_one_line(  # type: ignore[no-untyped-def]
    gwidam, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, fault: str, code: int, says: str,
) -> None:
    with running(tmp_path / "home" / "sandbox") as url:
        monkeypatch.setenv("GWIDAM_SANDBOX_URL", url)
        order = {"path_prefix": "/kakao", "mode": fault, "times": 50, "retry_after": 120}
        assert requests.post(f"{url}/_sandbox/faults", json=order, timeout=5).ok
        ended, out, lines = gwidam("listen", "daum_cafe")
        assert ended == code
        assert len(lines) == 1 and lines[0].startswith("daum_cafe") and says in lines[0]
        assert requests.delete(f"{url}/_sandbox/faults", timeout=5).ok
        ended, out, lines = gwidam("listen", "daum_cafe")
        assert (ended, lines) == (0, []) and "seen" in out


def test_a_run_tells_what_the_checks_say_and_a_broken_one_stops_it(  # type: ignore[no-untyped-def]
    gwidam, tmp_path: Path,
) -> None:
    path, home = tmp_path / "reviews.jsonl", Path(tmp_path / "home")
    path.write_text(json.dumps({"brand": "haengju", "rating": 1, "published_at": "2026-11-18"}), encoding="utf-8")
    gwidam("import", str(path), "--source", "google_play")
    code, out, lines = gwidam("run", "--no-listen")
    assert (code, lines) == (0, [])
    said = [line for line in out.splitlines() if line.startswith("check ")]
    assert len(said) == 1, "stars without words are read already"
    assert said[0].startswith("check brands_are_configured: 1 brands"), said
    copy = home / "published" / "gwidam.duckdb"
    before = copy.read_bytes()
    with duckdb.connect(str(home / "warehouse" / "gwidam.duckdb")) as connection:
        connection.execute("INSERT INTO raw.mention_brands FROM raw.mention_brands")
    code, _, lines = gwidam("build")
    assert code == 1
    assert len(lines) == 1 and "not published" in lines[0] and "_key: 1 " in lines[0], lines
    assert copy.read_bytes() == before


def test_no_cell_becomes_a_formula(tmp_path: Path) -> None:
    formula, quoted = '=HYPERLINK("http://x","환불")', '배송이, "늦어요"\n정말'
    rows = [{"text_hash": "a", "text": formula}, {"text_hash": "b", "text": quoted}]
    write_file(tmp_path / "review.csv", rows)
    with (tmp_path / "review.csv").open(encoding="utf-8-sig", newline="") as handle:
        cells = list(csv.DictReader(handle))
    assert cells[0]["text"].startswith("'=")
    assert cells[1]["text"] == rows[1]["text"]
    assert [harmless(text) for text in ("+82", "-", "@x", "좋아요")] == ["'+82", "'-", "'@x", "좋아요"]
    (tmp_path / "excel.csv").write_bytes("text_hash,right_label\na,불만\n".encode("cp949"))
    assert read_file(tmp_path / "excel.csv", ("text_hash",)) == [(2, {"text_hash": "a", "right_label": "불만"})]


def test_the_page_of_commands_is_what_the_command_says() -> None:
    assert command_docs.TARGET.read_text("utf-8") == command_docs.page(), "run `python -m pipeline.command_docs`"
