"""The session over a line that flips, drops, doubles, cuts, inserts and reorders: what arrives is
exact, or the error is raised."""

import struct

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cocotb_tests.host.link.model import KINDS, TO_DEVICE, TO_HOST, Fault, Machine
from spinloom.emulator.spec.link import Type
from spinloom.host.link.session import Session
from spinloom.host.link.transport import LinkError

FUZZ = settings(
    max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)


def faults(direction):
    return st.lists(
        st.builds(
            Fault,
            direction=st.just(direction),
            frame=st.integers(0, 60),
            kind=st.sampled_from(KINDS),
            where=st.integers(0, 2000),
        ),
        max_size=12,
    )


def session_with(machine):
    return Session(machine, clock=machine.clock)


def work(machine):
    """Events, a memory write and reads; everything is compared with what was sent."""
    session = session_with(machine)
    session.open(reset=True)
    rng = np.random.default_rng(1)
    words = rng.integers(0, 1 << 16, 1500).astype(np.uint16)
    data = rng.integers(0, 1 << 32, 40).astype("<u4")
    session.send_events(words[:1000])
    session.send(Type.MEM_WR, struct.pack("<I", 1) + data.tobytes())
    session.send_events(words[1000:])
    asked = [struct.pack("<II", 1 | n << 8, 10) for n in (0, 10, 20, 30)]
    read = b"".join(session.request(Type.MEM_RD, asked))
    spikes = session.spikes()
    assert machine.events == words.tolist()
    assert read == data.tobytes()
    assert spikes["neuron"].tolist() == words.tolist()
    assert spikes["tick"].tolist() == list(range(1500))


def test_a_clean_line_needs_no_repetition():
    machine = Machine()
    work(machine)
    assert machine.drops == 0


def test_a_dropped_frame_is_sent_again_at_once():
    machine = Machine([Fault(TO_DEVICE, 5, "flip", 99)])
    work(machine)
    assert machine.drops > 0 and machine.clock() < 0.05


@FUZZ
@given(faults(TO_DEVICE))
def test_faults_on_the_way_to_the_device_cost_time_only(faults):
    work(Machine(faults))


@FUZZ
@given(faults(TO_HOST), faults(TO_DEVICE))
def test_faults_on_the_way_back_are_mended_or_raised(to_host, to_device):
    try:
        work(Machine(to_host + to_device))
    except LinkError as error:
        assert "frames of spikes were lost" in str(error)


@pytest.mark.parametrize("room", [1, 2, 100])
def test_windows(room):
    work(Machine(room=room))


def test_a_lost_spike_frame_is_noticed_even_if_it_is_the_last():
    machine = Machine()
    session = session_with(machine)
    session.open(reset=True)
    session.send_events(np.arange(5, dtype=np.uint16))
    machine.lines[TO_HOST].one = lambda frame: b"" if frame[1] == Type.SPIKES else frame
    with pytest.raises(LinkError, match="1 frames of spikes were lost"):
        session.request(Type.MEM_RD, [struct.pack("<II", 1, 1)])


def test_silence_from_the_start_and_later():
    machine = Machine()
    session = session_with(machine)
    session.open(reset=True)
    machine.lines[TO_HOST].one = lambda frame: b""
    with pytest.raises(LinkError, match="modelled machine fell silent: no answer for 5 s"):
        session.request(Type.MEM_RD, [struct.pack("<II", 1, 1)])
    with pytest.raises(LinkError, match="modelled machine is silent"):
        session.open(reset=False)


def test_a_machine_that_answers_and_does_nothing():
    machine = Machine()
    session = session_with(machine)
    session.open(reset=True)

    def put_off(frame):
        machine.queue.insert(0, frame)
        machine.seconds += 0.5

    machine.execute = put_off
    with pytest.raises(LinkError, match="answers but does no work for 60 s"):
        session.send_events(np.zeros(5000, np.uint16))


def test_what_an_earlier_session_left_on_the_line_is_ignored():
    machine = Machine()
    earlier = session_with(machine)
    earlier.open(reset=True)
    earlier.send_events(np.arange(700, dtype=np.uint16))
    machine.write(b"\5half a frame")
    session = session_with(machine)
    session.open(reset=True)
    session.send_events(np.arange(3, dtype=np.uint16))
    session.request(Type.MEM_RD, [struct.pack("<II", 1, 1)])
    assert session.spikes()["neuron"].tolist() == [0, 1, 2]
