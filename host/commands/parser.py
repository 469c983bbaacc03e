"""The parser of every command: its errors are one line, and it may get its options late."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Callable
from typing import Any, NoReturn

BAD_INPUT = 2


class Parser(ArgumentParser):
    """A parser that calls ``fill(self)`` before it is first used: a command whose options need
    heavy imports adds them there, so that the other commands start without."""

    def __init__(
        self, *, fill: Callable[[ArgumentParser], None] | None = None, **settings: Any
    ) -> None:
        super().__init__(**settings)
        self._fill = fill

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        if self._fill is not None:
            fill, self._fill = self._fill, None
            fill(self)
        return super().parse_known_args(args, namespace)

    def error(self, message: str) -> NoReturn:
        self.exit(BAD_INPUT, f"spinloom: error: {message}; see {self.prog} --help\n")
