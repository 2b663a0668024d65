"""The folders under GWIDAM_HOME. Two homes never meet: every path of a run hangs below one root."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Home:
    """Paths below one GWIDAM_HOME; nothing is created before `ensure`."""

    root: Path

    def ensure(self) -> Home:
        """Create the folders, readable by their owner only where people's words lie."""
        self.root.mkdir(parents=True, exist_ok=True, mode=0o700)
        for folder in (
            self.landing, self.pending, self.warehouse_file.parent, self.published, self.digests,
            self.outbox, self.state, self.locks,
        ):
            folder.mkdir(parents=True, exist_ok=True)
        return self

    def landed(self, what: str) -> Path:
        """landing/<what>/: mentions, tags, coverage, quarantine, resolutions, deliveries, gold."""
        return self.landing / what

    @property
    def landing(self) -> Path:
        return self.root / "landing"

    @property
    def pending(self) -> Path:
        """Texts that still want a tag: pending/<key>.jsonl.gz of {"text_hash", "text"}."""
        return self.root / "pending"

    @property
    def state(self) -> Path:
        """High-water marks of listeners, one JSON file a source and brand."""
        return self.root / "landing" / "state"

    @property
    def warehouse_file(self) -> Path:
        return self.root / "warehouse" / "gwidam.duckdb"

    @property
    def published(self) -> Path:
        return self.root / "published"

    @property
    def published_file(self) -> Path:
        """The copy that analysts, digests and alerts read."""
        return self.root / "published" / "gwidam.duckdb"

    @property
    def digests(self) -> Path:
        return self.root / "published" / "digests"

    @property
    def outbox(self) -> Path:
        return self.root / "outbox"

    @property
    def locks(self) -> Path:
        return self.root / "locks"

    @property
    def sandbox(self) -> Path:
        """The demo world's clock and overlays."""
        return self.root / "sandbox"

    @property
    def secret_file(self) -> Path:
        """The key of the author hash when GWIDAM_AUTHOR_SECRET is not set; created once, owner-only."""
        return self.root / "author_secret"
