"""Set-based upserts from the temporary table `landed` into raw: by key, without primary keys or ON CONFLICT."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import duckdb

from warehouse.landing_rows import COVERAGE, DELIVERIES, GOLD, QUARANTINE, RESOLUTIONS, TAGS, LandingKind

# What a re-read may bring up to date: the newer sighting wins, and a value once known is not lost to a silence.
_LATEST = (
    "source", "native_id", "kind", "title", "text", "full_text", "url", "thread_native_id", "parent_native_id",
    "reshare_of_native_id", "author_key", "is_official", "rating", "likes", "replies", "shares", "views",
    "published_at", "answered", "answered_at", "place", "product", "score_kind",
    "score_value", "landed_in",
)
# An undated post was there when it was first seen: later sightings only widen these, so the first bound holds.
_SPAN = ("answers_checked_at", "not_before", "not_after", "first_seen_at", "last_seen_at")


def mentions(connection: duckdb.DuckDBPyConnection, loaded_at: str) -> Counter[str]:
    """Versions by (mention_id, text_hash), the brand relation, and deletions, which erase words for good."""
    _stage_versions(connection)
    counts = _count_mentions(connection)
    connection.execute(_merge_versions())
    connection.execute(
        """
        INSERT INTO raw.mention_brands
        SELECT mention_id, brand, min(fetched_at)
        FROM (SELECT mention_id, unnest(brands) AS brand, fetched_at FROM temp.landed WHERE deleted_at IS NULL)
        ANTI JOIN raw.mention_brands USING (mention_id, brand)
        GROUP BY mention_id, brand
        """
    )
    counts["mentions_deleted"] = _delete(connection, loaded_at)
    connection.execute("DROP TABLE temp.versions")
    return counts


def _stage_versions(connection: duckdb.DuckDBPyConnection) -> None:
    latest = ", ".join(f"arg_max({_landed(name)}, place_in_time) AS {name}" for name in _LATEST)
    connection.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE versions AS
        SELECT mention_id, coalesce(text_hash, '') AS text_hash, {latest},
            max(answers_checked_at) AS answers_checked_at,
            min(not_before) AS not_before, min(not_after) AS not_after,
            min(fetched_at) AS first_seen_at, max(fetched_at) AS last_seen_at
        FROM (
            SELECT *, row_number() OVER (ORDER BY fetched_at, landed_in, line_order) AS place_in_time
            FROM temp.landed WHERE deleted_at IS NULL
        )
        GROUP BY ALL
        """  # noqa: S608 - names from this room
    )


def _landed(name: str) -> str:
    # Words that repeat the text are not stored twice; '' means unknown in the optional text fields.
    if name == "full_text":
        return "CASE WHEN full_text IS DISTINCT FROM text THEN full_text END"
    if name in ("title", "url", "place", "product"):
        return f"nullif({name}, '')"
    return name


def _count_mentions(connection: duckdb.DuckDBPyConnection) -> Counter[str]:
    new, edited, updated = connection.execute(
        """
        WITH incoming AS (
            SELECT mention_id, text_hash,
                mention_id IN (SELECT mention_id FROM raw.mentions) AS is_known,
                (mention_id, text_hash) IN (SELECT (mention_id, text_hash) FROM raw.mentions) AS is_known_wording
            FROM temp.versions
        )
        SELECT count(DISTINCT mention_id) FILTER (NOT is_known),
            count(*) FILTER (is_known AND NOT is_known_wording),
            count(*) FILTER (is_known_wording)
        FROM incoming
        """
    ).fetchall()[0]
    return Counter(mentions_new=new, mentions_edited=edited, mentions_updated=updated)


def _merge_versions() -> str:
    newer = "incoming.last_seen_at >= known.last_seen_at"
    updates = ", ".join(
        f"{name} = CASE WHEN {newer} THEN coalesce(incoming.{name}, known.{name}) "
        f"ELSE coalesce(known.{name}, incoming.{name}) END"
        for name in _LATEST
    )
    columns = ["mention_id", "text_hash", *_LATEST, *_SPAN]
    return f"""
        MERGE INTO raw.mentions AS known
        USING temp.versions AS incoming
        ON known.mention_id = incoming.mention_id AND known.text_hash = incoming.text_hash
        WHEN MATCHED THEN UPDATE SET {updates},
            answers_checked_at = greatest(known.answers_checked_at, incoming.answers_checked_at),
            not_before = least(known.not_before, incoming.not_before),
            not_after = least(known.not_after, incoming.not_after),
            first_seen_at = least(known.first_seen_at, incoming.first_seen_at),
            last_seen_at = greatest(known.last_seen_at, incoming.last_seen_at)
        WHEN NOT MATCHED THEN INSERT ({', '.join(columns)})
            VALUES ({', '.join(f'incoming.{name}' for name in columns)})
        """  # noqa: S608 - names from this room


