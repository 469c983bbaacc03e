"""``Machine``: the same on the golden model and through frames, and what it says of mistakes."""

import socket
import struct
from dataclasses import replace

import numpy as np
import pytest

from cocotb_tests.host.link import model
from spinloom.emulator.engine.items import pack_items
from spinloom.emulator.engine.learning import LearningEngine
from spinloom.emulator.spec.identity import contract_hash
from spinloom.emulator.spec.learning import (
    REGISTERS,
    SHAPES,
    WORD_TICK,
    LearningParams,
    LearningShape,
)
from spinloom.emulator.spec.link import MAX_FRAME_SPIKES, VERSION, Type
from spinloom.emulator.spec.registers import MAGIC
from spinloom.host import learning as machine_module
from spinloom.host.learning import LearningMachine
from spinloom.host.link.ports import FramePort
from spinloom.host.link.transport import LinkError
from spinloom.host.machine import Machine

SHAPE = LearningShape(name="tiny", inputs=64, neurons=40)
PARAMS = LearningParams(step=40, leak=3, theta0=300, t_ref=5, t_inh=2, seed=0x1234567890)


class EngineBehindFrames(model.Machine):
    """The golden engine at the far end of a line, with registers of a shell around it."""

    def __init__(self, shape=SHAPE, faults=()):
        super().__init__(faults)
        self.shape = shape
        self.engine = LearningEngine(shape)
        self.shell = {3: 0x89ABCDEF, 4: 0x12}
        self.writes = []

    def send(self, spikes):
        for at in range(0, len(spikes), MAX_FRAME_SPIKES):
            self.tally = self.tally + 1 & 0xFF
            self.answer(Type.SPIKES, spikes[at : at + MAX_FRAME_SPIKES].tobytes())

    def execute(self, frame):
        engine = self.engine
        words = [
            word for (word,) in struct.iter_unpack("<I", frame.payload[: len(frame.payload) & ~3])
        ]
        region, addr = (words[0] & 0xFF, words[0] >> 8) if words else (0, 0)
        if frame.type in (Type.HELLO, Type.RESET):
            self.tally = 0
            if frame.type == Type.RESET:
                engine.power_on()
            hello = struct.pack("<IIHH", MAGIC, contract_hash(self.shape), VERSION, self.room)
            self.answer(Type.HELLO_REPLY, hello, frame.seq)
        elif frame.type == Type.EVENTS:
            self.send(engine.stream(np.frombuffer(frame.payload, "<u2")))
        elif frame.type == Type.REG_WR:
            for address, value in zip(words[::2], words[1::2], strict=True):
                engine.write_register(address >> 8, value)
                self.writes.append((address >> 8, value))
                self.send(engine.played())
        elif frame.type == Type.REG_RD:
            addrs = [address >> 8 for address in words]
            self.writes.append("read")
            values = [self.shell.get(a, None) or engine.read_register(a) for a in addrs]
            self.answer(Type.REG_DATA, struct.pack(f"<{len(values)}I", *values), frame.seq)
        elif frame.type == Type.MEM_WR:
            engine.write_memory(region, addr, np.array(words[1:], np.uint32))
        else:
            data = engine.read_memory(region, addr, words[1])
            self.answer(Type.MEM_DATA, data.astype("<u4").tobytes(), frame.seq)


def through_frames(shape=SHAPE, **options):
    return LearningMachine(FramePort(EngineBehindFrames(shape, **options), shape), shape)


FAULTS = tuple(model.Fault(model.TO_DEVICE, n, model.KINDS[n % 7], 37 * n) for n in range(3, 60, 4))


@pytest.mark.parametrize("faults", [(), FAULTS])
def test_the_same_run_on_the_golden_model_and_through_frames(faults):
    rng = np.random.default_rng(1)
    weights = rng.integers(0, 2, (SHAPE.inputs, SHAPE.neurons))
    words = rng.integers(0, SHAPE.inputs, 4000).astype(np.uint16)
    words[rng.random(4000) < 0.2] = WORD_TICK | 2
    results = []
    for machine in (Machine.open("golden", SHAPE), through_frames(faults=faults)):
        with machine:
            machine.configure(PARAMS)
            machine.set_weights(weights)
            assert (machine.weights() == weights).all()
            machine.reset(state=True, theta=True, random=True)
            machine.stream(words[:1500])
            first = machine.spikes()
            machine.stream(words[1500:])
            spikes = np.concatenate([first, machine.spikes()])
            assert len(machine.spikes()) == 0
            pos, theta = machine.neurons()
            machine.write_memory("neurons", np.arange(40) | 77 << 16)
            assert machine.read_memory("neurons", 38).tolist() == [38 | 77 << 16, 39 | 77 << 16]
            results.append(
                (
                    spikes.tobytes(),
                    machine.weights().tobytes(),
                    pos.tolist(),
                    theta.tolist(),
                    machine.read("TICK"),
                )
            )
    golden, framed = results
    assert golden == framed
    assert len(golden[0]) > 20 * 6 and golden[1] != weights.astype(np.uint8).tobytes()


