"""Fields of a configuration as options of the command line.

    leak: int = option(8, "wall steps lost at every tick")

becomes ``--leak N  wall steps lost at every tick (8)``. A field without a text, of a nested table
or of tuples in tuples is for the configuration file alone. ``seed`` is for all experiments alike.
"""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError, BooleanOptionalAction, Namespace
from collections.abc import Callable
from dataclasses import Field, field, fields
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

WHAT = "what"
METAVARS = {int: "N", float: "X", str: "NAME"}


def option(default: Any, what: str) -> Any:
    """A dataclass field with this default that is an option too; ``what`` names its unit."""
    return field(default=default, metadata={WHAT: what})


def check(config: Any, **ranges: tuple[float, float]) -> None:
    """Raise ``ValueError`` unless the seed has 64 bits and each field named is within its range."""
    if not 0 <= config.seed < 1 << 64:
        raise ValueError(f"seed = {config.seed} is out of range; give 0 to 2^64-1")
    for name, (low, high) in ranges.items():
        value = getattr(config, name)
        if not low <= value <= high:
            raise ValueError(f"{name} = {value} is out of range; give {low} to {high}")


def add(parser: ArgumentParser, config: type) -> None:
    """Add an option for every field that has a text."""
    types = get_type_hints(config)
    for one in _options(config):
        names = f"--{one.name.replace('_', '-')}"
        shown = _shown(one.default)
        what = one.metadata[WHAT].replace("%", "%%") + (f" ({shown})" if shown else "")
        kind = _plain(types[one.name])
        if kind is bool:
            parser.add_argument(names, action=BooleanOptionalAction, default=None, help=what)
        elif get_origin(kind) is Literal:
            parser.add_argument(names, choices=get_args(kind), help=what)
        elif get_origin(kind) is tuple:
            item = get_args(kind)[0]
            parser.add_argument(
                names, type=_list_of(item), metavar=f"{METAVARS[item]},...", help=what
            )
        else:
            parser.add_argument(names, type=kind, metavar=METAVARS[kind], help=what)


def given(args: Namespace, config: type) -> dict[str, Any]:
    """The fields that the command line sets."""
    values = {one.name: getattr(args, one.name) for one in _options(config)}
    return {name: value for name, value in values.items() if value is not None}


def _options(config: type) -> list[Field[Any]]:
    return [one for one in fields(config) if WHAT in one.metadata]


def _plain(kind: Any) -> Any:
    """The type without its None."""
    if get_origin(kind) in (Union, UnionType):
        (kind,) = (part for part in get_args(kind) if part is not NoneType)
    return kind


def _list_of(item: Callable[[str], Any]) -> Callable[[str], tuple[Any, ...]]:
    def parse(text: str) -> tuple[Any, ...]:
        try:
            return tuple(item(part) for part in text.split(",") if part.strip())
        except ValueError:
            raise ArgumentTypeError(f"{text!r} is no list of numbers (1,2,3)") from None

    return parse


def _shown(default: Any) -> str:
    """A default as a user would type it."""
    if default is None:
        return ""
    if isinstance(default, bool):
        return "on" if default else "off"
    return ",".join(map(str, default)) if isinstance(default, tuple) else str(default)
