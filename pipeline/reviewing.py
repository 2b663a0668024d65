"""Analysts' corrections: uncertain and sampled mentions out as CSV, the corrected file back as gold labels."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from contracts.errors import ConfigurationError
from contracts.keys import digest_key
from contracts.records import GoldLabel
from pipeline.csv_files import read_file, write_file
from pipeline.environment import Environment
from storage.files import write_jsonl_gz

RIGHT = "right_label"
TASK = "sentiment"
_WORDS = {"불만": "complaint", "칭찬": "praise", "중립": "neutral"}
LABELS = ("complaint", "praise", "neutral")
# Half uncertain ones, half drawn by a hash of the text: a fair sample that is the same when drawn again.
_SAMPLE = """
WITH texts AS (
    SELECT text_hash, any_value(source) AS source, any_value(coalesce(title || chr(10), '') || text) AS text,
        any_value(rating) AS rating, any_value(model_sentiment) AS model_label,
        round(any_value(model_score), 3) AS model_score, bool_or(is_uncertain) AS is_uncertain,
        bool_or(sentiment_by = 'person') AS is_labelled
    FROM mentions WHERE model_sentiment IS NOT NULL AND text IS NOT NULL AND NOT is_official
    GROUP BY text_hash
), ranked AS (
    SELECT *, row_number() OVER (PARTITION BY is_uncertain ORDER BY md5(text_hash)) AS place
    FROM texts WHERE NOT is_labelled
)
SELECT text_hash, source, text, rating, model_label, model_score, is_uncertain, '' AS right_label
FROM ranked WHERE place <= $1 ORDER BY is_uncertain DESC, place
"""


def export(env: Environment, path: Path, *, texts: int) -> dict[str, Any]:
    """Write a CSV of at most `texts` texts whose column right_label waits to be filled in."""
    from warehouse.query import rows

    if not env.home.published_file.exists():
        raise ConfigurationError("nothing is published yet; run `gwidam run` first")
    found = rows(env.home.published_file, _SAMPLE, (max(1, texts // 2),))
    if not found:
        raise ConfigurationError("no text waits for a label: all are labelled, or none is read yet (`gwidam run`)")
    write_file(path, found)
    return {"texts": len(found), "uncertain": sum(bool(row["is_uncertain"]) for row in found), "path": str(path)}


def take(env: Environment, path: Path, *, by: str, now: datetime) -> dict[str, Any]:
    """Land the labels of a corrected file; the same file twice is the same labels. Unlabelled rows are left out.

    Raises ConfigurationError, with the line, when a label is none: nothing of the file is taken then.
    """
    labels: list[GoldLabel] = []
    for line, row in read_file(path, ("text_hash", RIGHT)):
        word = row[RIGHT].strip().casefold()
        label = _WORDS.get(word, word)
        if not label:
            continue
        if label not in LABELS:
            raise ConfigurationError(
                f"{path} line {line}: {row[RIGHT]!r} is no label; write complaint, praise or neutral (불만, 칭찬, 중립)"
            )
        labels.append(GoldLabel(text_hash=row["text_hash"].lstrip("'"), task=TASK, label=label, labelled_by=by,
                                labelled_at=now))
    if not labels:
        raise ConfigurationError(f"{path}: no row has a {RIGHT}; fill the column in and save the file")
    name = digest_key(by, *(f"{label.text_hash}={label.label}" for label in labels))
    target = env.home.landed("gold") / f"{name}.jsonl.gz"
    if not target.exists():
        write_jsonl_gz(target, [label.to_json() for label in labels])
    return {"labels": len(labels), "path": str(target)}
