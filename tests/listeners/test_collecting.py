"""What every run owes: nothing lost to a kill, the mark last, no key in a message, discovery without imports."""

from __future__ import annotations

import json
import os
import pickle
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from contracts.errors import ConfigurationError, CredentialsRejected, GwidamError, SourceChanged
from contracts.mention import Kind, Mention
from listeners import registry
from listeners.contract import Ask, Listener, Page, SourceSettings
from listeners.http import Client
from listeners.signed_tokens import google_access_token, signed
from listeners.sources.daum_cafe import DaumCafe

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


def pages(reply: Any, count: int = 3) -> Any:
    """Kakao's search over `count` pages of 50."""

    def answer(path: str, given: dict[str, str], headers: dict[str, str]) -> Any:
        page = int(given["page"])
        documents = [
            {
                "title": "모아담", "contents": f"글 {n}", "url": f"http://cafe.daum.net/a/b/{n}", "cafename": "살림",
                "datetime": (NOW - timedelta(minutes=n)).isoformat(),
            }
            for n in range((page - 1) * 50, page * 50)
        ]
        meta = {"total_count": count * 50, "pageable_count": count * 50, "is_end": page >= count}
        return reply(json.dumps({"meta": meta, "documents": documents}).encode())

    return answer


KILLED = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from listeners import landing
landing.Landing.__init__.__kwdefaults__["rows_per_file"] = 40
from listeners.collect import collect
from listeners.contract import SourceSettings, WatchedBrand
from listeners.sources.daum_cafe import DaumCafe
from storage.home import Home
collect(
    DaumCafe(), brand=WatchedBrand(id="moadam", name="모아담", terms=("모아담",)),
    settings=SourceSettings(name="daum_cafe", base_url=sys.argv[1], credentials={"key": "the-rest-key"}),
    home=Home(Path(sys.argv[2])), now=datetime(2026, 11, 22, 3, 0, tzinfo=UTC), mask=str,
    author_key=lambda source, author: "",
)
"""


def test_killed_in_mid_run_it_ends_in_the_same_state(server: Any, house: Any, reply: Any, fault: Any) -> None:
    server.answer = pages(reply)
    server.fault = fault(mode="hang", after=2)
    child = subprocess.Popen(
        [sys.executable, "-c", KILLED, server.url, str(house.home.root)], cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    while len(server.requests) < 3:
        assert child.poll() is None
        time.sleep(0.01)
    child.send_signal(signal.SIGKILL)
    child.wait()
    received = house.mentions("daum_cafe")
    assert len(received) >= 80, "whole files of what had come are there"
    assert not list(house.home.state.glob("*.json")), "the mark had not moved"
    server.fault = None
    server.released.set()
    settings = SourceSettings(name="daum_cafe", base_url=server.url, credentials={"key": "the-rest-key"})
    coverage = house.run(DaumCafe(), settings)
    assert (coverage.seen, len(house.mentions("daum_cafe"))) == (150, 150)
    assert house.run(DaumCafe(), settings, now=NOW + timedelta(hours=1)).new == 0
    assert len({row["mention_id"] for row in house.rows("mentions")}) == 150


class Broken(Listener):
    """A listener with a bug in it."""

    name = "broken"
    title_ko = title_en = "broken"

    def fetch(self, ask: Ask) -> Any:
        ask.findings.mark["read"] = 1
        yield Page(kind="rows", body=1)
        raise KeyError("oops")

    def parse(self, page: Page, context: Any) -> Any:
        yield Mention(
            source="broken", native_id="1", kind=Kind.POST, brands=("moadam",), fetched_at=NOW, text="모아담 글"
        )

    def check(self, ask: Ask) -> str:
        return ""


def test_even_a_bug_lands_what_came(house: Any) -> None:
    with pytest.raises(KeyError):
        house.run(Broken(), SourceSettings(name="broken"))
    assert set(house.mentions("broken")) == {"1"}
    (coverage,) = house.rows("coverage")
    assert (coverage["outcome"], coverage["reason"]) == ("partial", "bug")


def test_a_spoiled_mark_is_one_clear_line(house: Any) -> None:
    house.home.ensure()
    (house.home.state / "broken.moadam.json").write_text("{")
    with pytest.raises(ConfigurationError, match="delete it to listen afresh"):
        house.run(Broken(), SourceSettings(name="broken"))


def test_a_key_in_an_answer_is_not_repeated(server: Any, reply: Any) -> None:
    server.answer = lambda path, given, headers: reply(b'{"message": "wrong key sk-very-secret-1"}', 401)
    client = Client(source="x", now=NOW, user_agent="gwidam/0", secrets=("sk-very-secret-1",))
    with pytest.raises(CredentialsRejected, match=r"wrong key \*\*\*"):
        client.get(server.url + "/a?key=sk-very-secret-1")


def test_errors_survive_a_worker(server: Any, reply: Any) -> None:
    server.answer = lambda path, given, headers: reply(b"no", 429, {"Retry-After": "3600"})
    client = Client(source="x", now=NOW, user_agent="gwidam/0")
    with pytest.raises(GwidamError) as caught:
        client.get(server.url)
    copy = pickle.loads(pickle.dumps(caught.value))
    assert (type(copy), copy.message, copy.until) == (type(caught.value), caught.value.message, caught.value.until)


def test_keys_do_not_follow_a_redirect(server: Any, reply: Any) -> None:
    server.answer = lambda path, given, headers: reply(b"", 302, {"Location": "http://127.0.0.1:9/steal"})
    with pytest.raises(SourceChanged, match="answered 302"):
        Client(source="x", now=NOW, user_agent="gwidam/0").get(server.url, headers={"X-Key": "k"})


def account(server: Any, key: str) -> str:
    """A service account's key as Google hands it out, for the stand-in's token address."""
    return json.dumps({
        "client_email": "gwidam@project.example", "private_key_id": "k1", "private_key": key,
        "token_uri": f"{server.url}/token",
    })


def test_a_service_account_is_exchanged_for_a_token(server: Any, reply: Any, tmp_path: Path) -> None:
    private = rsa.generate_private_key(public_exponent=65_537, key_size=2_048)
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    server.answer = lambda path, given, headers: reply(b'{"access_token": "ya29.short"}')
    client = Client(source="google_play", now=NOW, user_agent="gwidam/0")
    saved = tmp_path / "key.json"
    saved.write_text(account(server, pem), "utf-8")
    for given in (account(server, pem), str(saved)):
        assert google_access_token(given, scope="s", client=client, now=NOW) == "ya29.short"
    token = signed({"iss": "me"}, key=pem.replace("\n", "\\n"), algorithm="RS256", key_id="k1", source="google_play")
    assert jwt.decode(token, private.public_key(), algorithms=["RS256"]) == {"iss": "me"}
    assert jwt.get_unverified_header(token)["kid"] == "k1"


def test_a_bad_service_account_is_one_line_without_the_key(server: Any, reply: Any) -> None:
    client = Client(source="google_play", now=NOW, user_agent="gwidam/0")
    bad = {"{}": "cannot be read", "/no/such/key.json": "cannot be read", account(server, "sk-x"): "in PEM"}
    for given, line in bad.items():
        with pytest.raises(CredentialsRejected, match=line) as caught:
            google_access_token(given, scope="s", client=client, now=NOW)
        assert "sk-x" not in str(caught.value)


def test_settings_hide_keys_and_check_options() -> None:
    settings = SourceSettings(name="x", credentials={"bearer": "sk-1"}, options={"open_days": "7"})
    assert "sk-1" not in repr(settings)
    with pytest.raises(ConfigurationError, match="option 'open_days' is '7', but should be a float"):
        settings.option("open_days", 14.0)


def test_names_import_nothing() -> None:
    code = "import sys; from listeners.registry import names; names(); print('listeners.sources' in sys.modules)"
    out = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "False"


def test_discovery() -> None:
    for name, listener in registry.discover().items():
        assert listener.name == name and listener.title_ko and listener.title_en
    with pytest.raises(ConfigurationError, match="did you mean 'naver_cafe'"):
        registry.get("naver_caffe")
