"""Constants of nature, SI (CODATA 2018)."""

from __future__ import annotations

BOHR_MAGNETON = 9.2740100783e-24  # J/T
BOLTZMANN = 1.380649e-23  # J/K
ELECTRON = 1.602176634e-19  # C
GYROMAGNETIC = 1.76085963023e11  # electron, rad/(s T)
HBAR = 1.054571817e-34  # J s
