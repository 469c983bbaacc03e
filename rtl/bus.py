"""What an engine and its shell say to each other: one bus for registers and memories, one stream
each way for events.

An engine is a ``wiring.Component`` with::

    i: In(stream.Signature(16))                    stream words, ``spec.learning``
    o: Out(stream.Signature(SpikeLayout))          spikes; the engine waits until they are taken
    bus: In(stream.Signature(BusRequest))          taken only between items, so a read is a fence
    response: Out(stream.Signature(32))            one word per read, none per write
    o_busy: Out(1)                                 from the cycle after an item is taken until it is
                                                   done: the shell's fence relies on it
    o_bad_event: Out(1)                            strobe: an address out of range was dropped
"""

from amaranth.lib import data

BusRequest = data.StructLayout({"write": 1, "region": 4, "addr": 24, "data": 32})
SpikeLayout = data.StructLayout({"tick": 32, "neuron": 16})
