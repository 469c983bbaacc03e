"""The command line: ``spinloom COMMAND ...``. One module a command, in ``host.commands``.

Exit status: 0 done; 1 the work failed (a silent port, a full disk); 2 bad input (an unknown board,
a value out of range); 130 interrupted. An error is one line on stderr; ``--traceback`` shows where
it came from.
"""

from __future__ import annotations

import os
import sys
import traceback
from argparse import SUPPRESS, ArgumentParser, Namespace
from collections.abc import Sequence
from importlib.metadata import version

from spinloom.host.commands import boards, doctor, features, info, listing, results, run
from spinloom.host.commands.parser import BAD_INPUT, Parser

COMMANDS = (run, results, listing, info, features, doctor, boards)

FAILED, INTERRUPTED = 1, 130


def build_parser() -> Parser:
    """The parser of the whole command line; ``args.handler(args)`` does the work."""
    parser = Parser(
        prog="spinloom",
        description="An emulator of spintronic brain-inspired hardware: "
        "golden model, virtual board, FPGA.",
    )
    parser.add_argument("--version", action="version", version=f"spinloom {version('spinloom')}")
    common = ArgumentParser(add_help=False)
    common.add_argument(
        "--traceback", action="store_true", default=SUPPRESS, help="show where an error came from"
    )
    commands = parser.add_subparsers(metavar="COMMAND", required=True, parser_class=Parser)
    for module in COMMANDS:
        module.register(commands, common)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status."""
    args = build_parser().parse_args(argv)
    try:
        status = args.handler(args)
        sys.stdout.flush()
        return int(status)
    except KeyboardInterrupt as error:
        return _report(args, noted("interrupted", error), INTERRUPTED)
    except BrokenPipeError:
        # The reader of our output left (``spinloom list | head``); Python would complain at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except ValueError as error:
        return _report(args, noted(f"error: {error}", error), BAD_INPUT)
    except (OSError, RuntimeError) as error:
        return _report(args, noted(f"error: {error}", error), FAILED)
    except Exception as error:  # a mistake of ours: still one line, and how to see more
        name = type(error).__name__
        message = f"error: {name}: {error} (a bug; please report it with --traceback)"
        return _report(args, noted(message, error), FAILED)


def noted(message: str, error: BaseException) -> str:
    """A message, and what to do now: the notes that were added to its exception."""
    return "; ".join([message, *getattr(error, "__notes__", ())])


def _report(args: Namespace, message: str, status: int) -> int:
    """One line on stderr, whatever the message holds."""
    if getattr(args, "traceback", False):
        traceback.print_exc()
    print(f"spinloom: {' '.join(message.split())}", file=sys.stderr)
    return status


if __name__ == "__main__":
    sys.exit(main())
