"""A load of couplings, cycle by cycle: the frames that set the couplings of a machine's first
oscillators, and what the simulated circuit takes for them, from the line's bytes to its memory.

Frames come one at a time, a byte a cycle, each when the circuit is at rest; the circuit stores a
frame whole before it works on it.
"""

from __future__ import annotations

import struct
from typing import Any

import numpy as np
import numpy.typing as npt
from amaranth.sim import Simulator

from spinloom.emulator.engine import phase, square
from spinloom.emulator.spec.link import Type
from spinloom.emulator.spec.oscillators import OscillatorShape
from spinloom.emulator.spec.phase import PhaseShape
from spinloom.emulator.spec.square import SquareShape
from spinloom.host.link.frames import decode, encode
from spinloom.rtl.top import Top

REPLY = 0x80  # the type of a reply is that of its request, and this
ON_THE_WAY = 4  # cycles from a byte at the port to a sign of it

Ints = npt.NDArray[np.int64]
Words = npt.NDArray[np.uint32]


def packed(shape: OscillatorShape, weights: Ints) -> Words:
    """Couplings of the first oscillators [n, n] as words of the memory window, a row for each that
    they come from; the others' are 0."""
    every = np.zeros((shape.oscillators,) * 2, np.int64)
    every[: len(weights), : len(weights)] = weights
    if isinstance(shape, SquareShape):
        return square.pack_weights(shape, every).reshape(shape.oscillators, -1)
    assert isinstance(shape, PhaseShape)
    return phase.pack_weights(shape, every).reshape(shape.oscillators, -1)


def spans(shape: OscillatorShape, n: int) -> list[slice]:
    """Runs of words of a row that hold a coupling of the first n oscillators."""
    holds = packed(shape, np.full((n, n), -1))[0] != 0
    edges = np.flatnonzero(np.diff(np.pad(holds.astype(np.int8), 1)))
    return [slice(int(first), int(end)) for first, end in edges.reshape(-1, 2)]


def frames(shape: OscillatorShape, weights: Ints) -> list[bytes]:
    """What the host sends to set the couplings of the first oscillators, in order."""
    n, rows = len(weights), packed(shape, weights)
    region, stride = shape.regions["weights"], rows.shape[1]
    sent: list[bytes] = []
    for row in range(n):
        for span in spans(shape, n):
            address = struct.pack("<I", region | row * stride + span.start << 8)
            words = rows[row, span].astype("<u4").tobytes()
            sent.append(encode(Type.MEM_WR, len(sent) & 0xFF, address + words))
    return sent


class Load:
    """Couplings loaded into the simulated circuit: ``frames`` holds (bytes, cycles from the first
    byte to rest, cycles from the last byte to rest) of each frame, ``busy`` is CYCLES."""

    def __init__(self, shape: OscillatorShape, weights: Ints) -> None:
        self._shape, self._weights = shape, weights
        self.frames: list[tuple[int, int, int]] = []
        self.busy = 0
        self._cycle = 0
        self._heard = bytearray()
        self._top = Top(shape)
        simulator = Simulator(self._top)
        simulator.add_clock(1e-6)
        simulator.add_testbench(self._run)
        simulator.run()

    async def _run(self, ctx: Any) -> None:
        shape, n = self._shape, len(self._weights)
        ctx.set(self._top.tx.ready, 1)
        await self._send(ctx, encode(Type.RESET, 0))
        for frame in frames(shape, self._weights):
            self.frames.append((len(frame), *await self._send(ctx, frame)))
        sent = len(self.frames)
        (self.busy,) = await self._ask(
            ctx, Type.REG_RD, sent, struct.pack("<I", shape.registers["CYCLES_LO"].addr << 8)
        )
        row, span = packed(shape, self._weights)[n - 1], spans(shape, n)[-1]
        first = shape.regions["weights"] | (n - 1) * len(row) + span.start << 8
        asked = struct.pack("<II", first, span.stop - span.start)
        read = await self._ask(ctx, Type.MEM_RD, sent + 1, asked)
        if read != row[span].tolist():
            raise RuntimeError(f"{shape.name} holds {read} at its last words, not {row[span]}")

    async def _tick(self, ctx: Any) -> None:
        if ctx.get(self._top.tx.valid):
            self._heard.append(ctx.get(self._top.tx.payload))
        await ctx.tick()
        self._cycle += 1

    async def _send(self, ctx: Any, line: bytes) -> tuple[int, int]:
        """Bytes, one a cycle, and rest: cycles from the first byte on, and from the last."""
        rx, start = self._top.rx, self._cycle
        ctx.set(rx.valid, 1)
        for byte in line:
            ctx.set(rx.payload, byte)
            while not ctx.get(rx.ready):
                await self._tick(ctx)
            await self._tick(ctx)
        ctx.set(rx.valid, 0)
        there = self._cycle
        for _ in range(ON_THE_WAY):
            await self._tick(ctx)
        while not ctx.get(self._top.o_idle):
            await self._tick(ctx)
        return self._cycle - start, self._cycle - there

    async def _ask(self, ctx: Any, type_: Type, seq: int, payload: bytes) -> list[int]:
        """The words of a reply."""
        self._heard.clear()
        await self._send(ctx, encode(type_, seq & 0xFF, payload))
        for line in bytes(self._heard).split(b"\0"):
            frame = decode(line)
            if frame is not None and frame.type == type_ | REPLY:
                return np.frombuffer(frame.payload, "<u4").tolist()
        raise RuntimeError(f"{self._shape.name} did not answer {type_.name}")
