"""Command-line errors in one line."""

import argparse
from typing import NoReturn


class Parser(argparse.ArgumentParser):
    """An argument parser whose errors are one line, without the usage: it is in ``--help``."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"error: {message}\n")
