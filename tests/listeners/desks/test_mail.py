"""Customer mail: Korean charsets, threads, quotes; and a real IMAP server (Debian's Dovecot)."""

from __future__ import annotations

import base64
import imaplib
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts.errors import ConfigurationError, CredentialsRejected, SourceUnavailable
from contracts.mention import Mention
from listeners.contract import Page, Refused
from listeners.mail_text import decode_words, read_letter, without_quotes
from listeners.sources.mail import Mail

GOLDENS = Path(__file__).parents[1] / "goldens" / "mail"
PASSWORD = "a-password-of-the-tests"


@pytest.mark.parametrize(
    ("name", "subject", "text", "machine"),
    [
        ("ks_c_5601", "환불 문의드립니다", "환불 신청한지 2주가 지났는데\n아직도 소식이 없네요. 햏햏", ""),
        ("euc_kr_html", "배송이 너무 늦어요", "주문한 김치가 아직 안 왔어요.\n언제 오나요?", ""),
        ("raw_8bit", "교환 부탁드려요", "뚜껑이 깨져서 왔습니다.", ""),
        ("utf8_reply", "환불 문의드립니다", "안녕하세요, 모아담입니다. 오늘 환불해 드렸습니다.", ""),
        ("auto_reply", "문의가 접수되었습니다", "영업일 기준 1일 안에 답변드리겠습니다.", "auto-reply"),
        ("newsletter", "이번 주 특가", "삼겹살 30% 할인", "newsletter"),
    ],
)
def test_eml(name, subject, text, machine):
    letter = read_letter((GOLDENS / f"{name}.eml").read_bytes())
    assert (letter.subject, letter.text, letter.machine) == (subject, text, machine)


def test_golden(golden):
    golden(Mail(), "mails")


def test_a_reply_names_its_thread():
    first, reply = (read_letter((GOLDENS / f"{name}.eml").read_bytes()) for name in ("ks_c_5601", "utf8_reply"))
    assert reply.root == first.key == first.root and reply.parents[-1] == first.key


@pytest.mark.parametrize(
    ("whole", "added"),
    [
        ("고맙습니다.\n\n-----Original Message-----\nFrom: a\n예전 글", "고맙습니다."),
        (
            "네 받았어요\n\n2026년 11월 20일 (금) 오후 3:04, 모아담 <cs@moadam.example>님이 작성:\n> 안녕하세요",
            "네 받았어요",
        ),
        ("Thanks\nOn Fri, Nov 20, 2026 at 3:04 PM Moadam\n<cs@moadam.example> wrote:\n> hello", "Thanks"),
        ("확인했습니다\n보낸 사람: 모아담\n보낸 날짜: 2026-11-20\n옛글", "확인했습니다"),
        ("> 인용만 있는 메일", "> 인용만 있는 메일"),
        ("서명 있음\n-- \n홍길동 드림", "서명 있음"),
        ("보낸 사람은 접니다: 확인해 주세요", "보낸 사람은 접니다: 확인해 주세요"),
    ],
)
def test_quotes_are_left_out(whole, added):
    assert without_quotes(whole) == added


def test_a_syllable_cut_between_two_encoded_words():
    raw = "환불".encode("cp949")
    words = " ".join(f"=?ks_c_5601-1987?B?{base64.b64encode(part).decode()}?=" for part in (raw[:3], raw[3:]))
    assert decode_words(words) == "환불"


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.binary(max_size=400)
    | st.sampled_from([path.read_bytes() for path in sorted(GOLDENS.glob("*.eml"))]).flatmap(
        lambda raw: st.integers(0, len(raw)).map(lambda cut: raw[:cut])
    )
)
def test_any_bytes_give_a_mention_or_a_refusal(context, raw):
    page = Page(kind="mails", body=[{"uid": 1, "received": "2026-11-21T00:00:00Z", "raw": raw.decode("latin-1")}])
    (found,) = Mail().parse(page, context("mail"))
    assert isinstance(found, Mention) or (isinstance(found, Refused) and "@" not in found.payload)


