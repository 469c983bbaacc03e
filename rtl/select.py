"""Balanced selection: a tree of two-way multiplexers, which tools map better than a wide array."""

from amaranth.hdl import Mux


def select(values, index):
    """``values[index]``; positions past the end repeat earlier ones."""
    values = list(values)
    if len(values) == 1:
        return values[0]
    half = 1 << (len(values) - 1).bit_length() - 1
    low, high = values[:half], values[half:]
    bit = (len(values) - 1).bit_length() - 1
    return Mux(index[bit], select(high, index[:bit]), select(low, index[:bit]))
