"""A mailbox of customer service over IMAP: customers' mails, and the shop's answers out of its sent folder.

State is UIDVALIDITY and the last UID of each folder; threads are followed by Message-ID. Nothing is marked as
seen, moved or deleted. RFC 3501, RFC 5322, RFC 6154 (the sent folder).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, ClassVar

from contracts.clock import from_iso, to_iso
from contracts.errors import ConfigurationError, ContractError, SourceUnavailable
from contracts.mention import Kind, Mention
from listeners.contract import Ask, Credential, Listener, Page, ParseContext, Refused, WatchedBrand, parse_each
from listeners.mail_text import Letter, read_letter
from listeners.mailbox import Mailbox, open_mailbox
from listeners.times import instant
from listeners.values import mapping, text

_USER = Credential(name="username", help="the mailbox's user name, usually its address")
_PASSWORD = Credential(name="password", help="an application password made for gwidam (docs/sources/mail.md)")
BATCH = 20
_KEPT_THREADS = 5_000


class Mail(Listener):
    """New mails of the option `folders` and of the sent folder (option `sent_folder`, else the one marked so)."""

    name: ClassVar[str] = "mail"
    title_ko: ClassVar[str] = "고객 문의 메일"
    title_en: ClassVar[str] = "Customer mail"
    shows_answers: ClassVar[bool] = True
    credentials: ClassVar[tuple[Credential, ...]] = (_USER, _PASSWORD)

    def fetch(self, ask: Ask) -> Iterator[Page]:
        """Every mail above the last UID of each folder, 20 a page; machines' mails are counted and left out.

        A line that breaks is opened once more; the reading goes on behind the last mail that came.
        """
        _own_domains(ask)
        try:
            yield from self._all_folders(ask)
        except SourceUnavailable as error:
            if "time-out" in error.message:
                raise
            yield from self._all_folders(ask)

    def _all_folders(self, ask: Ask) -> Iterator[Page]:
        with self._open(ask) as box:
            sent = _sent_folder(ask, box)
            # The answers first: a customer's next mail may name only the answer it replies to.
            folders = list(dict.fromkeys([*([sent] if sent else []), *ask.settings.option("folders", ("INBOX",))]))
            ask.findings.queries[:] = folders
            for folder in folders:
                yield from _folder_pages(ask, box, folder)
        _note_answers(ask, sent)

    def check(self, ask: Ask) -> str:
        """Log in and look at the folders."""
        _own_domains(ask)
        with self._open(ask) as box:
            sent = _sent_folder(ask, box)
            for folder in ask.settings.option("folders", ("INBOX",)):
                box.select(folder)
        told = f"answers are read from '{sent}'" if sent else "no sent folder found: set the option sent_folder"
        return f"{ask.settings.name}: the log-in works; {told}"

    def parse(self, page: Page, context: ParseContext) -> Iterator[Mention | Refused]:
        """A mention a mail; a mail from the shop's own domain is an official one."""
        items = page.body if isinstance(page.body, list) else []
        threads = mapping(page.extra.get("threads", {}))
        folder = str(page.extra.get("folder", ""))
        for index, item in enumerate(items):
            for found in parse_each([item], context, lambda one: _mention(one, threads, context), ""):
                # What could not be read is a whole mail: its words, headers and addresses stay out of the quarantine.
                yield found if isinstance(found, Mention) else Refused(
                    reason=found.reason, payload=f"{folder} uid {_uid(item)}", position=f"{folder}[{index}]"
                )

    def _open(self, ask: Ask) -> Any:
        settings = ask.settings
        return open_mailbox(
            settings.base_url, settings.credential(_USER), settings.credential(_PASSWORD), source=settings.name,
            timeout_seconds=settings.timeout_seconds, ca_file=settings.option("ca_file", ""),
        )


def _folder_pages(ask: Ask, box: Mailbox, folder: str) -> Iterator[Page]:
    selected = box.select(folder)
    known = ask.findings.mark.get("folders", {}).get(folder, {})
    last = int(known["uid"]) if known.get("validity") == selected.validity else 0
    day = None if last else (ask.since or ask.now - timedelta(days=56)).date() - timedelta(days=1)
    uids = box.uids(after=last, since=day)
    for start in range(0, len(uids), BATCH):
        batch = uids[start : start + BATCH]
        mails = box.fetch(batch)
        threads, machines = _threads(ask, mails)
        yield Page(
            kind="mails", body=[mail for mail in mails if mail["uid"] not in machines],
            extra={"folder": folder, "threads": threads},
        )
        _mark(ask, folder, selected.validity, batch[-1])
    _mark(ask, folder, selected.validity, max(last, *uids, selected.next_uid - 1) if uids else selected.next_uid - 1)


def _mark(ask: Ask, folder: str, validity: int, uid: int) -> None:
    folders = {**ask.findings.mark.get("folders", {}), folder: {"validity": validity, "uid": uid}}
    ask.findings.mark["folders"] = folders