def test_opening_puts_the_state_at_its_start():
    far = EngineBehindFrames()
    for _ in range(2):
        machine = LearningMachine(FramePort(far, SHAPE), SHAPE)
        assert machine.read("TICK") == 0
        machine.stream([WORD_TICK | 9])
        assert machine.read("TICK") == 9


REPLAYED = LearningShape(name="played", inputs=64, neurons=40, row_groups=4, group=4, stimulus=48)


def replayed_words():
    rng = np.random.default_rng(5)
    words = rng.integers(0, REPLAYED.inputs, 60).astype(np.uint16)
    words[rng.random(60) < 0.2] = WORD_TICK | 2
    words[0] = words[-1] = WORD_TICK | 1
    return words


def prepared(machine):
    machine.configure(PARAMS)
    rng = np.random.default_rng(1)
    machine.set_weights(rng.integers(0, 2, (REPLAYED.inputs, REPLAYED.neurons)))
    machine.reset(state=True, theta=True, random=True)
    return machine


def seen(machine):
    spikes = machine.spikes()
    pos, theta = machine.neurons()
    return (
        spikes.tolist(),
        machine.weights().tobytes(),
        pos.tolist(),
        theta.tolist(),
        machine.read("TICK"),
        machine.spike_count,
    )


def test_play_is_stream_from_the_memory(monkeypatch):
    """Some rounds at once, in commands of a few rounds, and streamed; an event waits before."""
    words, rounds = replayed_words(), 7
    streamed = prepared(Machine.open("golden", REPLAYED))
    streamed.stream(np.concatenate([[5], np.tile(words, rounds)]))
    want = seen(streamed)
    assert len(want[0]) == want[-1] > 10
    for at_once in (machine_module.FIRST_PLAYED, 100, 1):
        monkeypatch.setattr(machine_module, "FIRST_PLAYED", at_once)
        for machine in (Machine.open("golden", REPLAYED), through_frames(REPLAYED)):
            prepared(machine)
            machine.stream([5])
            machine.play(words, rounds)
            assert seen(machine) == want
            assert machine.spikes().tolist() == []


def test_a_command_plays_no_longer_than_the_link_waits(monkeypatch):
    monkeypatch.setattr(machine_module, "FIRST_PLAYED", 100)
    monkeypatch.setattr(machine_module, "PLAY_SECONDS", 0)
    far = EngineBehindFrames(REPLAYED)
    machine = prepared(LearningMachine(FramePort(far, REPLAYED), REPLAYED))
    items = len(pack_items(REPLAYED, replayed_words())) // REPLAYED.item_words
    assert 33 < items <= 48  # so that two rounds are within 100 and three are not
    machine.read("TICK")
    far.writes.clear()
    machine.play(replayed_words(), 5)
    machine.read("TICK")
    count, rounds, command = (REGISTERS[n].addr for n in ("PLAY_ITEMS", "PLAY_ROUNDS", "COMMAND"))
    twice = [(rounds, 2), (command, 4), "read"]
    assert far.writes == [(count, items), *twice, *twice, (rounds, 1), (command, 4), "read"]
    # Commands that end in time are followed by longer ones.
    monkeypatch.setattr(machine_module, "PLAY_SECONDS", 60)
    far.writes.clear()
    machine.play(replayed_words(), 6)
    machine.read("TICK")
    assert far.writes == [(count, items), *twice, (rounds, 4), (command, 4), "read"]


def test_quiet_spikes_are_counted():
    for machine in (Machine.open("golden", REPLAYED), through_frames(REPLAYED)):
        prepared(machine)
        machine.play(replayed_words())
        before = machine.spike_count
        assert len(machine.spikes()) == before > 0
        machine.quiet()
        assert machine.read("CONTROL") == PARAMS.registers()["CONTROL"] | 8
        machine.play(replayed_words())
        machine.stream(replayed_words())
        assert machine.spikes().tolist() == [] and machine.spike_count > before
        before = machine.spike_count
        machine.quiet(False)
        machine.play(replayed_words(), 3)
        assert len(machine.spikes()) == machine.spike_count - before > 0
        machine.quiet()
        machine.configure(PARAMS)
        assert machine.read("CONTROL") == PARAMS.registers()["CONTROL"]


