"""A user's configuration: TOML, checked into the frozen dataclasses that the code uses.

Unknown fields, wrong types and values out of range are refused with one line that names the field,
the value and the fix. Types are strict: a number in quotes is not a number.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar, get_type_hints

from pydantic import TypeAdapter, ValidationError

T = TypeVar("T")


def read_toml(path: Path) -> dict[str, Any]:
    """The tables of a TOML file; ValueError names the file and the line that is wrong."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ValueError(f"configuration {path} does not exist") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"configuration {path} is not TOML: {error}") from error


def build(cls: type[T], values: Mapping[str, Any], source: str) -> T:
    """An instance of the dataclass ``cls`` from plain values; ``source`` (a file, "command line")
    starts every message."""
    _check_names(cls, values, source, "")
    try:
        # JSON mode is the strict mode in which lists may become tuples and tables dataclasses.
        return TypeAdapter(cls).validate_json(json.dumps(values, default=str), strict=True)
    except ValidationError as error:
        raise ValueError(f"{source}: {_one_line(error)}") from error


def _check_names(cls: type, values: Mapping[str, Any], source: str, prefix: str) -> None:
    """Refuse names that ``cls`` has no field for: pydantic ignores them in plain dataclasses."""
    known = [field.name for field in fields(cls)]
    types = get_type_hints(cls)
    for name, value in values.items():
        if name not in known:
            near = get_close_matches(name, known, n=1)
            fix = f"did you mean {near[0]}?" if near else f"known: {', '.join(known)}"
            raise ValueError(f"{source}: unknown field {prefix}{name}; {fix}")
        inner = types[name]
        if isinstance(value, Mapping) and isinstance(inner, type) and is_dataclass(inner):
            _check_names(inner, value, source, f"{prefix}{name}.")


def _one_line(error: ValidationError) -> str:
    """The first problem, as ``field = value: what is wrong``; how many more there are."""
    problems = error.errors(include_url=False)
    first = problems[0]
    if first["type"] == "value_error":  # raised by __post_init__, which names its field itself
        text = str(first["ctx"]["error"])
    else:
        field = ".".join(map(str, first["loc"])) or "configuration"
        message = first["msg"].removeprefix("Input ")
        text = f"{field} = {first['input']!r}: {message}"
    more = len(problems) - 1
    return f"{text} (and {more} more)" if more else text
