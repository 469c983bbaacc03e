"""Fingerprints of a run: two machines that keep the contract give the same."""

from __future__ import annotations

import hashlib

import numpy as np
import numpy.typing as npt

SPIKE_RECORD = np.dtype([("tick", "<u4"), ("neuron", "<u2")])

Spikes = npt.NDArray[np.void]


def spikes_hash(*passes: Spikes) -> str:
    """SHA-256 of the spikes of all passes in order, 6 bytes each: tick u32, neuron u16, little
    endian."""
    digest = hashlib.sha256()
    for spikes in passes:
        digest.update(spikes.astype(SPIKE_RECORD).tobytes())
    return digest.hexdigest()


def weights_hash(words: npt.NDArray[np.uint32]) -> str:
    """SHA-256 of the weight memory: its 32-bit words, little endian, in the order of address."""
    return hashlib.sha256(words.astype("<u4").tobytes()).hexdigest()
