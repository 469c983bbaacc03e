"""Configuration of the energy-error experiment: its bits, and the law of their energy."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from spinloom.emulator.physics.junction import Junction
from spinloom.emulator.physics.redundancy import Storage, for_error, majority_error
from spinloom.emulator.spec.learning import LEVELS, SHAPES, LearningParams, LearningShape
from spinloom.host.experiments.options import check, option

FINEST = 0.25  # kT, from one barrier of the law to the next
LOWEST, HIGHEST, FARTHEST = 8.0, 100.0, 120.0  # kT: of junctions, and of the law

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class EnergyErrorConfig:
    """One run; barriers in kT."""

    shape: str = option("devices", "a machine of junctions, codes of 16 bits")
    seed: int = 1
    bits: int = option(300_000, "bits of a point, at least")
    targets: tuple[float, ...] = option((1e-3, 1e-2, 3e-2), "errors of a bit, the first wanted")
    copies: tuple[int, ...] = option((1, 3, 5, 7), "junctions of a bit, odd numbers")
    spreads: tuple[float, ...] = option((0.0, 0.25), "device spread of the barrier, relative")
    barriers: tuple[float, ...] = option(
        (26.0, 28.0, 31.0, 35.0, 40.0, 46.0, 54.0, 70.0), "barriers measured besides the best, kT"
    )
    hold: float = option(1.0, "time for which a bit is kept, s")

    def __post_init__(self) -> None:
        self.learning()
        check(self)
        if not 1 <= self.bits <= 100_000_000:
            raise ValueError(f"bits = {self.bits} is out of range; give 1 to 100000000")
        for name, low, high in (
            ("targets", 1e-6, 0.3),
            ("barriers", LOWEST, HIGHEST),
            ("spreads", 0, 0.3),
        ):
            values = getattr(self, name)
            if not values or not all(low <= v <= high for v in values):
                raise ValueError(f"{name} = {values}; give some, from {low:g} to {high:g}")
        if not self.copies or not all(1 <= m <= 31 and m & 1 for m in self.copies):
            raise ValueError(f"copies = {self.copies}; give some odd numbers, 1 to 31")
        if not (0 < self.hold < float("inf")):
            raise ValueError(f"hold = {self.hold}; give a number of seconds above 0")

    def learning(self) -> LearningShape:
        """The shape, if its synapses are junctions with levels, under codes of 16 bits."""

        def fits(shape: LearningShape) -> bool:
            return (
                shape.code_bits == 16
                and shape.strength_max == 1
                and shape.levels == LEVELS
                and shape.row_groups == 1
                and shape.classes == 2
            )

        shape = SHAPES.get(self.shape)
        if shape is None or not fits(shape):
            good = [s.name for s in SHAPES.values() if fits(s)]
            raise ValueError(f"shape = {self.shape!r}: choose one of {', '.join(good)}")
        return shape

    def storage(self, spread: float) -> Storage:
        """The bits, for a write that is still to be chosen."""
        return Storage(junction=Junction(), hold_s=self.hold, spread=spread)

    def points(self) -> list[Point]:
        """What is measured: barriers that reach the first target, and the best of every target."""
        found = []
        for spread in self.spreads:
            for copies in self.copies:
                for k, target in enumerate(self.targets):
                    best = cheapest_barrier(self.storage(spread), copies, target)
                    if best is None:
                        continue
                    deltas = {best, *(self.barriers if k == 0 else ())}
                    found += [
                        Point(spread=spread, copies=copies, target=target, delta=d, write=write)
                        for d in sorted(deltas)
                        if (write := for_error(self.storage(spread), d, copies, target)) is not None
                    ]
        return found

    def params(self) -> LearningParams:
        """Registers; the codes are those of each phase."""
        state = np.random.SeedSequence(self.seed).generate_state(1, np.uint64)
        never = (0,) * LEVELS
        return LearningParams(
            code_bits=self.learning().code_bits,
            codes_p=never,
            codes_ap=never,
            seed=int(state[0]),
            learn=False,
            homeostasis=False,
        )


@dataclass(frozen=True, kw_only=True)
class Point:
    """Bits of ``copies`` junctions of barrier ``delta``, whose ``write`` meets the ``target``."""

    spread: float
    copies: int
    target: float
    delta: float
    write: Storage

    @property
    def law(self) -> float:
        """Probability that a bit is wrong."""
        return majority_error(self.write.error(self.delta), self.copies)

    @property
    def energy_j(self) -> float:
        """Energy of writing a bit."""
        return self.copies * self.write.write_energy_j(self.delta)


def energies(storage: Storage, copies: int, target: float) -> tuple[Floats, Floats]:
    """The law of the energy of a bit of this error: barriers (kT) that reach it, and joules."""
    deltas = np.arange(LOWEST, FARTHEST + FINEST, FINEST)
    writes = [(d, for_error(storage, d, copies, target)) for d in deltas.tolist()]
    good = [(d, copies * w.write_energy_j(d)) for d, w in writes if w is not None]
    return np.array([d for d, _ in good]), np.array([e for _, e in good])


def cheapest_barrier(storage: Storage, copies: int, target: float) -> float | None:
    """The barrier of least energy, of those up to the highest that junctions have; None where
    none reaches the target."""
    deltas, joules = energies(storage, copies, target)
    allowed: npt.NDArray[np.bool_] = deltas <= HIGHEST
    return float(deltas[allowed][joules[allowed].argmin()]) if allowed.any() else None
