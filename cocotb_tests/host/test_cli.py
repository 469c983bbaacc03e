"""The command line: what it prints, what it refuses, with which exit status, in one line."""

import json
import os
import stat
import subprocess
import sys
from types import SimpleNamespace

import pytest

from spinloom.emulator.spec.identity import contract_hash
from spinloom.emulator.spec.shapes import SHAPES
from spinloom.host import cli, health
from spinloom.host.commands import boards, info, listing


def one_line(capsys):
    """What was said on stderr, which must be one line."""
    err = capsys.readouterr().err
    assert err.startswith("spinloom: ")
    assert err.count("\n") == 1
    return err


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "COMMAND"),
        (["frobnicate"], "frobnicate"),
        (["run"], "EXPERIMENT"),
        (["run", "roads"], "roads"),
        (["run", "lanes", "--seed", "x"], "--seed"),
        (["run", "lanes", "--seeds", "x"], "neither a count"),
        (["run", "lanes", "--seeds", "0"], "neither a count"),
        (["info", "--json", "--wide"], "--wide"),
        (["doctor", "--for", "tea"], "tea"),
    ],
)
def test_bad_usage_is_one_line_and_status_2(arguments, says, capsys):
    with pytest.raises(SystemExit) as caught:
        cli.main(arguments)
    assert caught.value.code == 2
    assert says in one_line(capsys)


@pytest.mark.parametrize("command", ["info", "verilog", "build"])
def test_unknown_shape_names_the_shapes(command, capsys):
    shape = ["huge"] if command == "info" else ["--shape", "huge"]
    board = ["icebreaker"] if command == "build" else []
    assert cli.main([command, *board, *shape]) == 2
    err = one_line(capsys)
    assert "'huge'" in err
    assert all(name in err for name in SHAPES)


@pytest.mark.parametrize("command", ["build", "flash"])
def test_unknown_board_names_the_boards(command, capsys):
    assert cli.main([command, "arduino"]) == 2
    err = one_line(capsys)
    assert "'arduino'" in err
    assert "icebreaker" in err


@pytest.mark.parametrize("arguments", [["verilog"], ["build", "icebreaker"], ["flash", "ulx3s"]])
def test_missing_extra_says_how_to_install_it(arguments, monkeypatch, capsys):
    monkeypatch.setattr(boards, "find_spec", lambda module: None)
    assert cli.main(arguments) == 1
    err = one_line(capsys)
    assert "amaranth" in err
    assert "pip install 'spinloom[" in err


def test_list_without_the_extra_still_lists_the_rest(monkeypatch, capsys):
    monkeypatch.setattr(boards, "find_spec", lambda module: None)
    assert cli.main(["list"]) == 0
    out = capsys.readouterr().out
    assert "lanes-small" in out
    assert "pip install" in out


def test_list_as_json(capsys):
    assert cli.main(["list", "--json"]) == 0
    sections = json.loads(capsys.readouterr().out)
    assert [row["name"] for row in sections["experiments"]] == list(listing.EXPERIMENTS)
    assert [row["name"] for row in sections["shapes"]] == list(SHAPES)
    assert {"icebreaker", "ulx3s", "tangnano9k"} <= {row["board"] for row in sections["boards"]}


@pytest.mark.parametrize("name", SHAPES)
def test_info_is_the_contract(name, capsys):
    assert cli.main(["info", name, "--json"]) == 0
    sections = json.loads(capsys.readouterr().out)
    shape = SHAPES[name]
    assert int(sections["identity"][0]["contract"], 16) == contract_hash(shape)
    assert [(r["address"], r["name"]) for r in sections["registers"]] == [
        (r.addr, r.name) for r in shape.registers.regs
    ]
    words = {r["name"]: r["words"] for r in sections["regions"]}
    assert words == {n: shape.region_words(r) for n, r in shape.regions.items()}
    assert cli.main(["info", name]) == 0
    out = capsys.readouterr().out
    assert all(f" {r.name} " in out for r in shape.registers.regs)


@pytest.mark.parametrize(
    ("error", "status", "says"),
    [
        (ValueError("seed = 0\nis out of range"), 2, "error: seed = 0 is out of range"),
        (OSError("disk full"), 1, "error: disk full"),
        (RuntimeError("the port is silent"), 1, "error: the port is silent"),
        (KeyError("x"), 1, "a bug"),
        (KeyboardInterrupt(), 130, "interrupted"),
    ],
)
def test_errors_are_one_line_with_their_status(error, status, says, monkeypatch, capsys):
    def fail(shape):
        raise error

    monkeypatch.setattr(info, "identity", fail)
    assert cli.main(["info"]) == status
    assert says in one_line(capsys)
    assert cli.main(["info", "--traceback"]) == status
    err = capsys.readouterr().err
    assert "Traceback" in err
    assert says in err.splitlines()[-1]


