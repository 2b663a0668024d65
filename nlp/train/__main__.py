"""`python -m nlp.train STEP`: tokenizer, rows, wide, pretrain, finetune, mix, export, all; baseline, base."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from contracts.errors import ConfigurationError

STEPS = ("tokenizer", "rows", "wide", "pretrain", "finetune", "mix", "export")
ROOT = Path(__file__).parents[2]


def options_parser() -> argparse.ArgumentParser:
    """The command's options."""
    parser = argparse.ArgumentParser(prog="python -m nlp.train", description=__doc__)
    parser.add_argument("step", choices=(*STEPS, "all", "baseline", "base"))
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("GWIDAM_DATA") or ROOT.parent / "shared/data"))
    parser.add_argument("--work", type=Path, default=ROOT / "var" / "train", help="checkpoints and caches")
    parser.add_argument("--recipe", type=Path, default=Path(__file__).with_name("recipe.toml"))
    parser.add_argument("--out", type=Path, help="the model folder; default nlp/models/<name>")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--minutes", type=float, help="stretch the schedule over this time, not over the epochs")
    parser.add_argument("--base", help="for `base`: a hub id or folder to fine-tune")
    parser.add_argument("--revision", help="for `base`: the hub commit, pinned in the result")
    parser.add_argument("--rows", type=int, help="for `base`: at most so many rows an epoch")
    return parser


def main() -> None:
    """Runs one step, or `all` of them; every step reads and writes `--work` and can be run again."""
    parser = options_parser()
    options = parser.parse_args()
    if options.step == "base" and not (options.base and options.out):
        parser.error("base needs --base (a hub id or folder) and --out (where the result goes)")
    try:
        work(options)
    except ConfigurationError as error:
        parser.exit(2, f"{parser.prog}: {error.message}\n")
    except FileNotFoundError as error:
        parser.exit(2, f"{parser.prog}: {error.filename} is missing: name the folder of labelled files with --data\n")
    except ModuleNotFoundError as error:
        needs = "pip install -r nlp/train/requirements.txt, in an environment of its own"
        parser.exit(2, f"{parser.prog}: the package {error.name!r} is missing: {needs}\n")


def work(options: argparse.Namespace) -> None:
    """Runs what the options ask for."""
    from nlp.train import steps

    run = steps.Run.of(options.recipe, options.data, options.work, options.out, options.threads, options.minutes)
    if options.step == "baseline":
        steps.baseline(run)
    elif options.step == "base":
        from nlp.train.base import fine_tune

        fine_tune(run, options.base, options.revision, options.rows)
    else:
        for step in STEPS if options.step == "all" else (options.step,):
            print(f"== {step}", flush=True)
            getattr(steps, step)(run)


if __name__ == "__main__":
    main()
