"""A leaky bucket: each call is a drop, the bucket holds some, and drops run out at a steady pace."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Mapping

SIZE = 40
PER_SECOND = 2.0
WINDOW = 600.0
CALLS = 3_000
SECONDS = 600.0
_COST = 0.05  # seconds of the server's time that a call takes here


class CallLimits:
    """Cafe24's two limits on a mall: forty calls at a time, and 3,000 calls or 600 seconds of work in ten minutes.

    `clock` is in seconds. https://developers.cafe24.com/docs/ko/api/admin/#api-limit
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._level = 0.0
        self._at = clock()
        self._calls: deque[float] = deque()

    def take(self) -> bool:
        """Whether a call may pass. A call that is refused still counts in the ten minutes."""
        now = self._clock()
        self._level = max(0.0, self._level - (now - self._at) * PER_SECOND)
        self._at = now
        while self._calls and self._calls[0] <= now - WINDOW:
            self._calls.popleft()
        self._calls.append(now)
        if len(self._calls) > CALLS or self._level + 1 > SIZE:
            return False
        self._level += 1
        return True

    def headers(self) -> Mapping[str, str]:
        """How full the bucket is, the use in percent, and only above 100 % the seconds until calls pass again."""
        used = len(self._calls)
        found = {
            "X-Api-Call-Limit": f"{math.ceil(self._level)}/{SIZE}", "X-Cafe24-Call-Usage": f"{100 * used / CALLS:.2f}",
            "X-Cafe24-Time-Usage": f"{100 * used * _COST / SECONDS:.2f}",
        }
        if used > CALLS:
            until = self._calls[used - CALLS - 1] + WINDOW
            found["X-Cafe24-Call-Remain"] = str(math.ceil(max(1.0, until - self._clock())))
        return found
