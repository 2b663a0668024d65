"""A mailbox of the shop on an IMAP server: a batch of mails is a page."""

from __future__ import annotations

from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from functools import lru_cache
from typing import ClassVar

from contracts.errors import ConfigurationError
from contracts.keys import digest_key
from tests.listeners.faking.imap_server import Mails
from tests.listeners.faking.world import KST, QUARANTINED, Fake, Post


class MailFake(Fake):
    """Mails in INBOX, oldest first as UIDs are; an empty sent folder; copies of some mails in a third folder."""

    name = "mail"
    transport = "imap"
    keys: ClassVar = {"username": "the-mail-user", "password": "the-mail-password"}
    options: ClassVar = {"folders": ["INBOX", "Copies"]}
    length_of_a_page = "listeners.sources.mail.BATCH"
    ends: ClassVar = {"404": ConfigurationError, "10 MB": QUARANTINED}
    lacks: ClassVar = {
        "429 until later": "IMAP has no Retry-After: a refusal by [LIMIT] names no time (situation '429')",
        "429 for a moment": "IMAP has no Retry-After: a refusal by [LIMIT] names no time (situation '429')",
        "edited": "a mail that has been sent never changes",
    }

    def native_id(self, post: Post) -> str:
        return digest_key(f"mail-{post.number}@mail.example")

    def received(self, mode: str) -> int:
        at_the_door = {"401": 0, "403": 0, "404": 0, "html": 0, "10 MB": len(self.posts) - 1}
        return at_the_door.get(mode, self.page_size)

    def shown_again_and_again(self) -> list[Post]:
        return self.there()  # what is repeated is the list of UIDs

    def folders(self) -> dict[str, Mails]:
        """What the server has now."""
        mails = {
            10**6 - post.number: (post.at.astimezone(KST), _mail(post.number, post.at, post.text, post.spoil))
            for post in self.there()
        }
        copies = dict(list(mails.items())[: self.shifts])
        return {"INBOX": mails, "Copies": copies, "Sent": {}}


@lru_cache(maxsize=256)
def _mail(number: int, at: datetime, text: str, spoil: str) -> bytes:
    """A post as a mail; kept, since a server is asked for its folders at every command."""
    mail = EmailMessage()
    mail["Message-ID"] = f"<mail-{number}@mail.example>"
    mail["Subject"], mail["Date"] = f"문의 {number}", format_datetime(at.astimezone(KST))
    if spoil != "missing":
        mail["From"] = "누구인지모름" if spoil == "type" else "하루 <haru@mail.example>"
    if spoil == "unknown":
        mail["X-Brand-New"] = "deep"
    mail.set_content("x" * 300_000 if spoil == "long" else text)
    return mail.as_bytes()
