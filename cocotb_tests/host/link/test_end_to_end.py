"""The host's session against the shell in simulation: both ends of the link, neither modelled."""

import random
import struct

import numpy as np
import pytest

from cocotb_tests.link.device import BAD_EVENT, CONTRACT, Device, SimulatedLine
from spinloom.emulator.spec import link
from spinloom.emulator.spec.link import Type
from spinloom.emulator.spec.registers import MAGIC
from spinloom.host.link.session import Session


def open_session(seed, *, stall=0.2, noise=0.0, **options):
    print(f"seed {seed}")
    line = SimulatedLine(Device(**options), random.Random(seed), stall=stall, noise=noise)
    # Simulated time is slow: one clock cycle counts as a microsecond of patience.
    session = Session(line, retry_s=0.01, clock=line.now)
    return line, session, session.open(reset=True)


def read_register(session, addr):
    (reply,) = session.request(Type.REG_RD, [struct.pack("<I", addr << 8)])
    return struct.unpack("<I", reply)[0]


def test_hello():
    _, _, hello = open_session(1)
    assert hello == (MAGIC, CONTRACT, link.VERSION, 8)


@pytest.mark.parametrize(
    ("stall", "work", "depth"), [(0.0, 0, 2048), (0.0, 60, 512), (0.4, 5, 1024)]
)
def test_every_event_comes_back_in_order(stall, work, depth):
    """A slow engine fills the queue, so the window closes; nothing is lost or doubled."""
    line, session, hello = open_session(2, stall=stall, work=work, depth=depth)
    assert hello.room == depth // 243
    words = np.random.default_rng(2).integers(0, BAD_EVENT, 250).astype(np.uint16)
    session.send_events(words[:170])
    session.send_events(words[170:])
    assert read_register(session, 0) == MAGIC
    spikes = session.spikes()
    assert (spikes["neuron"] == words).all() and (spikes["tick"] == np.arange(250)).all()
    for addr in (2, 5, 6, 7):
        assert read_register(session, addr) == 0
    line.settle()
    line.run(500)
    assert line.taken() == b"", "a device at rest is quiet"


def test_memory_in_many_frames():
    _, session, _ = open_session(3)
    data = np.random.default_rng(3).integers(0, 1 << 32, 16).astype("<u4")
    for word, value in enumerate(data):
        session.send(Type.MEM_WR, struct.pack("<II", 1 | word << 8, value))
    asked = [struct.pack("<II", 1 | word << 8, 1) for word in range(16)]
    assert b"".join(session.request(Type.MEM_RD, asked)) == data.tobytes()
    session.send(Type.MEM_WR, struct.pack("<I", 2) + data.tobytes())
    assert session.request(Type.MEM_RD, [struct.pack("<II", 2, 16)]) == [data.tobytes()]


def test_status_and_cycles():
    _, session, _ = open_session(4, work=10)
    assert read_register(session, 2) == 0
    session.send_events(np.array([1, BAD_EVENT, 2], np.uint16))
    assert read_register(session, 2) == 2
    busy = read_register(session, 3)
    # Two words at 1 + work + 1 cycles of work, and the wait for the transmitter.
    assert 2 * 12 <= busy < 300
    assert read_register(session, 3) == busy
    session.open(reset=False)
    assert (read_register(session, 2), read_register(session, 3)) == (0, 0)


def test_reset_is_hello_and_the_engine_starts_anew():
    _, session, _ = open_session(5)
    session.send_events(np.array([5, 6], np.uint16))
    session.open(reset=False)
    session.send_events(np.array([7], np.uint16))
    read_register(session, 0)
    assert session.spikes().tolist() == [(2, 7)]
    session.open(reset=True)
    session.send_events(np.array([8], np.uint16))
    read_register(session, 0)
    assert session.spikes().tolist() == [(0, 8)]


@pytest.mark.parametrize("seed", [6])
def test_corrupted_bytes_on_the_way_in_cost_time_only(seed):
    _, session, _ = open_session(seed, noise=1 / 250, stall=0.0)
    words = np.random.default_rng(seed).integers(0, BAD_EVENT, 250).astype(np.uint16)
    session.send_events(words)
    assert read_register(session, 0) == MAGIC
    assert (session.spikes()["neuron"] == words).all()
    assert read_register(session, 5) > 0  # some frames were dropped
    assert read_register(session, 7) == 0
