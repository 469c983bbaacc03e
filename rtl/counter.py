"""A counter of two words, as registers show it."""

from amaranth.hdl import Signal


def count_long(m, name, step, *, clear):
    """The low and the high word of a counter that grows by ``step`` every cycle, and is 0 after
    ``clear``. The high word follows a cycle later, so that no carry runs through both."""
    low, high = Signal(32, name=f"{name}_low"), Signal(32, name=f"{name}_high")
    total = Signal(33, name=f"{name}_total")
    carry = Signal(name=f"{name}_carry")
    m.d.comb += total.eq(low + step)
    m.d.sync += [low.eq(total), carry.eq(total[32]), high.eq(high + carry)]
    with m.If(clear):
        m.d.sync += [low.eq(0), carry.eq(0), high.eq(0)]
    return low, high
