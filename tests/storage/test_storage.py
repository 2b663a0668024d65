"""Files are absent or whole; one writer at a time; a killed holder frees its lock."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from contracts.errors import SourceUnavailable
from storage.files import read_jsonl_gz, sweep_parts, write_jsonl_gz
from storage.locks import exclusive

ROWS = [{"text": "배송이 너무 늦어요 😡"}, {"text": "lone \ud800 surrogate"}]


def test_the_same_rows_give_the_same_bytes(tmp_path: Path) -> None:
    assert write_jsonl_gz(tmp_path / "a.jsonl.gz", ROWS) == 2
    write_jsonl_gz(tmp_path / "b.jsonl.gz", ROWS)
    assert (tmp_path / "a.jsonl.gz").read_bytes() == (tmp_path / "b.jsonl.gz").read_bytes()
    assert [row["text"][:2] for row in read_jsonl_gz(tmp_path / "a.jsonl.gz")] == ["배송", "lo"]


def test_a_writer_that_fails_leaves_nothing(tmp_path: Path) -> None:
    def rows():  # type: ignore[no-untyped-def]
        yield {"a": 1}
        raise RuntimeError("source broke off")

    with pytest.raises(RuntimeError):
        write_jsonl_gz(tmp_path / "a.jsonl.gz", rows())
    assert list(tmp_path.iterdir()) == []


def test_a_killed_writer_leaves_a_part_that_is_swept(tmp_path: Path) -> None:
    code = f"""
import os, signal
from pathlib import Path
from storage.files import written_whole
with written_whole(Path({str(tmp_path)!r}) / "a.jsonl.gz") as handle:
    handle.write(b"half"); handle.flush()
    os.kill(os.getpid(), signal.SIGKILL)
"""
    assert subprocess.run([sys.executable, "-c", code]).returncode == -signal.SIGKILL
    assert not (tmp_path / "a.jsonl.gz").exists()
    now = datetime.now(UTC)
    assert sweep_parts(tmp_path, now=now) == 0, "somebody may be writing it this moment"
    assert sweep_parts(tmp_path, now=now + timedelta(days=1)) == 1
    assert list(tmp_path.iterdir()) == []


def test_a_lock_shuts_others_out_and_dies_with_its_holder(tmp_path: Path) -> None:
    lock = tmp_path / "warehouse.lock"
    code = f"""
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from storage.locks import exclusive
with exclusive(Path({str(lock)!r})):
    print("held", flush=True); time.sleep(60)
"""
    holder = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert holder.stdout is not None and holder.stdout.readline() == "held\n"
    with pytest.raises(SourceUnavailable, match=str(holder.pid)), exclusive(lock, wait_seconds=0.3):
        pass
    os.kill(holder.pid, signal.SIGKILL)
    holder.wait()
    started = time.monotonic()
    with exclusive(lock, wait_seconds=10):
        assert lock.read_text() == str(os.getpid())
    assert time.monotonic() - started < 10
