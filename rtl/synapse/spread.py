"""Device levels hashed from the address of eight junctions: no memory (``spec.synapse``).

Members: ``i_group``, ``i_neuron``, ``i_seed``; ``o`` eight 4-bit levels. Combinational, eight LUT
levels. Cost: 16 LUT4 a round.
"""

from amaranth.hdl import Module, Signal
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from spinloom.emulator.spec.learning import LANES
from spinloom.emulator.spec.synapse import ROUND_KEYS


class DeviceSpread(wiring.Component):
    """Levels of the junctions from inputs 8·``i_group`` to neuron ``i_neuron``."""

    i_group: In(16)
    i_neuron: In(16)
    i_seed: In(32)
    o: Out(data.ArrayLayout(4, LANES))

    def elaborate(self, platform):
        m = Module()
        x = self.i_group ^ self.i_seed[:16]
        y = self.i_neuron ^ self.i_seed[16:]
        for r, key in enumerate(ROUND_KEYS):
            following = Signal(16, name=f"round{r}")
            mixed = x.rotate_left(1) & x.rotate_left(8)
            m.d.comb += following.eq(y ^ mixed ^ x.rotate_left(2) ^ key)
            x, y = following, x
        m.d.comb += self.o.as_value().eq(y << 16 | x)
        return m
