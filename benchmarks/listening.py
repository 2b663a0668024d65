"""What 10,000 posts cost a listener: `benchmarks/listening.py [--posts N] [SOURCE …]`; exits 1 when over a limit.

Each source's stand-in (the fakes of the contract test) runs in a process of its own, so that only the listener's own
CPU time and memory are counted: fetch, parse, masking, landing, mark. Where a source shows fewer at a time, it is read
in as many runs as it takes. A board is read twice: `board` in threads of a post and four comments, `board-bare` without
a comment, so that every post is a page to be asked for (its dearest case).

A busy machine makes every CPU second longer (a neighbour on the same core, colder caches): a fixed loop is timed again
and again while a listener works, and the seconds are told as they came and as they would be on an idle core.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

POSTS = 10_000
YARDSTICK = 100_000  # additions
YARDSTICK_SECONDS = 0.007  # what they take on an idle core of 2.5 GHz
YARDSTICK_EVERY = 0.25  # CPU seconds
MOST_CPU_SECONDS = 20.0
MOST_MEGABYTES = 200.0
# How many posts a run can reach, where it is less than all: a search's cap, a feed's last page.
REACH = {
    "naver_cafe": 1_000, "naver_blog": 1_000, "naver_kin": 1_000, "naver_news": 1_000, "daum_cafe": 2_500,
    "daum_blog": 2_500, "app_store": 500, "cafe24": 5_000,
}
BARE = "-bare"
CASES = ("board", f"board{BARE}")
COMMENTS = {"board": 4}  # below each post: a thread is a page of its own
# How much a page holds as the listeners ask for it; the contract test's stand-ins have shorter ones.
PAGE_SIZES = {
    "app_store": 50, "app_store_connect": 200, "board": 20, "cafe24": 100, "daum_blog": 50, "daum_cafe": 50,
    "facebook": 100, "feedback": 500, "google_play": 100, "naver_commerce": 100, "surveymonkey": 100, "x": 100,
    "youtube": 100,
}
OPTIONS: dict[str, dict[str, Any]] = {"board": {"max_pages": 600}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What a listener took for all of its posts in one case: a source's name, `board-bare` beside `board`."""

    case: str
    posts: int
    seen: int
    requests: int
    cpu_seconds: float
    slower: float
    megabytes: float

    @property
    def idle_seconds(self) -> float:
        """CPU seconds for 10,000 posts on an idle core."""
        return self.cpu_seconds / self.slower * POSTS / self.posts

    @property
    def is_within(self) -> bool:
        """Everything seen, within both limits."""
        return self.seen == self.posts and self.idle_seconds < MOST_CPU_SECONDS and self.megabytes < MOST_MEGABYTES


def cases() -> list[str]:
    """Every source, and every way in which a source's posts are read."""
    from listeners import registry

    return sorted({*registry.names(), *CASES})


def serve(case: str, count: int, folder: str, told: Connection) -> None:
    """The stand-in with its posts: tells (base address, options, keys), then serves until it is ended."""
    from tests.listeners.faking.faulty_server import Reply, Server
    from tests.listeners.faking.folder import FeedbackFake
    from tests.listeners.faking.imap_server import ImapServer
    from tests.listeners.faking.mail import MailFake
    from tests.listeners.faking.situations import FAKES
    from tests.listeners.faking.world import HttpFake, posts

    name = case.removesuffix(BARE)
    kind: Any = FAKES[name]
    if name in PAGE_SIZES:
        kind.page_size = PAGE_SIZES[name]
    fake = kind(Reply) if issubclass(kind, HttpFake) else kind(Path(folder)) if kind is FeedbackFake else kind()
    fake.comments = COMMENTS.get(case, 0)
    count //= 1 + fake.comments
    fake.posts = posts(min(count, REACH.get(name, count)), apart=timedelta(minutes=1))
    url, options = "", {**fake.options, **OPTIONS.get(name, {})}
    if isinstance(fake, MailFake):
        mails = fake.folders()
        url = ImapServer(lambda: mails, *fake.keys.values()).url
    elif isinstance(fake, FeedbackFake):
        fake.write()
        options["folder"] = folder
    else:
        server = Server()
        server.answer = fake
        url = server.url
    told.send((url, options, fake.keys))
    threading.Event().wait()


