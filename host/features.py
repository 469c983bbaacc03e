"""The feature table: every row of ``docs/features.toml``, checked, and as the README's Markdown.

A row that has moved from "no" names the command that shows it and the test that proves it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from tomllib import loads
from typing import Literal

from spinloom.host import config

State = Literal["works", "partial", "no"]

MARKS = {"works": "✓", "partial": "part", "no": "—"}


@dataclass(frozen=True, kw_only=True)
class Feature:
    """One row: how far each of the three bodies is, what shows it and what proves it."""

    id: str
    section: str
    title: str
    golden: State
    sim: State
    bitstream: State
    command: str
    test: str

    def __post_init__(self) -> None:
        moved = self.states != ("no", "no", "no")
        for name, value in (("command", self.command), ("test", self.test)):
            if moved and not value:
                raise ValueError(f"feature {self.id}: {name} is empty; a row that moved names one")
            if not moved and value:
                raise ValueError(f"feature {self.id}: {name} = {value!r}, but no body does it")
        if moved and not self.command.startswith("spinloom "):
            raise ValueError(f"feature {self.id}: command = {self.command!r} is not of spinloom")
        if moved and "::" not in self.test:
            raise ValueError(f"feature {self.id}: test = {self.test!r}; give path::name")

    @property
    def states(self) -> tuple[State, State, State]:
        """Golden model, virtual board, bitstream."""
        return self.golden, self.sim, self.bitstream


def load() -> tuple[Feature, ...]:
    """All rows, in their order."""
    # The package carries the file of docs/ through a symlink beside this module.
    return parse(files("spinloom.host").joinpath("features.toml").read_text(encoding="utf-8"))


def parse(text: str) -> tuple[Feature, ...]:
    """The rows of a feature file; ValueError names the first row that is wrong."""
    rows = loads(text).get("feature", [])
    features = tuple(
        config.build(Feature, row, f"features.toml, {row.get('id', 'a row without id')}")
        for row in rows
    )
    ids = [feature.id for feature in features]
    twice = {i for i in ids if ids.count(i) > 1}
    if twice:
        raise ValueError(f"features.toml: id {', '.join(sorted(twice))} appears twice")
    return features


def markdown(features: Sequence[Feature]) -> str:
    """The README's table: one row a feature, a line of counts above."""
    counts = [sum(f.states[body] != "no" for f in features) for body in range(3)]
    lines = [
        f"{len(features)} features. In the golden model {counts[0]} work in whole or in part, "
        f"on the virtual board {counts[1]}, in a bitstream {counts[2]}.",
        "",
        "| | feature | golden | sim | bitstream | shown by |",
        "|---|---|---|---|---|---|",
    ]
    section = ""
    for f in features:
        if f.section != section:
            section = f.section
            lines.append(f"| | **{section}** | | | | |")
        command = f"`{f.command}`" if f.command else ""
        lines.append(
            f"| {f.id} | {f.title} | {' | '.join(MARKS[s] for s in f.states)} | {command} |"
        )
    return "\n".join(lines)
