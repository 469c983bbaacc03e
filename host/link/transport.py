"""Ways for bytes to reach a machine: a serial port, a TCP socket, the virtual board's process."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import subprocess
import sys
import time
from typing import Protocol

import serial
from serial.tools import list_ports

from spinloom.emulator.spec.link import BAUD_DEFAULT

WRITE_DEADLINE_S = 10.0
CONNECT_DEADLINE_S = 5.0
BUILD_DEADLINE_S = 900.0  # a first start compiles the simulation
EXIT_DEADLINE_S = 5.0
ENDING_S = 0.5  # from the end of a connection to that of the process
READ_BYTES = 1 << 16


class LinkError(RuntimeError):
    """The machine is absent, silent or different, or something on the way to it was lost."""


class Transport(Protocol):
    """A byte stream each way. ``name`` is what error messages call it."""

    @property
    def name(self) -> str: ...

    def read(self, timeout_s: float) -> bytes:
        """What has arrived, at once if anything has; empty when the time is over."""

    def write(self, data: bytes) -> None:
        """Hand over all bytes, or raise ``LinkError`` by the deadline."""

    def close(self) -> None:
        """Give the port back; a second call does nothing."""


class SerialTransport:
    """A board's UART, 8N1."""

    def __init__(self, port: str, baud: int = BAUD_DEFAULT) -> None:
        self.name = f"serial port {port}"
        try:
            self._serial = serial.Serial(
                port, baud, timeout=0.02, write_timeout=WRITE_DEADLINE_S, exclusive=True
            )
        except (serial.SerialException, ValueError, OSError) as error:
            raise LinkError(_why_no_port(port, error)) from error

    def read(self, timeout_s: float) -> bytes:
        end = time.monotonic() + timeout_s
        try:
            while True:
                waiting = self._serial.in_waiting
                if waiting or time.monotonic() < end:
                    # With nothing waiting this blocks for the port's own short timeout.
                    data = bytes(self._serial.read(waiting or 1))
                    if data:
                        return data
                else:
                    return b""
        except (serial.SerialException, OSError) as error:
            raise LinkError(f"{self.name} is gone: {error}; plug the board in again") from error

    def write(self, data: bytes) -> None:
        try:
            self._serial.write(data)
        except (serial.SerialException, OSError) as error:
            raise LinkError(f"{self.name} takes no bytes: {error}") from error

    def close(self) -> None:
        self._serial.close()


def _why_no_port(port: str, error: Exception) -> str:
    if isinstance(error, ValueError):
        return f"serial port {port}: {error}"
    number = getattr(error, "errno", None)
    if number == 2 or not os.path.exists(port):  # noqa: PTH110 - a COM port is not a path
        there = ", ".join(p.device for p in list_ports.comports()) or "none"
        return f"serial port {port} is absent; ports here: {there}"
    if number == 13:
        return f"serial port {port}: no permission; join the group that owns it (often dialout)"
    return f"serial port {port} cannot be opened (used by another program?): {error}"


class TcpTransport:
    """A server on this computer."""

    def __init__(self, host: str, port: int) -> None:
        self.name = f"tcp:{host}:{port}"
        try:
            self._socket = socket.create_connection((host, port), CONNECT_DEADLINE_S)
        except OSError as error:
            raise LinkError(f"{self.name} does not answer: {error}") from error
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.settimeout(WRITE_DEADLINE_S)

    def read(self, timeout_s: float) -> bytes:
        try:
            if not select.select([self._socket], [], [], timeout_s)[0]:
                return b""
            data = self._socket.recv(READ_BYTES)
        except (OSError, ValueError) as error:
            raise LinkError(f"{self.name} is gone: {error}") from error
        if not data:
            raise LinkError(f"{self.name} closed the connection")
        return data

    def write(self, data: bytes) -> None:
        try:
            self._socket.sendall(data)
        except OSError as error:
            raise LinkError(f"{self.name} takes no bytes: {error}") from error

    def close(self) -> None:
        self._socket.close()


