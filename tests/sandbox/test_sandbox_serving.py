"""The servers as a whole: faults on demand, the anchor, starting and stopping."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests

from sandbox.clock import anchored
from sandbox.serve import running

PATH = "/kakao/v2/search/cafe"
KEY = {"Authorization": "KakaoAK sandbox-kakao-key"}
REPOSITORY = Path(__file__).parents[2]


def order(stage: Any, **fault: Any) -> requests.Response:
    return requests.post(stage.base + "/_sandbox/faults", json={"path_prefix": "/kakao", **fault}, timeout=10)


def ask(stage: Any) -> requests.Response:
    answer: requests.Response = stage.get(PATH, params={"query": "모아담"}, headers=KEY)
    return answer


@pytest.mark.parametrize("status", ["401", "403", "404", "429", "500", "503"])
def test_an_ordered_status_comes_as_often_as_ordered(stage: Any, status: str) -> None:
    order(stage, mode=status, times=2, retry_after=3)
    answers = [ask(stage) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [int(status), int(status), 200]
    assert answers[0].headers["Retry-After"] == "3"
    assert answers[0].json()["errorType"]


def test_a_fault_can_wait_for_the_second_page_and_be_cleared(stage: Any) -> None:
    order(stage, mode="500", times=-1, after=1)
    assert [ask(stage).status_code for _ in range(3)] == [200, 500, 500]
    requests.delete(stage.base + "/_sandbox/faults", timeout=10)
    assert ask(stage).status_code == 200


@pytest.mark.parametrize("mode", ["truncate", "reset", "hang"])
def test_a_broken_connection_is_broken_and_the_next_one_is_whole(stage: Any, mode: str) -> None:
    order(stage, mode=mode, seconds=0.2)
    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        ask(stage)
    assert ask(stage).json()["documents"]


@pytest.mark.parametrize("mode", ["html", "empty", "malformed"])
def test_a_body_that_is_no_json(stage: Any, mode: str) -> None:
    order(stage, mode=mode)
    answer = ask(stage)
    assert answer.status_code == 200
    with pytest.raises(requests.JSONDecodeError):
        answer.json()


@pytest.mark.parametrize("fault", [{"mode": "explode"}, {"mode": "500", "often": 2}])
def test_an_unknown_fault_is_refused(stage: Any, fault: dict[str, Any]) -> None:
    assert order(stage, **fault).status_code == 400


def test_no_label_of_the_answer_key_is_ever_served(stage: Any) -> None:
    about = stage.get("/_sandbox/world").json()
    assert about["seen"] == stage.world.counts()
    assert about["ever"] > sum(about["seen"].values())
    listing = stage.get("/naver/v1/search/cafearticle.json", params={"query": "모아담", "display": 100}, headers={
        "X-Naver-Client-Id": "sandbox-naver-id", "X-Naver-Client-Secret": "sandbox-naver-secret",
    }).text
    assert not [word for word in ("complaint", "homonym", "copy_of", "cafe_leak") if word in listing]


def test_the_anchor_is_written_once_and_a_damaged_one_is_an_error(tmp_path: Path) -> None:
    first = datetime(2026, 11, 22, 3, 30, tzinfo=UTC)
    assert anchored(tmp_path, first_use=first) == first
    assert anchored(tmp_path, first_use=datetime(2030, 1, 1, tzinfo=UTC)) == first
    assert [path.name for path in tmp_path.iterdir()] == ["anchor.json"]
    (tmp_path / "anchor.json").write_text(json.dumps({"anchored": "gestern"}), encoding="utf-8")
    with pytest.raises(ValueError, match="delete it"):
        anchored(tmp_path, first_use=first)


def test_two_servers_of_one_home_say_the_same(tmp_path: Path) -> None:
    now = datetime(2026, 11, 22, 3, 30, tzinfo=UTC)

    def said() -> bytes:
        with running(tmp_path, now=lambda: now) as base:
            return requests.get(base + PATH, params={"query": "모아담", "size": 50}, headers=KEY, timeout=10).content

    assert said() == said()


def test_the_command_serves_until_it_is_interrupted(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "sandbox", "--home", str(tmp_path), "--port"]
    process = subprocess.Popen(
        [*command, "0"], cwd=REPOSITORY, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        base = process.stdout.readline().split()[1]
        assert requests.get(base + "/_sandbox/health", timeout=10).json() == {"ok": True}
        second = subprocess.run(
            [*command, base.rsplit(":", 1)[1]], cwd=REPOSITORY, capture_output=True, text=True, timeout=30, check=False
        )
        process.send_signal(signal.SIGINT)
        rest, errors = process.communicate(timeout=20)
    finally:
        process.kill()
    assert (process.returncode, rest, errors) == (0, "", "")
    assert second.returncode == 1
    assert "cannot start" in second.stderr