def _threads(ask: Ask, mails: Sequence[Mapping[str, Any]]) -> tuple[dict[str, str], set[int]]:
    """The first mail of each mail's thread, remembered between runs, and the UIDs of what machines wrote.

    Some programs name only the mail they answer; then the thread is the one that mail was in.
    """
    kept: dict[str, str] = dict(ask.findings.mark.get("threads", {}))
    found: dict[str, str] = {}
    machines: set[int] = set()
    for mail in mails:
        letter = _letter(str(mail["raw"]).encode("latin-1"))
        if letter is None:
            continue  # parse refuses it
        if letter.machine:
            ask.findings.skipped[letter.machine] += 1
            machines.add(int(mail["uid"]))
        found[letter.key] = _root(letter.root, kept)
        if found[letter.key] != letter.key:
            kept[letter.key] = found[letter.key]
    ask.findings.mark["threads"] = dict(list(kept.items())[-_KEPT_THREADS:])
    return found, machines


def _letter(raw: bytes) -> Letter | None:
    """The whole mail, which parse then finds read already; its headers when the text cannot be read."""
    with suppress(ContractError):
        return read_letter(raw)
    with suppress(ContractError):
        return read_letter(raw, headers_only=True)
    return None


def _root(key: str, kept: Mapping[str, str]) -> str:
    for _ in range(20):
        if kept.get(key, key) == key:
            break
        key = kept[key]
    return key


def _note_answers(ask: Ask, sent: str) -> None:
    """Every folder has been read to its end: who was answered in that time is known."""
    if not sent:
        ask.findings.lack(
            "answers", f"{ask.settings.name}: no sent folder found, so answers are not seen; set the option sent_folder"
        )
        return
    begun = ask.findings.mark.setdefault("read_from", to_iso(ask.since or ask.now))
    ask.findings.answers_from, ask.findings.answers_to = from_iso(begun), ask.now


def _sent_folder(ask: Ask, box: Mailbox) -> str:
    given = ask.settings.option("sent_folder", "")
    marked = [name for name, flags in box.folders() if any(flag.lower() == "\\sent" for flag in flags)]
    return given or (marked[0] if marked else "")


def _own_domains(ask: Ask) -> None:
    if not ask.brand.official.get(ask.settings.name):
        raise ConfigurationError(
            f"{ask.settings.name}: no own address is named for {ask.brand.id}, so its answers cannot be told; "
            f'set official.{ask.settings.name} = ["your-shop.com"] in brands.toml',
            source=ask.settings.name,
        )


def _is_own(address: str, brand: WatchedBrand, source: str) -> bool:
    """Whether an address is the shop's: named itself, or of a named domain or one below it."""
    domain = address.rpartition("@")[2]
    parents = [domain.split(".", ordinal)[-1] for ordinal in range(domain.count(".") + 1)]
    return brand.is_official(source, address, *parents)


def _mention(item: Any, threads: Mapping[str, Any], context: ParseContext) -> Iterator[Mention]:
    mail = mapping(item)
    raw = mail.get("raw")
    if not isinstance(raw, str):
        raise ContractError("the mail has no bytes")
    letter = read_letter(raw.encode("latin-1", "replace"))
    from_form = letter.address in _form_senders(context)
    official = not from_form and _is_own(letter.address, context.brand, context.source)
    customer = letter.reply_to or letter.address if from_form else letter.address
    yield Mention(
        source=context.source,
        native_id=letter.key,
        kind=Kind.MAIL,
        brands=(context.brand.id,),
        fetched_at=context.fetched_at,
        title=context.mask(letter.subject),
        text=context.mask(letter.text),
        thread_native_id=str(threads.get(letter.key, letter.root)),
        parent_native_id=letter.parents[-1] if letter.parents else None,
        author_key=None if official else context.author(customer),
        is_official=official,
        published_at=_written_at(letter, mail),
    )


def _form_senders(context: ParseContext) -> set[str]:
    """The shop's own addresses that carry customers' words: a contact form's, a board's notices."""
    senders: tuple[Any, ...] = context.settings.option("form_senders", ())
    return {str(address).strip().casefold() for address in senders}


def _written_at(letter: Letter, mail: Mapping[str, Any]) -> datetime:
    """The Date the sender wrote, unless it is more than a day away from when the server received the mail."""
    received = instant(text(mail, "received")) if mail.get("received") else None
    if letter.sent_at is None and received is None:
        raise ContractError("the mail has no date")
    if letter.sent_at is not None and (received is None or abs(letter.sent_at - received) <= timedelta(days=1)):
        return letter.sent_at
    assert received is not None
    return received


def _uid(item: Any) -> str:
    return str(item.get("uid", "?"))[:20] if isinstance(item, Mapping) else "?"
