"""The virtual board's native loop: bytes, back-pressure, sleep, and its end, on both simulators."""

import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
from amaranth.hdl import Module
from amaranth.lib import fifo, stream, wiring
from amaranth.lib.wiring import In, Out, connect, flipped

from spinloom.boards import simulators
from spinloom.boards.virtual import SIMULATORS

DEADLINE_S = 20.0
both_simulators = pytest.mark.parametrize("simulator", SIMULATORS)


class Echo(wiring.Component):
    """Sends back what it receives: the smallest machine with a byte link. The path from
    ``tx.ready`` to ``rx.ready`` is combinational when ``depth`` is 0."""

    rx: In(stream.Signature(8))
    tx: Out(stream.Signature(8))
    o_idle: Out(1)

    def __init__(self, depth=64):
        self._depth = depth
        super().__init__()

    def elaborate(self, platform):
        m = Module()
        if self._depth == 0:
            connect(m, rx=flipped(self.rx), tx=flipped(self.tx))
            m.d.comb += self.o_idle.eq(1)
            return m
        m.submodules.queue = queue = fifo.SyncFIFOBuffered(width=8, depth=self._depth)
        connect(m, rx=flipped(self.rx), queue=queue.w_stream)
        connect(m, queue=queue.r_stream, tx=flipped(self.tx))
        m.d.comb += self.o_idle.eq(queue.level == 0)
        return m


@contextmanager
def served(simulator, machine=None, stdin=subprocess.DEVNULL):
    """The board's process and a connection to it; both have ended afterwards."""
    program = simulators.build(machine or Echo(), simulator)
    process = subprocess.Popen([program], stdin=stdin, stdout=subprocess.PIPE, text=True)
    try:
        line = process.stdout.readline()
        assert line.startswith("listening 127.0.0.1:")
        address = ("127.0.0.1", int(line.rpartition(":")[2]))
        with socket.create_connection(address, timeout=DEADLINE_S) as connection:
            yield process, connection
        process.wait(DEADLINE_S)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
        if process.stdin:
            process.stdin.close()


def receive(connection, count):
    data = bytearray()
    while len(data) < count:
        block = connection.recv(count - len(data))
        assert block, f"the connection closed after {len(data)} of {count} bytes"
        data += block
    return bytes(data)


@both_simulators
@pytest.mark.parametrize("depth", [0, 64])
def test_every_byte_comes_back_in_order(simulator, depth):
    with served(simulator, Echo(depth)) as (process, connection):
        for size in (1, 2, 250, 70_000):
            data = random.Random(size).randbytes(size)
            connection.sendall(data)
            assert receive(connection, size) == data
        connection.close()
        assert process.wait(DEADLINE_S) == 0


@both_simulators
def test_a_slow_reader_loses_nothing(simulator):
    """More bytes than every buffer on the way holds, while nobody reads: the machine stalls."""
    data = random.Random(1).randbytes(12_000_000)
    with served(simulator) as (_, connection):
        connection.settimeout(None)
        sender = threading.Thread(target=connection.sendall, args=(data,), daemon=True)
        sender.start()
        sender.join(0.5)
        assert sender.is_alive(), "nothing held the sender back"
        connection.settimeout(DEADLINE_S)
        assert receive(connection, len(data)) == data


def cpu_ticks(process):
    """User and system time so far, in clock ticks."""
    fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


@both_simulators
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_an_idle_machine_uses_no_processor_time(simulator):
    with served(simulator) as (process, connection):
        connection.sendall(b"x")
        receive(connection, 1)
        before = cpu_ticks(process)
        time.sleep(1.0)
        assert cpu_ticks(process) - before <= 1
        connection.sendall(b"y")
        assert receive(connection, 1) == b"y"


def test_it_ends_when_its_standard_input_closes():
    with served("cxxrtl", stdin=subprocess.PIPE) as (process, _):
        time.sleep(0.1)
        assert process.poll() is None
        process.stdin.close()
        assert process.wait(DEADLINE_S) == 0


def test_it_ends_when_its_parent_is_killed():
    program = simulators.build(Echo(), "cxxrtl")
    script = (
        "import subprocess, sys, time;"
        "p = subprocess.Popen([sys.argv[1]], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE);"
        # Once it listens it knows its parent; before that it can't tell that it was adopted.
        "p.stdout.readline(); print(p.pid, flush=True); time.sleep(60)"
    )
    command = [sys.executable, "-c", script, str(program)]
    parent = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    child = int(parent.stdout.readline())
    os.kill(child, 0)
    parent.kill()
    parent.wait()
    parent.stdout.close()
    deadline = time.monotonic() + DEADLINE_S
    while time.monotonic() < deadline:
        try:
            os.kill(child, 0)
        except ProcessLookupError:
            return
        # A container's first process may never collect it: a dead one counts as ended.
        state = Path(f"/proc/{child}/stat")
        if state.exists() and state.read_text().rpartition(")")[2].split()[0] == "Z":
            return
        time.sleep(0.05)
    os.kill(child, signal.SIGKILL)
    pytest.fail("the virtual board outlived its parent")


def test_a_taken_port_is_one_clear_line():
    program = simulators.build(Echo(), "cxxrtl")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        command = [program, "--port", port]
        done = subprocess.run(command, capture_output=True, text=True, timeout=DEADLINE_S)
    assert done.returncode == 1 and done.stdout == ""
    assert "--port" in done.stderr and len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("port", ["-1", "65536", "x", ""])
def test_a_port_out_of_range_is_one_clear_line(port):
    program = simulators.build(Echo(), "cxxrtl")
    command = [program, "--port", port]
    done = subprocess.run(command, capture_output=True, text=True, timeout=DEADLINE_S)
    assert done.returncode == 2
    assert "give 0 to 65535" in done.stderr and len(done.stderr.splitlines()) == 1


def test_an_unknown_simulator_is_refused():
    with pytest.raises(ValueError, match="unknown simulator 'spice'"):
        simulators.build(None, "spice")