def _delete(connection: duckdb.DuckDBPyConnection, loaded_at: str) -> int:
    """Keep the newest sighting of each deletion and erase every wording seen up to it, and what tags quote of it."""
    connection.execute(
        """
        CREATE OR REPLACE TEMP TABLE gone AS
        SELECT mention_id, max(deleted_at) AS deleted_at, max(fetched_at) AS seen_at
        FROM temp.landed WHERE deleted_at IS NOT NULL GROUP BY mention_id
        """
    )
    fresh = connection.execute("SELECT count(*) FROM temp.gone ANTI JOIN raw.deletions USING (mention_id)").fetchall()
    connection.execute(
        """
        MERGE INTO raw.deletions AS known USING temp.gone AS incoming ON known.mention_id = incoming.mention_id
        WHEN MATCHED AND incoming.seen_at > known.seen_at
            THEN UPDATE SET deleted_at = incoming.deleted_at, seen_at = incoming.seen_at
        WHEN NOT MATCHED THEN INSERT (mention_id, deleted_at, seen_at)
            VALUES (incoming.mention_id, incoming.deleted_at, incoming.seen_at)
        """
    )
    erased = connection.execute(
        """
        UPDATE raw.mentions SET text = NULL, title = NULL, full_text = NULL, erased_at = ?::TIMESTAMP
        FROM raw.deletions
        WHERE mentions.mention_id = deletions.mention_id AND deletions.seen_at >= mentions.last_seen_at
            AND (mentions.text IS NOT NULL OR mentions.title IS NOT NULL OR mentions.full_text IS NOT NULL)
        RETURNING mentions.mention_id
        """,
        [loaded_at],
    ).fetchall()
    # The file these words came in still holds them: `warehouse.erase` sees to it.
    connection.execute(
        "UPDATE raw.deletions SET landing_erased_at = NULL WHERE mention_id IN (SELECT unnest(?))",
        [[mention_id for (mention_id,) in erased]],
    )
    connection.execute("DROP TABLE temp.gone")
    erase_evidence(connection)
    return int(fresh[0][0])


def erase_evidence(connection: duckdb.DuckDBPyConnection) -> None:
    """Tags quote words: empty what they quote where no living mention has these words any more.

    What task 'evidence' found goes altogether: its values are words too ("80포기").
    """
    gone = """
        text_hash IN (SELECT text_hash FROM raw.mentions WHERE erased_at IS NOT NULL AND text IS NULL)
        AND text_hash NOT IN (SELECT text_hash FROM raw.mentions WHERE text IS NOT NULL)
    """
    connection.execute(f"DELETE FROM raw.tags WHERE task = 'evidence' AND {gone}")  # noqa: S608 - the lines above
    connection.execute(f"UPDATE raw.tags SET evidence = '' WHERE evidence <> '' AND {gone}")  # noqa: S608


def tags(connection: duckdb.DuckDBPyConnection, loaded_at: str) -> Counter[str]:
    """Append what is not there yet: key text_hash, task, label, value, model_version."""
    inserted = connection.execute(
        """
        INSERT INTO raw.tags BY NAME
        SELECT text_hash, task, label, coalesce(value, '') AS value, model_version, arg_max(model, line_order) AS model,
            arg_max(score, line_order) AS score, coalesce(arg_max(evidence, line_order), '') AS evidence,
            ?::TIMESTAMP AS loaded_at
        FROM temp.landed
        ANTI JOIN raw.tags ON tags.text_hash = landed.text_hash AND tags.task = landed.task
            AND tags.label = landed.label AND tags.value = coalesce(landed.value, '')
            AND tags.model_version = landed.model_version
        GROUP BY ALL
        """,
        [loaded_at],
    ).fetchall()
    erase_evidence(connection)
    return Counter(tags=int(inserted[0][0]))


def _by_key(kind: LandingKind, order: str) -> Callable[..., Counter[str]]:
    """An upsert in which the row with the highest `order` replaces the others of its key."""

    def upsert(connection: duckdb.DuckDBPyConnection, loaded_at: str, *, table: str = "landed") -> Counter[str]:
        same = " AND ".join(f"kept.{name} = incoming.{name}" for name in kind.key)
        names = list(kind.columns)
        tie = "line_order" if table == "landed" else "position"
        inserted = connection.execute(
            f"""
            MERGE INTO raw.{kind.name} AS kept
            USING (
                SELECT * FROM temp.{table}
                QUALIFY row_number() OVER (PARTITION BY {', '.join(kind.key)} ORDER BY {order} DESC, {tie} DESC) = 1
            ) AS incoming
            ON {same}
            WHEN MATCHED AND incoming.{order} > kept.{order}
                THEN UPDATE SET {', '.join(f'{name} = incoming.{name}' for name in names if name not in kind.key)}
            WHEN NOT MATCHED THEN INSERT ({', '.join(names)}) VALUES ({', '.join(f'incoming.{n}' for n in names)})
            RETURNING merge_action
            """  # noqa: S608 - names from this room
        ).fetchall()
        return Counter({_COUNTED_AS[kind.name]: sum(action == "INSERT" for (action,) in inserted)})

    return upsert


_COUNTED_AS = {
    "coverage": "coverage", "resolutions": "resolutions", "deliveries": "deliveries", "gold": "gold",
    "quarantine": "quarantined",
}

UPSERTS: dict[str, Callable[..., Counter[str]]] = {
    "mentions": mentions,
    TAGS.name: tags,
    COVERAGE.name: _by_key(COVERAGE, "finished_at"),
    RESOLUTIONS.name: _by_key(RESOLUTIONS, "recorded_at"),
    DELIVERIES.name: _by_key(DELIVERIES, "delivered_at"),
    GOLD.name: _by_key(GOLD, "labelled_at"),
    QUARANTINE.name: _by_key(QUARANTINE, "quarantined_at"),
}
