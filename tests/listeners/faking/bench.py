"""One listener against its fake, over whatever transport: run it, break what it reads, mend it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from contracts.coverage import Coverage
from listeners.contract import SourceSettings
from tests.listeners.faking.faulty_server import Fault, Reply, Server
from tests.listeners.faking.folder import FeedbackFake
from tests.listeners.faking.house import House
from tests.listeners.faking.imap_server import Break, ImapServer
from tests.listeners.faking.mail import MailFake
from tests.listeners.faking.situations import listener_of
from tests.listeners.faking.world import NOW, Fake, HttpFake

FOR_EVER = 1_000_000


class Bench(ABC):
    """`strike` breaks the second page (or the first chance there is), with `first` anything; `mend` ends it."""

    fake: Fake
    base_url = ""

    def __init__(self, house: House) -> None:
        self.house = house
        self.listener = listener_of(self.fake.name)

    @abstractmethod
    def strike(
        self, mode: str, *, times: int = FOR_EVER, retry_after: str | None = None, first: bool = False
    ) -> None: ...

    @abstractmethod
    def mend(self) -> None: ...

    @property
    @abstractmethod
    def asked(self) -> int:
        """How often the source was asked."""

    def settings(self, timeout: float = 20.0, *, keys: bool = True) -> SourceSettings:
        return SourceSettings(
            name=self.fake.name, base_url=self.base_url, credentials=self.fake.keys if keys else {},
            timeout_seconds=timeout, options={"retry_backoff_seconds": 0, **self.fake.options},
        )

    def run(self, later: timedelta = timedelta(0), timeout: float = 20.0, *, keys: bool = True) -> Coverage:
        return self.house.run(self.listener, self.settings(timeout, keys=keys), now=NOW + later)

    def ids(self) -> set[str]:
        return set(self.house.mentions(self.fake.name))

    def expected(self) -> set[str]:
        return {self.fake.native_id(post) for post in self.fake.posts}


class HttpBench(Bench):
    def __init__(self, fake: HttpFake, server: Server, house: House) -> None:
        self.fake = self._http = fake
        self.server = server
        self.base_url = server.url
        server.answer = fake
        super().__init__(house)

    def strike(self, mode: str, *, times: int = FOR_EVER, retry_after: str | None = None, first: bool = False) -> None:
        self.server.fault = Fault(
            mode=mode, where="/" if first else self._http.listing, times=times, retry_after=retry_after,
            after=0 if first else self._http.whole_requests,
        )

    def mend(self) -> None:
        self.server.fault = None
        self.server.released.set()

    @property
    def asked(self) -> int:
        return len([path for path in self.server.requests if path != "/robots.txt"])


class FolderBench(Bench):
    def __init__(self, fake: FeedbackFake, house: House) -> None:
        self.fake = self._feedback = fake
        fake.write()
        super().__init__(house)

    def settings(self, timeout: float = 20.0, *, keys: bool = True) -> SourceSettings:
        return SourceSettings(name=self.fake.name, options={"folder": str(self._feedback.folder)})

    def run(self, later: timedelta = timedelta(0), timeout: float = 20.0, *, keys: bool = True) -> Coverage:
        self._feedback.write()
        return super().run(later, timeout, keys=keys)

    def strike(self, mode: str, *, times: int = FOR_EVER, retry_after: str | None = None, first: bool = False) -> None:
        self._feedback.broken = mode

    def mend(self) -> None:
        self._feedback.broken = ""

    @property
    def asked(self) -> int:
        return 0


class MailBench(Bench):
    def __init__(self, fake: MailFake, server: ImapServer, house: House) -> None:
        self.fake = fake
        self.server = server
        self.base_url = server.url
        super().__init__(house)

    def run(self, later: timedelta = timedelta(0), timeout: float = 20.0, *, keys: bool = True) -> Coverage:
        self.server.twice_listed = self.fake.repeats
        return super().run(later, timeout, keys=keys)

    def strike(self, mode: str, *, times: int = FOR_EVER, retry_after: str | None = None, first: bool = False) -> None:
        at_the_door = mode in {"401", "403", "404", "html"}
        self.server.fault = Break(mode, after=0 if at_the_door else 1, times=times)

    def mend(self) -> None:
        self.server.fault = None
        self.server.released.set()

    @property
    def asked(self) -> int:
        return self.server.sessions


@contextmanager
def bench_of(kind: type[Fake], house: House, folder: Path) -> Iterator[Bench]:
    """The bench of a fake, its server running."""
    server: Any
    if issubclass(kind, HttpFake):
        server = Server()
        bench: Bench = HttpBench(kind(Reply), server, house)
    elif issubclass(kind, MailFake):
        fake = kind()
        server = ImapServer(fake.folders, *fake.keys.values())
        bench = MailBench(fake, server, house)
    else:
        assert issubclass(kind, FeedbackFake)
        yield FolderBench(kind(folder / "inbox"), house)
        return
    try:
        yield bench
    finally:
        server.close()