def test_a_contact_forms_mail_is_the_customers(context):
    raw = letter("form-1@moadam.example", "form@moadam.example", "반품 접수가 안 돼요").replace(
        b"Subject:", b"Reply-To: kim@mail.example\nSubject:"
    )
    page = Page(kind="mails", body=[{"uid": 1, "received": None, "raw": raw.decode("latin-1")}])
    (shop,) = Mail().parse(page, context("mail"))
    (customer,) = Mail().parse(page, context("mail", form_senders=["form@moadam.example"]))
    assert shop.is_official and not customer.is_official
    assert customer.author_key == context("mail").author("kim@mail.example")


@dataclass
class Server:
    port: int
    home: Path

    @property
    def url(self) -> str:
        return f"imap://127.0.0.1:{self.port}"

    def put(self, folder: str, raw: bytes, received: str = '"20-Nov-2026 12:00:00 +0900"') -> None:
        with imaplib.IMAP4("127.0.0.1", self.port) as box:
            box.login("cs", PASSWORD)
            assert box.append(folder, None, received, raw)[0] == "OK"

    def command(self, *words: str) -> None:
        with imaplib.IMAP4("127.0.0.1", self.port) as box:
            box.login("cs", PASSWORD)
            getattr(box, words[0])(*words[1:])


@pytest.fixture
def dovecot() -> Iterator[Server]:
    """Dovecot as Debian ships it, with one mailbox of its own, on a free port of 127.0.0.1."""
    binary = shutil.which("dovecot") or shutil.which("dovecot", path="/usr/sbin")
    if binary is None:
        if os.environ.get("CI"):
            pytest.fail("Dovecot is not installed: .ci/run must install dovecot-imapd")
        pytest.skip("no Dovecot here; apt-get install dovecot-imapd")
    account = pwd.getpwnam("nobody") if os.getuid() == 0 else pwd.getpwuid(os.getuid())
    login = "dovenull" if os.getuid() == 0 else account.pw_name
    internal = "dovecot" if os.getuid() == 0 else account.pw_name
    with tempfile.TemporaryDirectory(prefix="imap") as folder, socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
        home = Path(folder)
        home.chmod(0o755)
        (home / "mail").mkdir()
        os.chown(home / "mail", account.pw_uid, account.pw_gid)
        (home / "dovecot.conf").write_text(f"""
protocols = imap
base_dir = {home}/run
state_dir = {home}/state
log_path = {home}/log
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
auth_failure_delay = 0
default_internal_user = {internal}
default_login_user = {login}
default_internal_group = {internal if os.getuid() == 0 else os.getgid()}
first_valid_uid = {account.pw_uid}
mail_location = maildir:{home}/mail
passdb {{
  driver = static
  args = password={PASSWORD}
}}
userdb {{
  driver = static
  args = uid={account.pw_uid} gid={account.pw_gid} home={home}/mail
}}
namespace inbox {{
  inbox = yes
  mailbox Sent {{
    auto = create
    special_use = \\Sent
  }}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
}}
service anvil {{
  chroot =
}}
""")
        probe.close()
        process = subprocess.Popen([binary, "-F", "-c", str(home / "dovecot.conf")], stderr=subprocess.PIPE)
        try:
            deadline = time.monotonic() + 20
            while True:
                try:
                    socket.create_connection(("127.0.0.1", port), timeout=1).close()
                    break
                except OSError:
                    assert process.poll() is None and time.monotonic() < deadline, "Dovecot did not start"
                    time.sleep(0.02)
            yield Server(port, home)
        finally:
            process.terminate()
            process.wait(timeout=10)


def letter(message_id: str, sender: str, text: str, *, answers: str = "", subject: str = "문의") -> bytes:
    message = EmailMessage()
    message["Message-ID"], message["From"], message["Subject"] = f"<{message_id}>", sender, subject
    message["Date"] = "Fri, 20 Nov 2026 11:58:00 +0900"
    if answers:
        message["In-Reply-To"] = f"<{answers}>"
    message.set_content(text, charset="utf-8")
    return message.as_bytes()


