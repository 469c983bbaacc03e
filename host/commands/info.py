"""``spinloom info [SHAPE]``: the identity, registers and memory regions of a machine, from the
contract itself."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace, _SubParsersAction

from spinloom.emulator.spec.identity import contract_hash
from spinloom.emulator.spec.learning import REGIONS, REGISTERS, LearningShape, region_words
from spinloom.host.commands.output import add_json_option, show
from spinloom.host.commands.shapes import shape_named


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


def identity(shape: LearningShape) -> list[dict[str, object]]:
    """The shape, and the hash by which the host knows a machine of it."""
    return [
        {
            "shape": shape.name,
            "inputs": shape.inputs,
            "neurons": shape.neurons,
            "synapses": shape.inputs * shape.neurons,
            "threshold bits": shape.threshold_bits,
            "generator": shape.generator,
            "contract": f"{contract_hash(shape):#010x}",
        }
    ]


def registers(shape: LearningShape) -> list[dict[str, object]]:
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
        for reg in REGISTERS.regs
    ]


def regions(shape: LearningShape) -> list[dict[str, object]]:
    """Every region of the memory window, in 32-bit words."""
    return [
        {"region": number, "name": name, "words": region_words(shape, number)}
        for name, number in REGIONS.items()
    ]
