"""Coupled phase oscillators: one time step of many networks at once (``spec.phase``).

A sum of J sin(theta_j - theta_i) over j is c_i (J s)_i - s_i (J c)_i, so that a step takes two
products of the couplings with the sines and cosines of all oscillators. Sums stay below 2^24, where
float32 is exact, so the product is BLAS's.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from spinloom.emulator.spec.phase import UNIT_SHIFT, PhaseShape

Ints = npt.NDArray[np.int64]
EXACT = 1 << 24  # integers that float32 holds


class PhaseArray:
    """Golden twin of ``rtl.oscillator.phase.PhaseArray``: ``weights`` int64 [N, N], J[i][j] to i
    from j; ``omega`` int64 [N]; phases are int64 [..., N], any number of networks side by side."""

    def __init__(self, shape: PhaseShape) -> None:
        self.shape = shape
        n = shape.oscillators
        self.omega = np.zeros(n, np.int64)
        self._table = np.array(shape.table, np.int64)
        most = n * shape.amplitude << shape.weight_bits - 1
        self._exact = np.dtype(np.float32 if most < EXACT else np.float64)
        self._shift = shape.phase_bits - shape.table_bits
        self.set_weights(np.zeros((n, n), np.int64))

    def set_weights(self, weights: Ints) -> None:
        """Write all couplings."""
        self.weights = weights
        self._from = np.ascontiguousarray(weights.T).astype(self._exact)

    def sine(self, phases: Ints) -> Ints:
        """S of phases, modulo a turn."""
        sine: Ints = self._table[(phases & self.shape.turn - 1) >> self._shift]
        return sine

    def cosine(self, phases: Ints) -> Ints:
        """C of phases, modulo a turn."""
        return self.sine(phases + self.shape.turn // 4)

    def coupling(self, sines: Ints, cosines: Ints, *, mean_field: bool) -> Ints:
        """u of every oscillator, by the couplings or by the mean field."""
        if mean_field:
            a = sines.sum(axis=-1, keepdims=True)
            b = cosines.sum(axis=-1, keepdims=True)
        else:
            both = np.stack([sines, cosines]).astype(self._exact)
            a, b = (both @ self._from).astype(np.int64)
        product: Ints = cosines * a - sines * b
        return product

    def harmonic(self, phases: Ints, amplitude: int) -> Ints:
        """What the second harmonic (SHIL) moves each by."""
        return -(amplitude * self.sine(2 * phases) >> UNIT_SHIFT)

    def injected(self, phases: Ints, psi: int, amplitude: int) -> Ints:
        """What the injected signal moves each by."""
        return amplitude * self.sine(psi - phases) >> UNIT_SHIFT
