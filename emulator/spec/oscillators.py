"""What the shapes of oscillators that are all coupled to all have in common."""

from __future__ import annotations

from dataclasses import dataclass

from spinloom.emulator.spec.shape import Shape


@dataclass(frozen=True, kw_only=True)
class OscillatorShape(Shape):
    """``oscillators`` N, phases of ``phase_bits``, and a coupling of ``weight_bits``, signed, from
    every one to every one."""

    oscillators: int
    phase_bits: int
    weight_bits: int = 5

    @property
    def inputs(self) -> int:
        """Addresses of events: oscillators."""
        return self.oscillators

    @property
    def neurons(self) -> int:
        """Oscillators, which emit spikes."""
        return self.oscillators

    @property
    def synapses(self) -> int:
        """Couplings, one from every oscillator to every one."""
        return self.oscillators**2

    @property
    def turn(self) -> int:
        """A full turn of a phase."""
        return 1 << self.phase_bits

    @property
    def weight_max(self) -> int:
        """The strongest coupling; the weakest is its negative less 1."""
        return (1 << self.weight_bits - 1) - 1
