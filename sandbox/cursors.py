"""Page tokens that name the last item shown, so that a page stays itself while new items arrive at the top."""

from __future__ import annotations

import base64
from collections.abc import Sequence


def after(item_id: str) -> str:
    """The token of the page that follows an item."""
    return base64.urlsafe_b64encode(f"after:{item_id}".encode()).decode()


def start_of(token: str | None, ids: Sequence[str]) -> int | None:
    """Where a token's page begins in the list as it is now: 0 without a token, None for one that names no item."""
    if not token:
        return 0
    try:
        word, _, item_id = base64.urlsafe_b64decode(token.encode()).decode().partition(":")
    except ValueError:
        return None
    return ids.index(item_id) + 1 if word == "after" and item_id in ids else None
