"""Offline training of two-layer networks with signed one-bit weights, for the network engine.

The engine's neurons are seen as rates: a wall that integrates a current z a time step, loses THETA
at a spike and starts at 0 fires with rate min(max(z/THETA, 0), 1). So, with x the mean events of
an input a time step and W the weights,

    h = min(max((x·W1 + b1)/theta, 0), 1)        logits = gain·(h·W2 + b2)

and the softmax cross-entropy of the logits is made small by Adam (Kingma and Ba 2014). Weights are
the signs of real numbers within -1 to 1 (or 0 where these are small, for ``ternary``), to which the
gradient goes straight through (Bengio et al. 2013; Courbariaux et al. 2016).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]
TERNARY_ZERO = 0.33  # weights nearer to 0 than this are 0
BETA1, BETA2, EPSILON = 0.9, 0.999, 1e-7


@dataclass(frozen=True, kw_only=True)
class Trained:
    """Weights int8 of -1, 0, +1, [inputs, hidden] and [hidden, outputs]; biases in events a time
    step."""

    weights: tuple[npt.NDArray[np.int8], npt.NDArray[np.int8]]
    bias: tuple[Floats, Floats]


def train(
    inputs: Callable[[int], Floats],
    labels: npt.NDArray[np.integer],
    *,
    hidden: int,
    outputs: int,
    theta: float,
    epochs: int,
    seed: int,
    ternary: bool = False,
    rate: float = 3e-3,
    batch: int = 50,
    advance: Callable[[int], object] = lambda epochs: None,
) -> Trained:
    """Weights and biases for which the outputs tell the labels.

    ``inputs(epoch)`` are the means of the inputs' events, [samples, inputs] from 0 to 1: a
    function, so that an epoch may see them moved. ``theta`` is the hidden neurons' threshold in
    events. ``advance(1)`` is called after each epoch.
    """
    rng = np.random.Generator(np.random.PCG64(seed))
    first = inputs(0)
    sizes = (first.shape[1], hidden, outputs)
    real = [rng.uniform(-0.5, 0.5, sizes[k : k + 2]).astype(np.float32) for k in (0, 1)]
    parameters = [*real, *(np.zeros(size, np.float32) for size in sizes[1:])]
    moments = [(np.zeros_like(p), np.zeros_like(p)) for p in parameters]
    gain = np.float32(4 / np.sqrt(hidden))
    truth = labels.astype(np.int64)
    steps, total = 0, epochs * -(-len(truth) // batch)
    for epoch in range(epochs):
        shown = inputs(epoch)
        order = rng.permutation(len(truth))
        for at in range(0, len(order), batch):
            which = order[at : at + batch]
            gradients = _gradients(parameters, shown[which], truth[which], theta, gain, ternary)
            steps += 1
            pace = rate * (1 + np.cos(np.pi * steps / total)) / 2  # to 0 at the end
            for p, g, (mean, square) in zip(parameters, gradients, moments, strict=True):
                mean += (1 - BETA1) * (g - mean)
                square += (1 - BETA2) * (g * g - square)
                unbiased = np.sqrt(square / (1 - BETA2**steps)) + EPSILON
                p -= (pace / (1 - BETA1**steps)) * mean / unbiased
            for p in parameters[:2]:
                np.clip(p, -1, 1, out=p)
        advance(1)
    w1, w2 = (_signs(p, ternary).astype(np.int8) for p in parameters[:2])
    return Trained(weights=(w1, w2), bias=(parameters[2], parameters[3]))


def _signs(real: Floats, ternary: bool) -> Floats:
    """The weights that real numbers stand for."""
    signs = np.where(real >= 0, np.float32(1), np.float32(-1))
    return np.where(np.abs(real) < TERNARY_ZERO, np.float32(0), signs) if ternary else signs


def _gradients(
    parameters: list[Floats], x: Floats, labels: Ints, theta: float, gain: np.float32, ternary: bool
) -> list[Floats]:
    """Of the mean cross-entropy, by weights and biases of both layers."""
    w1, w2 = (_signs(p, ternary) for p in parameters[:2])
    a = (x @ w1 + parameters[2]) / np.float32(theta)
    h = a.clip(0, 1)
    logits = gain * (h @ w2 + parameters[3])
    p = np.exp(logits - logits.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    p[np.arange(len(p)), labels] -= 1
    d_out = p * (gain / np.float32(len(p)))
    d_in = d_out @ w2.T * ((a > 0) & (a < 1)) / np.float32(theta)
    return [x.T @ d_in, h.T @ d_out, d_in.sum(axis=0), d_out.sum(axis=0)]
