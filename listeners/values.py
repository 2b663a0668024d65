"""Reading loosely typed answers: each reader gives the wanted type or raises ContractError naming the field."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Any

from contracts.errors import ContractError, SourceChanged

TEXT_LIMIT = 200_000
ID_LIMIT = 400
_INT_LIMIT = 2**53


def clean(text: str) -> str:
    """Text without what no reader should meet: NUL and other control characters, lone surrogates; NFC."""
    if not text.isprintable():
        text = text.replace("\r\n", "\n").replace("\r", "\n").encode("utf-8", "ignore").decode()
        text = "".join(c for c in text if c in "\n\t" or unicodedata.category(c) != "Cc")
    return unicodedata.normalize("NFC", text).strip()


def mapping(value: Any, what: str = "the record") -> Mapping[str, Any]:
    """A JSON object, or ContractError."""
    if not isinstance(value, Mapping):
        raise ContractError(f"{what} should be an object, but is {_kind(value)}")
    return value


def objects(body: Any, name: str, source: str, *, required: bool = True) -> list[Any]:
    """The list `body[name]` of a whole answer; SourceChanged when the answer has another shape."""
    if not isinstance(body, Mapping):
        raise SourceChanged(f"{source}: the answer should be an object, but is {_kind(body)}", source=source)
    value = body.get(name)
    if value is None and not required:
        return []
    if not isinstance(value, list):
        raise SourceChanged(f"{source}: the answer's '{name}' should be a list, but is {_kind(value)}", source=source)
    return value


def text(item: Mapping[str, Any], name: str, *, required: bool = False) -> str:
    """A text field, cleaned; '' when absent or null. A number, a list or over 200,000 characters is refused."""
    value = item.get(name)
    if value is None:
        if required:
            raise ContractError(f"'{name}' is missing")
        return ""
    if not isinstance(value, str):
        raise ContractError(f"'{name}' should be a text, but is {_kind(value)}")
    if len(value) > TEXT_LIMIT:
        raise ContractError(f"'{name}' has {len(value):,} characters; {TEXT_LIMIT:,} are believable")
    value = clean(value)
    if required and not value:
        raise ContractError(f"'{name}' is empty")
    return value


def identifier(item: Mapping[str, Any], name: str, *, required: bool = True) -> str:
    """An id: a short text or a whole number, as text; '' when absent and not required."""
    value = item.get(name)
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    found = text({name: value}, name, required=required)
    if len(found) > ID_LIMIT:
        raise ContractError(f"'{name}' has {len(found)} characters, too many for an id")
    return found


def whole(item: Mapping[str, Any], name: str) -> int | None:
    """A count, not negative; None when absent. Digits as text are taken, since some sources send them so."""
    value = item.get(name)
    if isinstance(value, str) and value.strip().replace(",", "").isdecimal() and len(value) < 20:
        value = int(value.strip().replace(",", ""))
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < _INT_LIMIT:
        raise ContractError(f"'{name}' should be a count, but is {_kind(value)}")
    return value


def stars(item: Mapping[str, Any], name: str, *, required: bool = False) -> float | None:
    """A rating of 1 to 5 stars; None when absent."""
    value = item.get(name)
    if isinstance(value, str) and value.strip():
        try:
            value = float(value)
        except ValueError:
            raise ContractError(f"'{name}' is not a number of stars") from None
    if value is None or value == "":
        if required:
            raise ContractError(f"'{name}' is missing")
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 1 <= value <= 5:
        raise ContractError(f"'{name}' is not between 1 and 5 stars")
    return float(value)


def _kind(value: Any) -> str:
    names = {dict: "an object", list: "a list", str: "a text", bool: "true/false", type(None): "missing"}
    return names.get(type(value), "a number" if isinstance(value, int | float) else type(value).__name__)