class SimTransport:
    """The virtual board: starts its process, and ends it at the close."""

    def __init__(self, shape: str, simulator: str) -> None:
        self.name = "virtual board"
        command = [sys.executable, "-m", "spinloom.boards.virtual"]
        command += ["--shape", shape, "--simulator", simulator]
        # A session of its own: Ctrl-C is for the host, which still reads the weights out.
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
        )
        try:
            self._tcp = TcpTransport("127.0.0.1", self._port())
        except BaseException:
            self._end()
            raise
        self._tcp.name = self.name

    def _port(self) -> int:
        """The port of the line ``listening 127.0.0.1:PORT``."""
        out = self._process.stdout
        if out is None:
            raise LinkError("virtual board has no output")
        end = time.monotonic() + BUILD_DEADLINE_S
        line = b""
        while not line.endswith(b"\n"):
            left = end - time.monotonic()
            if left <= 0 or not select.select([out], [], [], left)[0]:
                raise LinkError(f"virtual board not built within {BUILD_DEADLINE_S:g} s")
            data = os.read(out.fileno(), 256)
            if not data:
                status = self._process.wait(EXIT_DEADLINE_S)
                raise LinkError(
                    f"virtual board ended with status {status} before it listened; "
                    "see its messages above, or run: spinloom doctor"
                )
            line += data
        last = line.decode(errors="replace").strip()
        if not last.startswith("listening 127.0.0.1:"):
            raise LinkError(f"virtual board said {last!r}, not where it listens")
        return int(last.rpartition(":")[2])

    def read(self, timeout_s: float) -> bytes:
        try:
            return self._tcp.read(timeout_s)
        except LinkError as error:
            raise self._why(error) from error

    def write(self, data: bytes) -> None:
        try:
            self._tcp.write(data)
        except LinkError as error:
            raise self._why(error) from error

    def _why(self, error: LinkError) -> LinkError:
        """What a broken connection means, if the process has ended."""
        try:
            status = self._process.wait(ENDING_S)
        except subprocess.TimeoutExpired:
            return error
        how = f"ended with status {status}"
        if status < 0:
            how = f"was killed by signal {-status}"
        return LinkError(f"the process of the {self.name} {how} while it was in use")

    def close(self) -> None:
        self._tcp.close()
        self._end(EXIT_DEADLINE_S)

    def _end(self, patience_s: float = 0.0) -> None:
        """Wait for the process, then end it and what it started: it leads its own group."""
        process = self._process
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                stream.close()
        for number in (signal.SIGTERM, signal.SIGKILL):
            try:
                process.wait(patience_s)
                return
            except subprocess.TimeoutExpired:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, number)
                patience_s = EXIT_DEADLINE_S
        process.wait(EXIT_DEADLINE_S)


def open_transport(target: str, shape: str) -> Transport:
    """The transport of a target: sim, sim:SIMULATOR, serial:PORT[@BAUD] or tcp:HOST:PORT."""
    kind, _, rest = target.partition(":")
    if kind == "sim" and rest in ("", "verilator", "cxxrtl"):
        return SimTransport(shape, rest or "verilator")
    if kind == "serial" and rest:
        port, _, baud = rest.partition("@")
        if baud and not baud.isdecimal():
            raise ValueError(f"baud = {baud!r} is not a number; give serial:PORT@1000000")
        return SerialTransport(port, int(baud or BAUD_DEFAULT))
    if kind == "tcp":
        host, _, number = rest.rpartition(":")
        if host and number.isdecimal() and int(number) < 1 << 16:
            return TcpTransport(host, int(number))
        raise ValueError(f"target {target!r}: give tcp:127.0.0.1:PORT")
    raise ValueError(
        f"unknown machine {target!r}; give golden, golden:numba, sim, sim:cxxrtl, "
        "serial:PORT[@BAUD] or tcp:127.0.0.1:PORT"
    )
