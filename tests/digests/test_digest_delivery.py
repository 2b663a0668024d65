"""A mail leaves once: outbox and a real SMTP server, crashes in between, refusals by what the reader must do."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import ssl
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from contracts.errors import ConfigurationError, CredentialsRejected, SourceUnavailable, TerminalError
from digests.delivery import Meta, deliver, delivered, resume
from digests.model import Rendered
from digests.transport import Outbox, RecipientsRefused, Smtp, smtp_from_connection, smtp_from_url
from storage.files import read_jsonl_gz
from storage.home import Home

NOW = datetime(2026, 11, 22, 23, 0, tzinfo=UTC)
MAIL = Rendered(subject="[귀담] 모아담 11월 3주차(W47) 미응답 불만 12건", html="<p>안녕하세요</p>", text="안녕하세요\n")
META = Meta(what="digest", brand="moadam", audience="cs-lead", week="2026-W47")
KEY = "digest-moadam-cs-lead-2026-W47"


def send(home: Home, transport: Any, **more: Any) -> Any:
    values = {"key": KEY, "meta": META, "recipients": ("cs-lead@example.com",),
              "sender": "귀담 <gwidam@example.com>", "home": home, "transport": transport, "now": NOW, **more}
    return deliver(MAIL, **values)


class Postman:
    """Keeps what it is given; refuses recipients of refused.example, and content when told to."""

    def __init__(self) -> None:
        self.mails: list[bytes] = []
        self.answer = "250 OK"

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if address.endswith("@refused.example"):
            return "550 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.answer == "250 OK":
            self.mails.append(envelope.content)
        return self.answer


def free_port() -> int:
    """The controller wants to know its port beforehand."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def postman() -> Postman:
    return Postman()


@pytest.fixture
def plain(postman: Postman) -> Iterator[Smtp]:
    controller = Controller(postman, hostname="127.0.0.1", port=free_port())
    controller.start()
    try:
        yield Smtp("127.0.0.1", port=controller.port, security="plain", timeout_seconds=5)
    finally:
        controller.stop()


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """A self-signed certificate for 127.0.0.1: (certificate file, key file)."""
    folder = tmp_path_factory.mktemp("tls")
    files = str(folder / "cert.pem"), str(folder / "key.pem")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "3650", "-subj", "/CN=127.0.0.1",
         "-addext", "subjectAltName=IP:127.0.0.1", "-out", files[0], "-keyout", files[1]],
        check=True, capture_output=True,
    )
    return files


