"""Configuration mistakes are one line with the file, the place and the remedy; keys never come from files."""

from __future__ import annotations

import shutil
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest

from contracts.errors import ConfigurationError
from listeners import registry
from pipeline.catalog import source_names
from pipeline.config import Hours, load_config
from pipeline.environment import author_secret, credentials, current_time
from pipeline.hours import open_intervals
from storage.home import Home

CONFIG = Path(__file__).parents[2] / "config"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(CONFIG, tmp_path / "config")
    return tmp_path / "config"


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_the_shipped_configuration_is_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    config = load_config(CONFIG)
    assert config.brand("moadam").name == "모아담"
    monkeypatch.setenv("GWIDAM_CONFIG", str(CONFIG))
    assert source_names() == [name for name, source in config.sources.items() if source.enabled]


@pytest.mark.parametrize(("file", "old", "new", "says"), [
    ("brands.toml", 'id = "moadam"', 'id = "Moa Dam"', r"brands\.toml: brand Moa Dam id: .*pattern"),
    ("brands.toml", "exclude =", "exlcude =", r"unknown key, did you mean 'exclude'\?"),
    ("brands.toml", 'terms = ["모아담", "moadam"]', 'terms = ["담"]', r"at least two characters"),
    ("brands.toml", 'open = "09:00"', 'open = "19:00"', r"open must be before close"),
    ("brands.toml", "\n[[brand]]", "\n[[brand", r"brands\.toml is not valid TOML.*line"),
    ("sources.toml", "[x]\nenabled = true", "[x]\nenabeld = true", r"\[x\] enabeld: unknown key, did you mean"),
    ("sources.toml", '\nmode = "sandbox"', '\nmode = "demo"', r"sources\.toml: mode: .*'sandbox' or 'live'"),
    ("sources.toml", 'contact = ', 'kontact = ', r"unknown key 'kontact'"),
])
def test_a_mistake_is_one_line(folder: Path, file: str, old: str, new: str, says: str) -> None:
    edit(folder / file, old, new)
    with pytest.raises(ConfigurationError, match=says) as caught:
        load_config(folder)
    assert "\n" not in str(caught.value)


def test_a_wrong_name_gets_the_closest_known_one() -> None:
    with pytest.raises(ConfigurationError, match="did you mean 'moadam'"):
        load_config(CONFIG).brand("moadm")
    with pytest.raises(ConfigurationError, match="did you mean 'naver_cafe'"):
        load_config(CONFIG).source("naver-cafe")


def test_keys_come_from_the_environment_or_an_airflow_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    assert credentials("naver_cafe", ["id"], sandbox=False) == {}
    assert credentials("naver_cafe", ["id"], sandbox=True) == {"id": "sandbox-naver-id"}
    monkeypatch.setenv("AIRFLOW_CONN_GWIDAM_NAVER", '{"extra": {"id": "from-airflow"}}')
    assert credentials("naver_cafe", ["id"], sandbox=True) == {"id": "from-airflow"}
    monkeypatch.setenv("GWIDAM_NAVER_ID", "for-all-of-naver")
    assert credentials("naver_blog", ["id"], sandbox=False) == {"id": "for-all-of-naver"}
    monkeypatch.setenv("GWIDAM_NAVER_CAFE_ID", "for-cafes")
    assert credentials("naver_cafe", ["id"], sandbox=False) == {"id": "for-cafes"}


def test_a_key_that_does_instead_of_another_is_enough() -> None:
    token = next(one for one in registry.get("google_play").credentials if one.name == "token")
    assert token.lacks({}) and token.lacks({"other": "k"})
    assert not token.lacks({"token": "k"}) and not token.lacks({"service_account": "k"})


def test_the_author_secret_is_made_once_and_owner_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GWIDAM_AUTHOR_SECRET", raising=False)
    home = Home(tmp_path / "home").ensure()
    secret = author_secret(home)
    assert author_secret(home) == secret
    assert home.secret_file.stat().st_mode & 0o077 == 0
    home.secret_file.write_bytes(b"")
    assert len(author_secret(home)) >= 32, "a secret whose writer died is made anew"


def test_now_may_be_given_and_needs_an_offset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GWIDAM_NOW", "2026-11-21T09:00:00+09:00")
    assert current_time() == datetime(2026, 11, 21, tzinfo=UTC)
    monkeypatch.setenv("GWIDAM_NOW", "yesterday")
    with pytest.raises(ConfigurationError, match="GWIDAM_NOW"):
        current_time()


def test_business_hours_know_lunch_weekends_and_holidays() -> None:
    # 2026-09-24 to 26 is Chuseok; the 27th is a Sunday.
    intervals = open_intervals(Hours(), date(2026, 9, 23), date(2026, 9, 28))
    assert sum((closes - opens for opens, closes in intervals), timedelta()) == timedelta(hours=16)
    assert intervals[0] == (datetime(2026, 9, 23, 0, tzinfo=UTC), datetime(2026, 9, 23, 3, tzinfo=UTC))
    assert open_intervals(Hours(closed=(date(2026, 9, 23),)), date(2026, 9, 23), date(2026, 9, 23)) == []
    whole_day = Hours(days=("sat",), open=time(10), close=time(12), lunch=None, holidays="")
    assert len(open_intervals(whole_day, date(2026, 9, 21), date(2026, 9, 27))) == 1
