"""Where an event goes: the weight words and neuron words of its steps, one a cycle.

The order is that of ``spec.network``: along the neuron words of a dense layer, or over the taps of
a convolution, which walk back through the plane while the kernel's words go ahead. So a convolution
is an address generator, and the array that it drives is the dense layers' own.

Members: ``i_start`` loads the event ``i_address`` of layer ``i_layer``. From the next cycle on,
while ``o_busy``, each cycle is a step, to ``o_last``: ``o_weight`` and ``o_word`` are its words,
and without ``o_inside`` it meets no neuron. ``o_known``, a function of ``i_address`` alone: an
input of the first layer has that address.

Throughput: an event takes its steps and a cycle. Cost: the counters, and a constant product for
layers of some number of words an input.
"""

from amaranth.hdl import Module, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out
from amaranth.utils import ceil_log2

from spinloom.emulator.spec.network import MAX_LAYERS, Convolution

ADDRESS_BITS = 16


class Taps(wiring.Component):
    """Steps of the layers of a ``NetworkShape``."""

    def __init__(self, shape):
        self._shape = shape
        super().__init__(
            {
                "i_start": In(1),
                "i_layer": In(ceil_log2(MAX_LAYERS)),
                "i_address": In(ADDRESS_BITS),
                "o_busy": Out(1),
                "o_last": Out(1),
                "o_inside": Out(1),
                "o_weight": Out(ceil_log2(shape.weight_words)),
                "o_word": Out(ceil_log2(shape.words)),
                "o_known": Out(1),
            }
        )

    def elaborate(self, platform):
        m = Module()
        layers = self._shape.layers
        planes = [layer for layer in layers if isinstance(layer, Convolution)]
        sides = [max(layer.height, layer.width) for layer in planes] or [1]
        side_bits = ceil_log2(max(sides) + 4)
        # Steps left in this row of steps, and rows left; a dense layer has one row.
        columns = max(layer.columns for layer in layers)
        left, rows = Signal(ceil_log2(max(columns, 5))), Signal(3)
        reload = Signal(3)  # steps of a row of taps, less one
        plane = Signal()
        x, y, first_x = Signal(side_bits), Signal(side_bits), Signal(side_bits)
        width, height = Signal(side_bits), Signal(side_bits)
        back = Signal.like(self.o_word)  # words from a row's last tap to the next's first
        # Coordinates are from radius 2 on, so that those before the plane are not negative.
        origin = 2

        m.d.comb += [
            self.o_last.eq(self.o_busy & (left == 0) & (rows == 0)),
            self.o_inside.eq(
                ~plane | ((x >= origin) & (x < width) & (y >= origin) & (y < height)),
            ),
        ]
        with m.If(self.o_busy):
            m.d.sync += [self.o_weight.eq(self.o_weight + 1), left.eq(left - 1)]
            with m.If(~plane):
                m.d.sync += self.o_word.eq(self.o_word + 1)
            with m.Elif(left == 0):
                m.d.sync += [
                    self.o_word.eq(self.o_word - back),
                    x.eq(first_x),
                    y.eq(y - 1),
                    left.eq(reload),
                    rows.eq(rows - 1),
                ]
            with m.Else():
                m.d.sync += [self.o_word.eq(self.o_word - 1), x.eq(x - 1)]
            with m.If(self.o_last):
                m.d.sync += self.o_busy.eq(0)
        with m.If(self.i_start):
            m.d.sync += self.o_busy.eq(1)
            weight = word = 0
            with m.Switch(self.i_layer):
                for n, layer in enumerate(layers):
                    with m.Case(n):
                        if isinstance(layer, Convolution):
                            c, x_of, y_of = self._fields(layer)
                            radius, pitch = layer.kernel // 2, 1 << layer.x_bits
                            position = self.i_address[layer.channel_bits :]
                            m.d.sync += [
                                plane.eq(1),
                                self.o_weight.eq(weight + c * layer.kernel**2),
                                self.o_word.eq(word + position + radius * (pitch + 1)),
                                x.eq(x_of + radius + origin),
                                first_x.eq(x_of + radius + origin),
                                y.eq(y_of + radius + origin),
                                width.eq(layer.width + origin),
                                height.eq(layer.height + origin),
                                back.eq(pitch - layer.kernel + 1),
                                left.eq(layer.kernel - 1),
                                reload.eq(layer.kernel - 1),
                                rows.eq(layer.kernel - 1),
                            ]
                        else:
                            m.d.sync += [
                                plane.eq(0),
                                self.o_weight.eq(weight + self.i_address * layer.columns),
                                self.o_word.eq(word),
                                left.eq(layer.columns - 1),
                                rows.eq(0),
                            ]
                    weight += layer.weight_words
                    word += layer.words

        first = layers[0]
        known = self.i_address < first.inputs
        if isinstance(first, Convolution):
            c, x_of, _ = self._fields(first)
            known &= (x_of < first.width) & (c < first.channels)
        m.d.comb += self.o_known.eq(known)
        return m

    def _fields(self, layer):
        """Channel, column and row of an address."""
        low, high = layer.channel_bits, layer.channel_bits + layer.x_bits
        return self.i_address[:low], self.i_address[low:high], self.i_address[high:]
