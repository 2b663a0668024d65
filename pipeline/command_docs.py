"""docs/commands.md, made from the command itself: `python -m pipeline.command_docs`. A test fails when it is stale."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import typer.main

from pipeline.cli import app

TARGET = Path(__file__).parents[1] / "docs" / "commands.md"
_HEAD = """# The gwidam command

Made by `python -m pipeline.command_docs`; do not edit. Every verb is one use case; DAGs call the same functions.
An error is one line on stderr; exit 0 is done, 1 refused, 2 mistyped, 75 try later. Results go to stdout.
"""


def page() -> str:
    """The whole page."""
    commands: dict[str, Any] = getattr(typer.main.get_command(app), "commands", {})
    return "\n".join([_HEAD, *(_section(name, command) for name, command in commands.items())])


def _section(name: str, command: Any) -> str:
    lines = [f"## gwidam {name}", "", command.help.strip(), ""]
    for parameter in command.params:
        if parameter.param_type_name == "argument":
            label = f"`{parameter.name.upper()}`"
        else:
            label = " / ".join(f"`{option}`" for option in [*parameter.opts, *parameter.secondary_opts])
        lines.append(f"- {label}: {parameter.help or ''}")
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    TARGET.write_text(page(), encoding="utf-8")
