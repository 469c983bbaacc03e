"""``spinloom info [SHAPE]``: the identity, registers and memory regions of a machine, from the
contract itself."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace, _SubParsersAction

from spinloom.emulator.spec.identity import contract_hash
from spinloom.emulator.spec.shape import Shape
from spinloom.emulator.spec.shapes import shape_named
from spinloom.host.commands.output import add_json_option, show


def register(commands: _SubParsersAction[ArgumentParser], common: ArgumentParser) -> None:
    parser = commands.add_parser("info", parents=[common], help="registers and regions of a shape")
    parser.add_argument("shape", nargs="?", default="lanes", help="a shape (%(default)s)")
    add_json_option(parser)
    parser.set_defaults(handler=main)


def main(args: Namespace) -> int:
    """Print the contract of one shape."""
    shape = shape_named(args.shape)
    show(
        {"identity": identity(shape), "registers": registers(shape), "regions": regions(shape)},
        as_json=args.json,
    )
    return 0


def identity(shape: Shape) -> list[dict[str, object]]:
    """The shape, and the hash by which the host knows a machine of it."""
    return [
        {
            "shape": shape.name,
            "engine": shape.engine,
            "inputs": shape.inputs,
            "neurons": shape.neurons,
            "synapses": shape.synapses,
            "contract": f"{contract_hash(shape):#010x}",
        }
    ]


def registers(shape: Shape) -> list[dict[str, object]]:
    """Every register, by address."""
    return [
        {
            "address": reg.addr,
            "name": reg.name,
            "access": reg.access,
            "bits": shape.register_bits(reg.name),
            "reset": f"{reg.reset:#x}",
            "meaning": reg.doc,
        }
        for reg in shape.registers.regs
    ]


def regions(shape: Shape) -> list[dict[str, object]]:
    """Every region of the memory window, in 32-bit words."""
    return [
        {"region": number, "name": name, "words": shape.region_words(number)}
        for name, number in shape.regions.items()
    ]