@pytest.mark.parametrize(
    ("words", "rounds", "message"),
    [
        ([WORD_TICK | 60], 1, "1 stream words are 60 items; the stimulus memory .* holds 48"),
        ([1, 2, 3], 1, "the stimulus ends within a group; let it end with a tick"),
        ([WORD_TICK | 1], 0, "rounds = 0; give 1 or more"),
        ([64, WORD_TICK | 1], 1, "stream word 0 is input 64; give 0 to 63"),
        ([WORD_TICK], 1, "stream word 0 is a tick of 0; give 1 or more"),
        ([-1], 1, "stimulus: values are out of range"),
    ],
)
def test_what_can_not_be_played(words, rounds, message):
    for machine in (Machine.open("golden", REPLAYED), through_frames(REPLAYED)):
        with pytest.raises(ValueError, match=message):
            machine.play(words, rounds)


def test_a_shape_without_a_stimulus_memory():
    with pytest.raises(ValueError, match="shape tiny has no stimulus memory: use stream"):
        through_frames().play([WORD_TICK | 1])


def test_cycles():
    assert Machine.open("golden", SHAPE).cycles is None
    assert through_frames().cycles == 0x12_89ABCDEF


@pytest.mark.parametrize(
    ("action", "message"),
    [
        (lambda m: m.write("STEPS", 1), "unknown register 'STEPS'"),
        (lambda m: m.read("STEPS"), "unknown register 'STEPS'"),
        (lambda m: m.write("HOMEO_SHIFT", 16), "HOMEO_SHIFT = 16 is out of range; give 0 to 15"),
        (lambda m: m.write("STEP", 4096), "STEP = 4096 is out of range for shape tiny"),
        (lambda m: m.write("TICK", 0), "register TICK is read-only"),
        (lambda m: m.read("COMMAND"), "register COMMAND is write-only"),
        (lambda m: m.configure(replace(PARAMS, theta0=5000)), "THETA0 = 5000 is out of range"),
        (lambda m: m.write_memory("weight", [0]), "unknown memory 'weight'; choose one of weights"),
        (lambda m: m.write_memory("codes", [0] * 33), "33 words from 0 are out of range"),
        (lambda m: m.write_memory("codes", [-1]), "memory codes: values are out of range"),
        (lambda m: m.write_memory("codes", [0.5]), "one-dimensional array of integers"),
        (lambda m: m.read_memory("neurons", 39, 2), "2 words from 39 are out of range; it has 40"),
        (lambda m: m.read_memory("codes"), "memory codes is write-only"),
        (
            lambda m: m.set_weights(np.zeros((64, 39))),
            r"shape \(64, 39\); give \(64, 40\)",
        ),
        (lambda m: m.set_weights(np.full((64, 40), 2)), "other values than 0 and 1"),
        (lambda m: m.stream([1, 64]), "stream word 1 is input 64; give 0 to 63"),
        (lambda m: m.stream([0x8001, 0x8000]), "stream word 1 is a tick of 0; give 1 or more"),
        (lambda m: m.stream([70000]), "stream: values are out of range; give 0 to 65535"),
    ],
)
def test_mistakes_name_the_thing_and_the_range(action, message):
    for machine in (Machine.open("golden", SHAPE), through_frames()):
        with pytest.raises(ValueError, match=message) as caught:
            action(machine)
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("status", "message"), [(1, "want of room"), (2, "event out of range")])
def test_a_loss_on_the_machine_is_raised(status, message):
    far = EngineBehindFrames()
    far.shell[2] = status
    with pytest.raises(LinkError, match=message):
        LearningMachine(FramePort(far, SHAPE), SHAPE).spikes()


def test_another_identity():
    small = SHAPES["lanes-small"]
    expected = (
        f"this machine is lanes-small \\({contract_hash(small):#010x}\\), expected tiny "
        f"\\({contract_hash(SHAPE):#010x}\\); build and flash the right bitstream"
    )
    with pytest.raises(LinkError, match=expected):
        FramePort(EngineBehindFrames(shape=small), SHAPE)


def test_targets_that_lead_nowhere():
    with pytest.raises(ValueError, match="unknown machine 'fpga'; give golden, golden:numba, "):
        Machine.open("fpga", SHAPE)
    with pytest.raises(ValueError, match="baud = 'fast' is not a number"):
        Machine.open("serial:ttyX@fast", SHAPE)
    with pytest.raises(LinkError, match="serial port /dev/no-such-port is absent; ports here:"):
        Machine.open("serial:/dev/no-such-port", SHAPE)
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        with pytest.raises(LinkError, match=f"tcp:127.0.0.1:{port} does not answer"):
            Machine.open(f"tcp:127.0.0.1:{port}", SHAPE)


def test_a_virtual_board_that_does_not_start(capfd):
    with pytest.raises(LinkError, match="ended with status 2 before it listened"):
        Machine.open("sim", SHAPE)  # a shape without a name that the virtual board knows
    assert "tiny" in capfd.readouterr().err
