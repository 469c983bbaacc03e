"""Oscillators: golden models of the blocks of ``rtl/oscillator``."""
