"""The quality gate: a floor for each labelled set, on a fixed sample, tied to a fingerprint of the data.

`python -m nlp.evaluate_gate` measures; `--update` raises the floors to what was measured (less a margin),
and refuses to lower one unless `--lower --reason "why"` says so; the reason stays in the file.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nlp.evaluate import SetReport, evaluate
from nlp.sentiment import SentimentTask, sentiment_task

ROOT = Path(__file__).parent.parent
BASELINE = ROOT / "tests" / "nlp" / "quality_baseline.json"
MARGIN = 0.004
# Rows a set in the gate: enough to see a point's fall, few enough for a test run.
SAMPLE = 1_000
METRICS = ("polar", "macro_f1")


@dataclass(frozen=True, slots=True)
class Verdict:
    """One floor held against one measurement; `problem` is '' when it holds."""

    name: str
    metric: str
    floor: float
    value: float
    problem: str


def data_folder() -> Path:
    """GWIDAM_DATA, or ../shared/data beside the project."""
    return Path(os.environ.get("GWIDAM_DATA") or ROOT.parent / "shared" / "data")


def measure(data_dir: Path, task: SentimentTask, only: list[str] | None = None) -> dict[str, SetReport]:
    """The gate's sample of every set that is there."""
    return {one.name: one for one in evaluate(data_dir, task=task, limit=SAMPLE, only=only).sets}


def judge(baseline: dict[str, Any], found: dict[str, SetReport]) -> list[Verdict]:
    """Every floor of a set that was measured. Other data than the floors were set on is a problem of its own."""
    verdicts = []
    for name, one in found.items():
        entry = baseline["sets"].get(name)
        if entry is None:
            continue
        for metric, floor in entry["floors"].items():
            value = float(getattr(one, metric))
            problem = ""
            if entry["fingerprint"] != one.fingerprint:
                problem = f"{name}: the data changed; look at it, then run `python -m nlp.evaluate_gate --update`"
            elif value < floor:
                problem = (
                    f"{name}: {metric} {value:.4f} is below its floor {floor:.4f}; better the model, or lower the "
                    'floor with `python -m nlp.evaluate_gate --update --lower --reason "why"`'
                )
            verdicts.append(Verdict(name, metric, floor, value, problem))
    return verdicts


def updated(
    baseline: dict[str, Any], found: dict[str, SetReport], model_version: str, *, lower: bool, reason: str
) -> dict[str, Any]:
    """The new baseline. Raises ValueError when a floor would fall without `lower` and a reason."""
    sets = dict(baseline.get("sets", {}))
    fallen = []
    for name, one in found.items():
        before = sets.get(name, {})
        same_data = before.get("fingerprint") == one.fingerprint
        floors = {}
        for metric in METRICS:
            value = getattr(one, metric)
            if value is None or (metric == "macro_f1" and not one.recall["neutral"]):
                continue
            floor, old = round(float(value) - MARGIN, 4), before.get("floors", {}).get(metric)
            if same_data and old is not None and floor < old:
                if float(value) >= old and not lower:
                    floor = old
                else:
                    fallen.append(f"{name} {metric} {old} -> {floor}")
            floors[metric] = floor
        sets[name] = {"fingerprint": one.fingerprint, "sample": one.texts, "floors": floors}
    if fallen and not (lower and reason):
        raise ValueError(f'floors would fall: {"; ".join(fallen)}. Say --lower --reason "why" if that is meant')
    lowered = list(baseline.get("lowered", []))
    if fallen:
        lowered.append({"what": fallen, "reason": reason, "model_version": model_version})
    return {"model_version": model_version, "sets": sets, "lowered": lowered}


def main(arguments: list[str] | None = None) -> int:
    """The command; 0 when every floor holds."""
    parser = argparse.ArgumentParser(prog="python -m nlp.evaluate_gate", description=__doc__)
    parser.add_argument("--update", action="store_true", help="set the floors to what is measured now")
    parser.add_argument("--lower", action="store_true", help="allow floors to fall")
    parser.add_argument("--reason", default="", help="why they may fall")
    options = parser.parse_args(arguments)
    task = sentiment_task()
    baseline = json.loads(BASELINE.read_text(encoding="utf-8")) if BASELINE.exists() else {"sets": {}}
    found = measure(data_folder(), task)
    if options.update:
        try:
            new = updated(baseline, found, task.version, lower=options.lower, reason=options.reason)
        except ValueError as error:
            sys.stderr.write(f"{error}\n")
            return 1
        BASELINE.write_text(json.dumps(new, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        baseline = new
    verdicts = judge(baseline, found)
    for one in verdicts:
        sys.stdout.write(f"{one.name:16} {one.metric:9} {one.value:.4f} (floor {one.floor:.4f}) {one.problem}\n")
    return 1 if any(one.problem for one in verdicts) else 0


if __name__ == "__main__":
    raise SystemExit(main())