@pytest.fixture
def starttls(postman: Postman, certificate: tuple[str, str]) -> Iterator[Smtp]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)

    def login(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        right = isinstance(data, LoginPassword) and (data.login, data.password) == (b"gwidam", b"open sesame")
        return AuthResult(success=right, handled=False)

    controller = Controller(
        postman, hostname="127.0.0.1", port=free_port(), tls_context=context, require_starttls=True, auth_required=True,
        authenticator=login,
    )
    controller.start()
    try:
        yield Smtp("127.0.0.1", port=controller.port, username="gwidam",
                   password="open sesame", ca_file=certificate[0], timeout_seconds=5)
    finally:
        controller.stop()


def test_outbox_writes_one_readable_mail_and_one_record(home: Home) -> None:
    delivery = send(home, Outbox(home.outbox))
    assert send(home, Outbox(home.outbox)) is None

    mail = message_from_bytes((home.root / delivery.path).read_bytes(), policy=default)
    assert [p.name for p in home.outbox.iterdir()] == [f"{KEY}.eml"]
    assert mail["Subject"] == MAIL.subject
    assert mail["From"].addresses[0].display_name == "귀담"
    assert mail["Date"].datetime == NOW
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Message-ID"] == delivery.message_id
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    assert {part.get_content_charset() for part in mail.iter_parts()} == {"utf-8"}
    assert mail.get_body(("plain",)).get_content().splitlines() == MAIL.text.splitlines()
    (record,) = read_jsonl_gz(home.landed("deliveries") / f"{KEY}.jsonl.gz")
    assert record == delivery.to_json()
    assert record["path"] == f"outbox/{KEY}.eml"


def test_resend_is_a_mail_of_its_own(home: Home) -> None:
    first = send(home, Outbox(home.outbox))
    second = send(home, Outbox(home.outbox), resend=True)
    third = send(home, Outbox(home.outbox), resend=True)
    assert [d.key for d in (first, second, third)] == [KEY, f"{KEY}.2", f"{KEY}.3"]
    assert len({d.message_id for d in (first, second, third)}) == 3
    assert len(list(home.outbox.iterdir())) == 3


def test_smtp_plain_sends_once(home: Home, plain: Smtp, postman: Postman) -> None:
    assert send(home, plain).transport == "smtp"
    assert send(home, plain) is None
    assert len(postman.mails) == 1
    assert message_from_bytes(postman.mails[0], policy=default)["Subject"] == MAIL.subject


def test_smtp_starttls_with_login(home: Home, starttls: Smtp, postman: Postman) -> None:
    assert send(home, starttls) is not None
    assert len(postman.mails) == 1
    assert "open sesame" not in repr(starttls)


def test_wrong_password_calls_a_person_and_leaves_the_mail_unsent(home: Home, starttls: Smtp, postman: Postman) -> None:
    wrong = Smtp(starttls.host, port=starttls.port, username="gwidam", password="wrong", ca_file=starttls.ca_file)
    with pytest.raises(CredentialsRejected, match="rejected the login"):
        send(home, wrong)
    assert not delivered(home, KEY)
    assert send(home, starttls) is not None
    assert len(postman.mails) == 1


def test_untrusted_certificate_is_a_matter_of_configuration(home: Home, starttls: Smtp, postman: Postman) -> None:
    with pytest.raises(ConfigurationError, match="no trusted connection"):
        send(home, Smtp(starttls.host, port=starttls.port))
    assert postman.mails == []


def test_unreachable_server_is_tried_again_with_the_same_mail(home: Home, plain: Smtp, postman: Postman) -> None:
    with pytest.raises(SourceUnavailable, match="tried again"):
        send(home, Smtp("127.0.0.1", port=9, security="plain", timeout_seconds=2))
    later = NOW + timedelta(hours=1)
    (delivery,) = resume(home, transport=plain, now=later)
    assert delivery.delivered_at == later
    assert message_from_bytes(postman.mails[0], policy=default)["Date"].datetime == NOW
    assert send(home, plain, now=later) is None


@pytest.mark.parametrize(("answer", "error"), [("451 busy", SourceUnavailable), ("554 spam", TerminalError)])
def test_refused_content(home: Home, plain: Smtp, postman: Postman, answer: str, error: type[Exception]) -> None:
    postman.answer = answer
    with pytest.raises(error):
        send(home, plain)
    postman.answer = "250 OK"
    assert send(home, plain) is not None
    assert len(postman.mails) == 1


def test_one_refused_recipient_does_not_make_the_others_get_it_twice(home: Home, plain: Smtp, postman: Postman) -> None:
    both = ("cs-lead@example.com", "gone@refused.example")
    with pytest.raises(RecipientsRefused, match=r"gone@refused\.example"):
        send(home, plain, recipients=both)
    assert send(home, plain, recipients=both) is None
    (record,) = read_jsonl_gz(home.landed("deliveries") / f"{KEY}.jsonl.gz")
    assert record["recipients"] == "cs-lead@example.com"
    assert len(postman.mails) == 1


def test_all_recipients_refused_leaves_nothing_recorded(home: Home, plain: Smtp) -> None:
    with pytest.raises(TerminalError, match=r"gone@refused\.example \(550\)"):
        send(home, plain, recipients=("gone@refused.example",))
    assert not delivered(home, KEY)


def send_and_die(home: Home, transport: Any, monkeypatch: pytest.MonkeyPatch, *, at: str) -> None:
    """Deliver in a process of its own that is killed (-9) on reaching `at`."""
    child = os.fork()
    if not child:
        monkeypatch.setattr(at, lambda *args, **more: os.kill(os.getpid(), signal.SIGKILL))
        with contextlib.suppress(BaseException):
            send(home, transport)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL


@pytest.mark.parametrize("way", ["outbox", "smtp"])
def test_killed_between_sending_and_recording(
    home: Home, plain: Smtp, postman: Postman, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    transport = Outbox(home.outbox) if way == "outbox" else plain
    send_and_die(home, transport, monkeypatch, at="digests.delivery._record")
    assert not delivered(home, KEY)

    send(home, transport, now=NOW + timedelta(hours=2))
    assert delivered(home, KEY)
    assert list((home.landed("deliveries") / "claims").iterdir()) == []
    if way == "outbox":
        assert len(list(home.outbox.glob("*.eml"))) == 1
    else:
        assert len(postman.mails) == 2  # at least once: the very same mail, which mail programs show once
        assert postman.mails[0] == postman.mails[1]


def test_killed_between_claiming_and_sending(
    home: Home, plain: Smtp, postman: Postman, monkeypatch: pytest.MonkeyPatch
) -> None:
    send_and_die(home, plain, monkeypatch, at="digests.transport.Smtp.send")
    assert (delivered(home, KEY), postman.mails) == (False, [])
    assert send(home, plain) is not None
    assert len(postman.mails) == 1


def test_killed_between_recording_and_dropping_the_claim(
    home: Home, plain: Smtp, postman: Postman, monkeypatch: pytest.MonkeyPatch
) -> None:
    send_and_die(home, plain, monkeypatch, at="pathlib.Path.unlink")
    assert delivered(home, KEY)
    resume(home, transport=plain, now=NOW)
    assert len(postman.mails) == 1
    assert list((home.landed("deliveries") / "claims").iterdir()) == []


def test_a_mail_of_several_alerts_records_each(home: Home) -> None:
    alert = Meta(what="alert", brand="moadam", audience="cs-lead", rule="spreads", mention_id="m1")
    more = [("alert-safety-moadam-m2", Meta(what="alert", brand="moadam", audience="cs-lead", rule="safety",
                                            mention_id="m2"))]
    delivery = send(home, Outbox(home.outbox), key="alert-spreads-moadam-m1", meta=alert, also=more)
    (second,) = read_jsonl_gz(home.landed("deliveries") / "alert-safety-moadam-m2.jsonl.gz")
    assert (second["rule"], second["mention_id"], second["message_id"]) == ("safety", "m2", delivery.message_id)
    assert len(list(home.outbox.iterdir())) == 1


def test_hostile_header_values_stay_one_header(home: Home) -> None:
    subject = "[귀담] 모아담\r\nBcc: everyone@example.com\u202e\x00"
    deliver(Rendered(subject=subject, html="<p>1</p>", text="1"), key="k", meta=META,
            recipients=("cs-lead@example.com",), sender="gwidam@example.com", home=home,
            transport=Outbox(home.outbox), now=NOW)
    mail = message_from_bytes((home.outbox / "k.eml").read_bytes(), policy=default)
    assert mail["Bcc"] is None
    assert mail["Subject"] == "[귀담] 모아담 Bcc: everyone@example.com"


@pytest.mark.parametrize("address", ["nobody", "a@example.com\r\nBcc: b@example.com", "가@example.com", ""])
def test_what_is_no_address_is_named(home: Home, address: str) -> None:
    with pytest.raises(ConfigurationError, match="not an e-mail address"):
        send(home, Outbox(home.outbox), recipients=(address,))


@pytest.mark.parametrize(("given", "expected"), [
    ("smtp://me:p%40ss@mail.example.com:587", Smtp("mail.example.com", 587, "starttls", "me", "p@ss")),
    ("smtps://mail.example.com", Smtp("mail.example.com", 465, "ssl")),
    ("smtp://127.0.0.1:1025/?security=plain&timeout=5", Smtp("127.0.0.1", 1025, "plain", timeout_seconds=5)),
])
def test_smtp_from_url(given: str, expected: Smtp) -> None:
    assert smtp_from_url(given) == expected


def test_smtp_from_an_airflow_connection() -> None:
    mailpit = '{"host": "mailpit", "port": 1025, "extra": {"disable_ssl": true, "disable_tls": "true"}}'
    assert smtp_from_connection(mailpit) == Smtp("mailpit", 1025, "plain")
    assert smtp_from_connection({"host": "m", "extra": '{"disable_ssl": true}'}) == Smtp("m", 587, "starttls")
    unknown = '{"host": "m", "extra": {"security": "tls"}}'
    for wrong in ('{"host": ""}', "{", "[1]", '{"host": "m", "port": "x"}', unknown):
        with pytest.raises(ConfigurationError):
            smtp_from_connection(wrong)
