"""What an engine and its shell say to each other: one bus for registers and memories, one stream
each way for events.

An engine is a ``wiring.Component`` of the signature ``EnginePorts``::

    i            stream words, ``spec.learning``
    o            spikes; the engine waits until they are taken
    bus          taken only between items, so a read is a fence
    response     one word per read, none per write
    o_busy       from the cycle after an item is taken until it is done: the shell's fence relies
                 on it
    o_bad_event  strobe: an address out of range was dropped
"""

from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out

BusRequest = data.StructLayout({"write": 1, "region": 4, "addr": 24, "data": 32})
SpikeLayout = data.StructLayout({"tick": 32, "neuron": 16})
EnginePorts = wiring.Signature(
    {
        "i": In(stream.Signature(16)),
        "o": Out(stream.Signature(SpikeLayout)),
        "bus": In(stream.Signature(BusRequest)),
        "response": Out(stream.Signature(32)),
        "o_busy": Out(1),
        "o_bad_event": Out(1),
    }
)
