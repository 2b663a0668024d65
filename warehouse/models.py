"""The SQL models: one SELECT a file, its header, what it refers to, and the order they are built in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from contracts.errors import ConfigurationError

FOLDER = Path(__file__).parent / "sql"
LAYERS = ("staging", "intermediate", "marts", "published")
_HEADER = re.compile(r"^--\s*(grain|materialized|description|publish|inherits|column\s+\w+)\s*:\s*(.+?)\s*$")
_COMMENT = re.compile(r"--[^\n]*")
_LITERAL = re.compile(r"'(?:[^']|'')*'")
_REFERENCE = re.compile(r"\b(raw|ref|staging|intermediate|marts|main)\.(\w+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """One file of sql/<layer>/<name>.sql.

    `grain` names the columns that identify a row ('mention_id, brand'); `description` and `columns` hold
    "English | Korean"; `published_as` is the stable name in the published copy ('' for what stays inside);
    `inherits` the published name whose columns this one repeats.
    """

    layer: str
    name: str
    sql: str
    grain: tuple[str, ...]
    materialized: str
    description: str
    published_as: str = ""
    inherits: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    references: frozenset[str] = frozenset()

    @property
    def full_name(self) -> str:
        """schema.table."""
        return f"{self.layer}.{self.name}"


def read_model(path: Path) -> Model:
    """Parse a model file. Raises ConfigurationError when its header is incomplete."""
    text = path.read_text(encoding="utf-8")
    header: dict[str, str] = {}
    columns: dict[str, str] = {}
    for line in text.splitlines():
        match = _HEADER.match(line)
        if match and match[1].startswith("column"):
            columns[match[1].split()[1]] = match[2]
        elif match:
            header[match[1]] = match[2]
    if missing := [name for name in ("grain", "materialized", "description") if name not in header]:
        raise ConfigurationError(f"{path.name}: add the header line '-- {missing[0]}: …' (see docs/architecture.md)")
    sql = _COMMENT.sub("", text).strip().rstrip(";")
    layer = path.parent.name
    return Model(
        layer=layer,
        name=path.stem,
        sql=sql,
        grain=tuple(part.strip() for part in header["grain"].split(",")),
        materialized=header["materialized"],
        description=header["description"],
        published_as=header.get("publish", path.stem if layer == "published" else ""),
        inherits=header.get("inherits", ""),
        columns=columns,
        references=frozenset(f"{schema}.{name}" for schema, name in _REFERENCE.findall(_LITERAL.sub("''", sql))),
    )


def read_models(folder: Path = FOLDER) -> list[Model]:
    """Every model in the order it must be built. Raises ConfigurationError for a cycle or an unknown reference."""
    models = in_order(read_model(path) for layer in LAYERS for path in sorted((folder / layer).glob("*.sql")))
    by_name: dict[str, Model] = {}
    for model in models:
        if model.inherits:
            model = replace(model, columns={**by_name[model.inherits].columns, **model.columns})
        by_name[model.published_as or model.full_name] = model
    return list(by_name.values())


def in_order(models: Iterable[Model]) -> list[Model]:
    """The models sorted so that each comes after what it refers to."""
    by_name = {model.full_name: model for model in models}
    published = {f"main.{model.published_as}": model.full_name for model in by_name.values() if model.published_as}
    graph = {}
    for model in by_name.values():
        built = {published.get(name, name) for name in model.references if not name.startswith(("raw.", "ref."))}
        if unknown := built - by_name.keys():
            raise ConfigurationError(f"{model.full_name} refers to {', '.join(sorted(unknown))}, which no file makes")
        graph[model.full_name] = built
    try:
        return [by_name[name] for name in TopologicalSorter(graph).static_order()]
    except CycleError as error:
        raise ConfigurationError(f"SQL models refer to each other in a circle: {' -> '.join(error.args[1])}") from None
