"""Transports over real descriptors: a pseudo-terminal for the serial port, a loopback socket."""

import os
import socket
import time
import tty

import pytest

from cocotb_tests.host.link.model import Machine
from spinloom.emulator.spec.link import Type
from spinloom.host.link.session import Session
from spinloom.host.link.transport import LinkError, SerialTransport, TcpTransport, open_transport


class Pipe:
    """A modelled machine at the far end of a transport; bytes go there and back through
    descriptors, in the caller's thread."""

    def __init__(self, transport, read, write):
        self.machine = Machine()
        self.transport, self.name = transport, transport.name
        self._read, self._write = read, write

    def write(self, data):
        # In pieces: a terminal's buffer is small.
        for at in range(0, len(data), 1024):
            part = data[at : at + 1024]
            self.transport.write(part)
            arrived = b""
            while len(arrived) < len(part):
                arrived += self._read(4096)
            assert arrived == part
            self.machine.write(part)

    def read(self, timeout_s):
        data = self.machine.read(timeout_s)
        got = b""
        for at in range(0, len(data), 1024):
            part = data[at : at + 1024]
            self._write(part)
            arrived = b""
            while len(arrived) < len(part):
                more = self.transport.read(1.0)
                assert more, "bytes were lost"
                arrived += more
            got += arrived
        assert got == data
        return got


@pytest.fixture
def terminal():
    """A pseudo-terminal in raw mode: its far end, and the name of the port."""
    far, near = os.openpty()
    tty.setraw(far)
    tty.setraw(near)
    yield far, os.ttyname(near)
    os.close(far)
    os.close(near)


def exchange(pipe):
    """HELLO and one read, with every byte value on the way."""
    session = Session(pipe, clock=pipe.machine.clock)
    session.open(reset=True)
    payload = bytes(4) + bytes(range(128, 256)) + bytes(range(64))
    session.send(Type.MEM_WR, payload)
    (reply,) = session.request(Type.MEM_RD, [bytes(4) + (48).to_bytes(4, "little")])
    assert reply == payload[4:]


def test_serial_port(terminal):
    far, port = terminal
    transport = open_transport(f"serial:{port}@115200", "lanes")
    assert isinstance(transport, SerialTransport)
    try:
        exchange(Pipe(transport, lambda n: os.read(far, n), lambda data: os.write(far, data)))
        start = time.monotonic()
        assert transport.read(0.1) == b""
        assert 0.1 <= time.monotonic() - start < 1.0
    finally:
        transport.close()


def test_a_silent_serial_port(terminal):
    _, port = terminal
    transport = SerialTransport(port)
    try:
        with pytest.raises(LinkError, match=f"serial port {port} is silent: no answer for 0.2 s"):
            Session(transport, retry_s=0.05, silence_s=0.2).open(reset=False)
    finally:
        transport.close()


def test_a_serial_port_in_use(terminal):
    _, port = terminal
    transport = SerialTransport(port)
    try:
        with pytest.raises(LinkError, match=r"cannot be opened \(used by another program"):
            SerialTransport(port)
    finally:
        transport.close()


def test_tcp():
    with socket.create_server(("127.0.0.1", 0)) as server:
        transport = open_transport(f"tcp:127.0.0.1:{server.getsockname()[1]}", "lanes")
        far, _ = server.accept()
        with far:
            assert isinstance(transport, TcpTransport)
            exchange(Pipe(transport, far.recv, far.sendall))
        with pytest.raises(LinkError, match=r"tcp:127\.0\.0\.1:\d+ closed the connection"):
            transport.read(1.0)
        transport.close()
