"""What pipelines are made of: values that wait, adders with a carry, memories by their ports."""

from amaranth.hdl import Cat, Signal
from amaranth.lib import memory


def later(m, value, cycles, name):
    """The value so many cycles later."""
    for n in range(cycles):
        held = Signal(value.shape(), name=f"{name}_{n}")
        m.d.sync += held.eq(value)
        value = held
    return value


def plus(x, y, one):
    """x + y + one, signed, in one adder: the carry into it comes from one more bit below."""
    total = Cat(1, x).as_signed() + Cat(one, y).as_signed()
    return total[1:].as_signed()


def ram(m, name, shape, depth):
    """A memory, by its port to read and its port to write."""
    m.submodules[name] = held = memory.Memory(shape=shape, depth=depth, init=[])
    return held.read_port(), held.write_port()
