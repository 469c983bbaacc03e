"""``spinloom doctor``: is everything here that each use needs, and if not, what to do.

Exit status 1 when a check fails. ``--for golden`` (or another use) looks at that one alone.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace, _SubParsersAction

from spinloom.host.commands.output import add_json_option, show

USES = ("golden", "sim", "bitstream", "flash", "serial")


def register(commands: _SubParsersAction[ArgumentParser], common: ArgumentParser) -> None:
    parser = commands.add_parser("doctor", parents=[common], help="check tools and permissions")
    parser.add_argument(
        "--for", dest="use", choices=USES, help="check what this one use needs (all of them)"
    )
    add_json_option(parser)
    parser.set_defaults(handler=main)


def main(args: Namespace) -> int:
    """Print every check; 1 when one failed."""
    from spinloom.host import health

    uses = (args.use,) if args.use else USES
    checks = [check for use in uses for check in health.checks(use)]
    rows = [
        {"for": c.use, "check": c.name, "state": c.state, "found": c.found, "what_to_do": c.fix}
        for c in checks
    ]
    show({"checks": rows}, as_json=args.json)
    return int(any(c.state == "fails" for c in checks))
