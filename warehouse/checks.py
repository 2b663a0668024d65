"""Checks on what was built: keys that are unique, values that are known, evidence for every state."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import duckdb

from contracts.errors import TerminalError
from storage.home import Home
from warehouse.connection import writing
from warehouse.models import read_models

Level = Literal["fail", "warn"]


class Check(NamedTuple):
    """A SELECT whose rows break a rule; `message` says what that means."""

    level: Level
    name: str
    message: str
    sql: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckResult:
    """How many rows break the rule; 0 is good."""

    name: str
    level: Level
    rows: int
    message: str


_STATES = "'unaddressed', 'answered', 'resolved', 'answered_elsewhere', 'reopened', 'not_observable', 'withdrawn'"
_RULES: tuple[tuple[Level, str, str, str], ...] = (
    (
        "fail", "complaints_have_a_known_state", "complaints without one of the seven states",
        f"FROM marts.fct_complaints WHERE state IS NULL OR state NOT IN ({_STATES})",
    ),
    (
        "fail", "complaints_have_evidence", "complaints whose state has no evidence",
        "FROM marts.fct_complaints WHERE coalesce(evidence, '') = '' OR evidence_id IS NULL",
    ),
    (
        "fail", "unaddressed_was_looked_at", "complaints called unaddressed although nobody looked since",
        """FROM marts.fct_complaints
        WHERE state = 'unaddressed' AND (last_checked_at IS NULL OR last_checked_at < occurred_at)""",
    ),
    (
        "fail", "sentiment_is_known", "mentions with an unknown sentiment label",
        "FROM marts.fct_mentions WHERE sentiment NOT IN ('complaint', 'praise', 'neutral')",
    ),
    (
        "fail", "complaints_are_never_noise", "complaints that are advertising, official, a reshare or a homonym",
        """FROM marts.fct_complaints JOIN marts.fct_mentions USING (mention_id, brand)
        WHERE is_official OR is_advertising OR is_homonym OR is_reshare""",
    ),
    (
        "fail", "nothing_is_lost_on_the_way", "loaded mentions that the marts lack; run `gwidam build`",
        "FROM raw.mention_brands ANTI JOIN marts.fct_mentions USING (mention_id, brand)",
    ),
    (
        "fail", "deleted_words_are_erased", "deleted posts whose words are still there",
        "FROM marts.fct_mentions WHERE deleted_at IS NOT NULL AND (text IS NOT NULL OR title IS NOT NULL)",
    ),
    (
        "fail", "minutes_are_not_negative", "response times that cannot be",
        """FROM marts.fct_complaints WHERE first_response_minutes < 0 OR first_response_business_minutes < 0
            OR first_response_business_minutes > first_response_minutes + 1""",
    ),
    (
        "fail", "links_are_between_complaints", "links that join no two living complaints, or say no reason",
        """FROM marts.fct_complaint_links AS links
        LEFT JOIN marts.fct_complaints AS earlier ON earlier.mention_id = earlier_id AND earlier.brand = links.brand
        LEFT JOIN marts.fct_complaints AS later ON later.mention_id = later_id AND later.brand = links.brand
        WHERE coalesce(earlier.state, 'withdrawn') = 'withdrawn' OR coalesce(later.state, 'withdrawn') = 'withdrawn'
            OR earlier_id = later_id OR earlier_at > later_at OR links.evidence = ''
            OR confidence NOT BETWEEN 0 AND 1""",
    ),
    (
        "warn", "mentions_are_tagged", "customers' mentions not read yet; run `gwidam tag` and `gwidam load`",
        "FROM marts.fct_mentions WHERE sentiment_version IS NULL AND concat(title, text) <> '' AND NOT is_official",
    ),
    (
        "warn", "brands_are_configured", "brands with mentions that config/brands.toml does not name",
        "FROM (SELECT DISTINCT brand FROM marts.fct_mentions) ANTI JOIN ref.brands USING (brand)",
    ),
    (
        "warn", "topics_are_configured", "topics that config/topics.toml does not name",
        "FROM (SELECT DISTINCT unnest(topics) AS topic FROM marts.fct_mentions) ANTI JOIN ref.topics USING (topic)",
    ),
    (
        "warn", "nothing_from_the_future", "mentions dated after the build; is a source's time zone wrong?",
        "FROM marts.fct_mentions, ref.settings WHERE occurred_at > built_for + INTERVAL 1 DAY",
    ),
    (
        "warn", "sources_are_fresh", "sources that have not been heard for a day; see `gwidam status`",
        """FROM (
            SELECT source, max(finished_at) FILTER (outcome <> 'failed') AS heard_at
            FROM marts.fct_coverage GROUP BY source
        ), ref.settings WHERE heard_at IS NULL OR heard_at < built_for - INTERVAL 1 DAY""",
    ),
    (
        "warn", "nothing_in_quarantine", "records put aside with a reason; see raw.quarantine",
        "FROM raw.quarantine",
    ),
)


def all_checks() -> list[Check]:
    """The rules above, and for every model that its grain is unique and never NULL."""
    return [*_keys(), *(Check(level, name, message, f"SELECT 1 {rows}") for level, name, message, rows in _RULES)]


def _keys() -> Iterator[Check]:
    for model in read_models():
        if model.layer == "published":
            continue
        key = ", ".join(model.grain)
        gaps = " OR ".join(f"{column} IS NULL" for column in model.grain)
        yield Check(
            "fail", f"{model.name}_key", f"rows of {model.full_name} that share their key ({key}) or lack it",
            f"SELECT {key} FROM {model.full_name} GROUP BY ALL HAVING count(*) > 1 "  # noqa: S608 - file names
            f"UNION ALL SELECT {key} FROM {model.full_name} WHERE {gaps}",
        )


def run_on(connection: duckdb.DuckDBPyConnection) -> list[CheckResult]:
    """Every check on an open warehouse. Raises TerminalError when nothing has been built yet."""
    built = "SELECT count(*) FROM duckdb_tables() WHERE schema_name = 'marts' AND table_name = 'fct_complaints'"
    if not connection.execute(built).fetchall()[0][0]:
        raise TerminalError("nothing has been built yet; run `gwidam build` first")
    checks = all_checks()
    counts = connection.execute(
        " UNION ALL ".join(
            f"SELECT {place} AS place, count(*) FROM ({check.sql})"  # noqa: S608 - the checks of this module
            for place, check in enumerate(checks)
        )
    ).fetchall()
    rows = dict(counts)
    return [
        CheckResult(name=check.name, level=check.level, rows=rows[place], message=check.message)
        for place, check in enumerate(checks)
    ]


def run(home: Home, *, wait_seconds: float = 600.0) -> list[CheckResult]:
    """Every check on a home's warehouse."""
    with writing(home, wait_seconds=wait_seconds) as connection:
        return run_on(connection)


def demand(results: Sequence[CheckResult]) -> dict[str, Any]:
    """A summary with what warns. Raises TerminalError naming the checks of level fail that do not hold, if any."""
    broken = [result for result in results if result.level == "fail" and result.rows]
    if broken:
        told = "; ".join(f"{result.name}: {result.rows} {result.message}" for result in broken)
        raise TerminalError(f"not published, {len(broken)} checks failed: {told}. The copy people have stays as it is")
    return {
        "checks": len(results),
        "warnings": {result.name: f"{result.rows} {result.message}" for result in results if result.rows},
    }


def require(home: Home, *, wait_seconds: float = 600.0) -> dict[str, Any]:
    """Run the checks on a home's warehouse and `demand` that they hold."""
    return demand(run(home, wait_seconds=wait_seconds))