def test_a_reader_that_leaves_is_no_error():
    command = [sys.executable, "-m", "spinloom.host.cli", "info"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(timeout=60) == 1


def test_results_of_nothing(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert cli.main(["results"]) == 2
    assert "no runs" in one_line(capsys)
    assert cli.main(["results", "nowhere"]) == 2
    assert "nowhere is not a run directory" in one_line(capsys)


def test_doctor_passes_where_these_tests_run(capsys):
    assert cli.main(["doctor", "--for", "sim", "--json"]) == 0
    states = {c["check"]: c["state"] for c in json.loads(capsys.readouterr().out)["checks"]}
    assert states["amaranth"] == states["verilator runs"] == states["C++ compiler"] == "ok"


def test_doctor_fails_when_something_is_missing(monkeypatch, capsys):
    monkeypatch.setattr(health, "requires", lambda package: ["numpy>=999", "no-such-package>=1"])
    assert cli.main(["doctor", "--for", "golden", "--json"]) == 1
    checks = {c["check"]: c for c in json.loads(capsys.readouterr().out)["checks"]}
    assert checks["numpy"]["state"] == checks["no-such-package"]["state"] == "fails"
    assert "needs >=999" in checks["numpy"]["found"]
    assert "pip install spinloom" in checks["no-such-package"]["what_to_do"]


def test_doctor_without_a_compiler(monkeypatch):
    monkeypatch.setattr(health.shutil, "which", lambda name: None)
    assert health.compiler("sim").found == "ziglang wheel"
    monkeypatch.setattr(health, "find_spec", lambda name: None)
    check = health.compiler("sim")
    assert check.state == "fails"
    assert "apt install g++" in check.fix


def test_doctor_on_a_tool_that_does_not_run(tmp_path):
    assert health.tool("sim", "verilator", [], "install it").state == "fails"
    broken = tmp_path / "verilator"
    broken.write_text("#!/bin/sh\necho cannot open libc >&2\nexit 3\n")
    broken.chmod(broken.stat().st_mode | stat.S_IXUSR)
    check = health.tool("sim", "verilator", [str(broken)], "install it")
    assert (check.state, check.found, check.fix) == ("fails", "cannot open libc", "install it")


def test_doctor_on_serial_ports(tmp_path, monkeypatch):
    import serial.tools.list_ports

    port = tmp_path / "ttyUSB1"
    monkeypatch.setattr(serial.tools.list_ports, "comports", lambda: [])
    assert [c.state for c in health.ports("serial")] == ["note"]
    found = [SimpleNamespace(device=str(port), description="ULX3S")]
    monkeypatch.setattr(serial.tools.list_ports, "comports", lambda: found)
    assert [c.state for c in health.ports("serial")] == ["note"]
    port.touch()
    assert [c.state for c in health.ports("serial")] == ["ok"]
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    (check,) = health.ports("serial")
    assert check.state == "fails"
    assert f"usermod -aG {port.group()} " in check.fix


def test_doctor_on_programmers(tmp_path):
    assert [c.state for c in health.programmers("flash", tmp_path)] == ["note"]
    assert list(health.programmers("flash", tmp_path / "not-linux")) == []
    for name, vendor in (("1-1", "0403"), ("1-2", "1d6b")):
        device = tmp_path / name
        device.mkdir()
        for file, text in (("idVendor", vendor), ("busnum", "250"), ("devnum", "251")):
            (device / file).write_text(f"{text}\n")
    (check,) = health.programmers("flash", tmp_path)
    assert check.state == "fails"
    assert check.found == "/dev/bus/usb/250/251"
    assert "udev" in check.fix


@pytest.mark.parametrize(
    ("found", "wanted", "good"),
    [
        ("2.4.6", ">=2.0", True),
        ("1.26.4", ">=2.0", False),
        ("0.5.10", "<0.6,>=0.5.9", True),
        ("0.6.0", "<0.6,>=0.5.9", False),
        ("0.5.9rc1", ">=0.5.9", True),
        ("3.0", "", True),
    ],
)
def test_version_specifiers(found, wanted, good):
    assert health.satisfies(found, wanted) is good


def test_requirements_of_an_extra():
    declared = ["numpy>=2.0", 'amaranth<0.6,>=0.5.9; extra == "rtl"', 'a.b-c[x]>=1; extra == "z"']
    assert list(health.requirements(declared, "")) == [("numpy", ">=2.0")]
    assert list(health.requirements(declared, "rtl")) == [("amaranth", "<0.6,>=0.5.9")]
    assert list(health.requirements(declared, "z")) == [("a.b-c", ">=1")]


def test_the_host_starts_without_the_hardware_description():
    """A lab PC has no amaranth: no module of the command line may need it."""
    code = (
        "import sys\n"
        "for name in ('amaranth', 'pyosys', 'spinloom.rtl', 'spinloom.boards'):\n"
        "    sys.modules[name] = None\n"
        "from spinloom.host.cli import main\n"
        "sys.exit(main(['info', '--json']))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