def test_a_real_mailbox(dovecot, bench):
    keys = {"username": "cs", "password": PASSWORD}
    source = bench.settings("mail", dovecot.url, keys=keys)
    for path in sorted(GOLDENS.glob("*.eml")):
        if path.stem != "utf8_reply":
            dovecot.put("INBOX", path.read_bytes())
    first = bench.run(Mail(), source)
    assert (first.seen, str(first.outcome)) == (3, "complete")
    assert "auto-reply 1" in first.message and "newsletter 1" in first.message
    assert first.answers_from is not None and first.answers_to == first.started_at

    reply = read_letter((GOLDENS / "utf8_reply.eml").read_bytes())
    dovecot.put("Sent", (GOLDENS / "utf8_reply.eml").read_bytes())
    dovecot.put(
        "INBOX", letter("next@mail.example", "kim@mail.example", "감사합니다", answers="reply-1@moadam.example")
    )
    second = bench.run(Mail(), source)
    found = bench.mentions("mail")
    assert (second.seen, second.new) == (2, 2)
    answer = found[reply.key]
    question = found[reply.parents[0]]
    assert answer.is_official and answer.author_key is None
    assert question.title == "환불 문의드립니다" and question.author_key and not question.is_official
    thanks = next(one for one in found.values() if one.text == "감사합니다")
    assert answer.thread_native_id == thanks.thread_native_id == question.thread_native_id
    assert "kim@mail.example" not in bench.landed_text() and "010-2222-3333" not in bench.landed_text()

    assert bench.run(Mail(), source).seen == 0
    dovecot.command("delete", "Sent")  # a folder made anew has a new UIDVALIDITY: everything is read again
    time.sleep(1.1)
    dovecot.command("create", "Sent")
    dovecot.put("Sent", (GOLDENS / "utf8_reply.eml").read_bytes())
    again = bench.run(Mail(), source)
    assert (again.seen, again.new) == (1, 0)


def test_a_huge_attachment_stays_on_the_server(dovecot, bench):
    message = EmailMessage()
    message["Message-ID"], message["From"], message["Subject"] = "<big@mail.example>", "lee@mail.example", "사진 보내요"
    message["Date"] = format_datetime(datetime(2026, 11, 21, 9, tzinfo=UTC))
    message.set_content("냄비 코팅이 다 벗겨졌어요. 사진 첨부합니다.")
    message.add_attachment(os.urandom(3_000_000), maintype="image", subtype="jpeg", filename="a.jpg")
    dovecot.put("INBOX", message.as_bytes())
    keys = {"username": "cs", "password": PASSWORD}
    bench.run(Mail(), bench.settings("mail", dovecot.url, keys=keys))
    (found,) = bench.mentions("mail").values()
    assert found.text == "냄비 코팅이 다 벗겨졌어요. 사진 첨부합니다."


def test_refusals(dovecot, bench):
    keys = {"username": "cs", "password": PASSWORD}
    with pytest.raises(ConfigurationError, match="no folder 'Nowhere'"):
        bench.run(Mail(), bench.settings("mail", dovecot.url, keys=keys, folders=["Nowhere"]))
    with pytest.raises(ConfigurationError, match="open line"):
        bench.run(Mail(), bench.settings("mail", "imap://mail.example", keys=keys))
    with pytest.raises(CredentialsRejected, match="username"):
        bench.run(Mail(), bench.settings("mail", dovecot.url))
    with pytest.raises(CredentialsRejected, match="application password"):
        bench.run(Mail(), bench.settings("mail", dovecot.url, keys={"username": "cs", "password": "wrong"}))


def test_a_server_that_is_away_or_no_mail_server(bench):
    keys = {"username": "cs", "password": "x"}
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        with pytest.raises(SourceUnavailable):
            bench.run(Mail(), bench.settings("mail", f"imap://127.0.0.1:{port}", keys=keys, timeout=0.5))
    with pytest.raises(SourceUnavailable):
        bench.run(Mail(), bench.settings("mail", f"imap://127.0.0.1:{port}", keys=keys, timeout=0.5))
