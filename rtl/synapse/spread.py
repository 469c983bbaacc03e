"""Device levels hashed from the address of eight junctions: no memory (``spec.synapse``).

Members: ``i_group``, ``i_column``, ``i_seed``; ``o`` eight 4-bit levels, ``LATENCY`` enabled cycles
later. The registers also keep the tools from trading area for depth. Throughput: one group a cycle.
Cost: 16 LUT4 a round and 32 FF a stage.
"""

from amaranth.hdl import Cat, Module, Signal
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from spinloom.emulator.spec.learning import LANES
from spinloom.emulator.spec.synapse import ROUND_KEYS, ROUNDS

ROUNDS_PER_CYCLE = 2
LATENCY = 1 + ROUNDS // ROUNDS_PER_CYCLE


class DeviceSpread(wiring.Component):
    """Levels of the junctions of inputs 8·``i_group`` on in column ``i_column``."""

    i_enable: In(1)
    i_group: In(16)
    i_column: In(16)
    i_seed: In(32)
    o: Out(data.ArrayLayout(4, LANES))

    def elaborate(self, platform):
        m = Module()
        x, y = Signal(16, name="x0"), Signal(16, name="y0")
        with m.If(self.i_enable):
            m.d.sync += [
                x.eq(self.i_group ^ self.i_seed[:16]),
                y.eq(self.i_column ^ self.i_seed[16:]),
            ]
        for r, key in enumerate(ROUND_KEYS, start=1):
            next_x, next_y = Signal(16, name=f"x{r}"), Signal(16, name=f"y{r}")
            mixed = y ^ (x.rotate_left(1) & x.rotate_left(8)) ^ x.rotate_left(2) ^ key
            if r % ROUNDS_PER_CYCLE:
                m.d.comb += [next_x.eq(mixed), next_y.eq(x)]
            else:
                with m.If(self.i_enable):
                    m.d.sync += [next_x.eq(mixed), next_y.eq(x)]
            x, y = next_x, next_y
        m.d.comb += self.o.as_value().eq(Cat(x, y))
        return m
