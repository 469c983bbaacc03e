"""Identity: a 32-bit hash of the contract and the shape, in register 1. The host refuses a machine
with another."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict

from spinloom.emulator.spec import link
from spinloom.emulator.spec.shape import Shape


def contract_hash(shape: Shape) -> int:
    """First four bytes of SHA-256 over everything that host and machine must agree on."""
    contract = {
        "link": link.contract(),
        "registers": [
            {k: v for k, v in asdict(r).items() if k != "doc"} for r in shape.registers.regs
        ],
        "regions": shape.regions,
        "shape": shape.contract(),
    }
    digest = hashlib.sha256(json.dumps(contract, sort_keys=True).encode()).digest()
    return int.from_bytes(digest[:4], "little")