def listen(
    case: str, count: int, url: str, options: dict[str, Any], keys: dict[str, str], told: Connection
) -> None:
    """Collect everything in as many runs as it takes; tells (posts seen, requests, CPU seconds, slower, megabytes)."""
    from listeners.collect import collect
    from listeners.contract import SourceSettings
    from nlp.personal_data import mask
    from storage.home import Home
    from tests.listeners.faking.house import BRAND, NOW, hashed
    from tests.listeners.faking.situations import listener_of

    name = case.removesuffix(BARE)
    settings = SourceSettings(name=name, base_url=url, credentials=keys, options=options, timeout_seconds=120)
    seen = requests = 0
    pace = _Pace()
    before = _cpu_seconds()
    with tempfile.TemporaryDirectory() as folder:
        for run in range(max(1, count // REACH.get(name, count))):
            coverage = collect(
                listener_of(name), brand=replace(BRAND, id=f"brand{run}"), settings=settings, home=Home(Path(folder)),
                now=NOW, mask=mask, author_key=hashed, progress=pace,
            )
            seen += coverage.seen
            requests += coverage.requests
    spent = _cpu_seconds() - before - sum(pace.loops)
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    told.send((seen, requests, spent, pace.slower, megabytes))


def measure(case: str, count: int) -> Cost:
    """One case, both processes."""
    with tempfile.TemporaryDirectory() as folder:
        server, (url, options, keys) = _told_by(serve, case, count, folder)
        try:
            child, (seen, requests, cpu, slower, megabytes) = _told_by(listen, case, count, url, options, keys)
            child.join()
        finally:
            server.terminate()
            server.join()
    return Cost(
        case=case, posts=count, seen=seen, requests=requests, cpu_seconds=cpu, slower=slower, megabytes=megabytes
    )


def _told_by(target: Callable[..., None], *given: Any) -> tuple[Any, Any]:
    fresh = multiprocessing.get_context("spawn")
    here, there = fresh.Pipe(duplex=False)
    process = fresh.Process(target=target, args=(*given, there), daemon=True)
    process.start()
    there.close()
    return process, here.recv()


def _cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


class _Pace:
    """How slow the core is while a listener works on it: told of its progress, it times the loop now and then."""

    def __init__(self) -> None:
        self.loops: list[float] = []
        self._last = 0.0

    def __call__(self, _seen: int) -> None:
        start, total = time.process_time(), 0
        if start < self._last + YARDSTICK_EVERY:
            return
        for number in range(YARDSTICK):
            total += number
        self._last = time.process_time()
        self.loops.append(self._last - start)

    @property
    def slower(self) -> float:
        """Times as long as on an idle core."""
        return sum(self.loops) / len(self.loops) / YARDSTICK_SECONDS


def main() -> int:
    """A line a case; 1 when one of them is over a limit."""
    arguments = argparse.ArgumentParser(description="What 10,000 posts cost a listener.")
    arguments.add_argument("--posts", type=int, default=POSTS, help="fewer are told as 10,000 would be")
    arguments.add_argument("cases", nargs="*", metavar="SOURCE", help="all, unless some are named")
    given = arguments.parse_args()
    print("| source | posts | requests | CPU s | slower than idle | idle CPU s for 10,000 | MB |")
    print("|---|---|---|---|---|---|---|", flush=True)
    costs = []
    for case in given.cases or cases():
        cost = measure(case, given.posts)
        costs.append(cost)
        print(
            f"| {case} | {cost.seen:,} | {cost.requests:,} | {cost.cpu_seconds:.1f} | {cost.slower:.1f} | "
            f"{cost.idle_seconds:.1f}{'' if cost.is_within else ' **over**'} | {cost.megabytes:.0f} |", flush=True
        )
    return 0 if all(cost.is_within for cost in costs) else 1


if __name__ == "__main__":
    sys.exit(main())
