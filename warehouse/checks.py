"""Checks on what was built: keys that are unique, values that are known, evidence for every state."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import duckdb

from contracts.errors import TerminalError
from storage.home import Home
from warehouse.connection import writing
from warehouse.models import read_models

Level = Literal["fail", "warn"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A SELECT whose rows break a rule; `message` says what that means."""

    name: str
    level: Level
    sql: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckResult:
    """How many rows break the rule; 0 is good."""

    name: str
    level: Level
    rows: int
    message: str


_STATES = "'unaddressed', 'answered', 'resolved', 'answered_elsewhere', 'reopened', 'not_observable', 'withdrawn'"
_MARTS = (
    Check(
        name="complaints_have_a_known_state", level="fail",
        sql=f"SELECT 1 FROM marts.fct_complaints WHERE state IS NULL OR state NOT IN ({_STATES})",  # noqa: S608
        message="complaints without one of the seven states",
    ),
    Check(
        name="complaints_have_evidence", level="fail",
        sql="SELECT 1 FROM marts.fct_complaints WHERE coalesce(evidence, '') = '' OR evidence_id IS NULL",
        message="complaints whose state has no evidence",
    ),
    Check(
        name="unaddressed_was_looked_at", level="fail",
        sql=(
            "SELECT 1 FROM marts.fct_complaints WHERE state = 'unaddressed' "
            "AND (last_checked_at IS NULL OR last_checked_at < occurred_at)"
        ),
        message="complaints called unaddressed although nobody looked since",
    ),
    Check(
        name="sentiment_is_known", level="fail",
        sql=(
            "SELECT 1 FROM marts.fct_mentions "
            "WHERE sentiment IS NOT NULL AND sentiment NOT IN ('complaint', 'praise', 'neutral')"
        ),
        message="mentions with an unknown sentiment label",
    ),
    Check(
        name="complaints_are_never_noise", level="fail",
        sql=(
            "SELECT 1 FROM marts.fct_complaints JOIN marts.fct_mentions USING (mention_id, brand) "
            "WHERE is_official OR is_advertising OR is_homonym OR is_reshare"
        ),
        message="complaints that are advertising, official, a reshare or a homonym",
    ),
    Check(
        name="nothing_is_lost_on_the_way", level="fail",
        sql="SELECT 1 FROM raw.mention_brands ANTI JOIN marts.fct_mentions USING (mention_id, brand)",
        message="loaded mentions that the marts lack; run `gwidam build`",
    ),
    Check(
        name="deleted_words_are_erased", level="fail",
        sql="SELECT 1 FROM marts.fct_mentions WHERE deleted_at IS NOT NULL AND (text IS NOT NULL OR title IS NOT NULL)",
        message="deleted posts whose words are still there",
    ),
    Check(
        name="minutes_are_not_negative", level="fail",
        sql=(
            "SELECT 1 FROM marts.fct_complaints WHERE first_response_minutes < 0 "
            "OR first_response_business_minutes < 0 OR first_response_business_minutes > first_response_minutes + 1"
        ),
        message="response times that cannot be",
    ),
    Check(
        name="mentions_are_tagged", level="warn",
        sql="SELECT 1 FROM marts.fct_mentions WHERE sentiment_version IS NULL AND text IS NOT NULL AND NOT is_official",
        message="customers' mentions not read yet; run `gwidam tag` and `gwidam load`",
    ),
    Check(
        name="brands_are_configured", level="warn",
        sql="SELECT DISTINCT brand FROM marts.fct_mentions ANTI JOIN ref.brands USING (brand)",
        message="brands with mentions that config/brands.toml does not name",
    ),
    Check(
        name="topics_are_configured", level="warn",
        sql=(
            "SELECT DISTINCT topic FROM (SELECT unnest(topics) AS topic FROM marts.fct_mentions) "
            "ANTI JOIN ref.topics USING (topic)"
        ),
        message="topics that config/topics.toml does not name",
    ),
    Check(
        name="nothing_from_the_future", level="warn",
        sql="SELECT 1 FROM marts.fct_mentions, ref.settings WHERE occurred_at > built_for + INTERVAL 1 DAY",
        message="mentions dated after the build; is a source's time zone wrong?",
    ),
    Check(
        name="sources_are_fresh", level="warn",
        sql=(
            "SELECT source FROM marts.fct_coverage, ref.settings GROUP BY source, built_for "
            "HAVING coalesce(max(finished_at) FILTER (outcome <> 'failed'), TIMESTAMP '1970-01-01') "
            "< built_for - INTERVAL 1 DAY"
        ),
        message="sources that have not been heard for a day; see `gwidam status`",
    ),
    Check(
        name="nothing_in_quarantine", level="warn",
        sql="SELECT 1 FROM raw.quarantine",
        message="records put aside with a reason; see raw.quarantine",
    ),
)


def all_checks() -> list[Check]:
    """The rules above, and for every model that its grain is unique and never NULL."""
    return [*_keys(), *_MARTS]


def _keys() -> Iterator[Check]:
    for model in read_models():
        if model.layer == "published":
            continue
        key = ", ".join(model.grain)
        gaps = " OR ".join(f"{column} IS NULL" for column in model.grain)
        yield Check(
            name=f"{model.name}_key", level="fail",
            sql=(
                f"SELECT {key} FROM {model.full_name} GROUP BY ALL HAVING count(*) > 1 "  # noqa: S608 - file names
                f"UNION ALL SELECT {key} FROM {model.full_name} WHERE {gaps}"
            ),
            message=f"rows of {model.full_name} that share their key ({key}) or lack it",
        )


def run_on(connection: duckdb.DuckDBPyConnection) -> list[CheckResult]:
    """Every check on an open warehouse. Raises TerminalError when nothing has been built yet."""
    built = "SELECT count(*) FROM duckdb_tables() WHERE schema_name = 'marts' AND table_name = 'fct_complaints'"
    if not connection.execute(built).fetchall()[0][0]:
        raise TerminalError("nothing has been built yet; run `gwidam build` first")
    results = []
    for check in all_checks():
        count = f"SELECT count(*) FROM ({check.sql})"  # noqa: S608 - the checks of this module
        rows = int(connection.execute(count).fetchall()[0][0])
        results.append(CheckResult(name=check.name, level=check.level, rows=rows, message=check.message))
    return results


def run(home: Home, *, wait_seconds: float = 600.0) -> list[CheckResult]:
    """Every check on a home's warehouse."""
    with writing(home, wait_seconds=wait_seconds) as connection:
        return run_on(connection)


def demand(results: Sequence[CheckResult]) -> None:
    """Raise TerminalError naming the checks of level fail that do not hold."""
    broken = [result for result in results if result.level == "fail" and result.rows]
    if broken:
        told = "; ".join(f"{result.name}: {result.rows} {result.message}" for result in broken)
        raise TerminalError(f"not published, {len(broken)} checks failed: {told}. The copy people have stays as it is")


def require(home: Home, *, wait_seconds: float = 600.0) -> dict[str, Any]:
    """Run the checks; a summary when all of level fail hold, with what warns. Raises TerminalError otherwise."""
    results = run(home, wait_seconds=wait_seconds)
    demand(results)
    return {
        "checks": len(results),
        "warnings": {result.name: f"{result.rows} {result.message}" for result in results if result.rows},
    }
