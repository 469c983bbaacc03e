"""Tools are found, and a failure is one line that names the tool and the fix."""

import sys

import pytest
from amaranth.hdl import Module, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from spinloom.boards import flash, toolchain, yosys
from spinloom.boards.catalog import BOARDS


class Counter(wiring.Component):
    """Counts while enabled: enough for a register, a branch and logic."""

    i: In(1)
    o: Out(4)

    def elaborate(self, platform):
        m = Module()
        count = Signal(4)
        with m.If(self.i):
            m.d.sync += count.eq(count + 1)
        m.d.comb += self.o.eq(count ^ 5)
        return m


def test_verilog_needs_no_event_to_start():
    text = yosys.to_verilog(Counter(), "counter")
    assert "module counter(" in text
    assert "always @*" not in text and "posedge clk" in text


def test_the_same_component_gives_the_same_netlist():
    assert yosys.to_rtlil(Counter()) == yosys.to_rtlil(Counter())


def test_an_error_of_yosys_is_its_own_line():
    with pytest.raises(yosys.YosysError, match="No such command: nonsense"):
        yosys.translate(yosys.to_rtlil(Counter()), ["nonsense"], "write_verilog")


def test_a_hung_yosys_is_ended(monkeypatch, tmp_path):
    monkeypatch.setattr(yosys, "DEADLINE_S", 0.01)
    with pytest.raises(yosys.YosysError, match="did not end within"):
        yosys.run("help", tmp_path)


@pytest.mark.parametrize("tool", toolchain.SCRIPTS)
def test_every_tool_is_installed(tool):
    assert toolchain.script(tool)


def test_a_missing_wheel_names_the_command_that_installs_it():
    with pytest.raises(toolchain.ToolError, match=r"spinloom-nowhere is not installed; run: "):
        toolchain.wheel_version("spinloom-nowhere")
    with pytest.raises(toolchain.ToolError, match=r"not installed; run: "):
        toolchain.package_folder("spinloom_nowhere", "spinloom-nowhere")


def test_without_a_compiler_the_wheel_serves(monkeypatch):
    toolchain.cxx.cache_clear()
    monkeypatch.setattr(toolchain.shutil, "which", lambda name: None)
    assert toolchain.cxx() == (sys.executable, "-m", "ziglang", "c++")
    toolchain.cxx.cache_clear()
    monkeypatch.setattr(toolchain.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(toolchain.ToolError, match=r"no C\+\+ compiler: install"):
        toolchain.cxx()
    toolchain.cxx.cache_clear()


def test_a_failed_tool_gives_its_error_line(tmp_path):
    script = "print('start'); print('ERROR: pin 99 does not exist'); print('bye'); exit(3)"
    with pytest.raises(toolchain.ToolError, match="ERROR: pin 99 does not exist"):
        toolchain.call([sys.executable, "-c", script], tmp_path, 20.0)
    with pytest.raises(toolchain.ToolError, match="did not end within"):
        toolchain.call([sys.executable, "-c", "import time; time.sleep(9)"], tmp_path, 0.2)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("x: error while loading shared libraries: libusb-1.0.so.0", "apt install libusb"),
        ("unable to open ftdi device: -3 (device not found)", "plug it in"),
        ("unable to open ftdi device: -4 (LIBUSB_ERROR_ACCESS)", "udev"),
        ("JTAG init failed\nwith something new", "with something new"),
        ("", "it says nothing"),
    ],
)
def test_a_failed_flash_says_what_to_do(said, meant):
    assert meant in flash.explain(said)


def test_boards_check_their_baud_rate():
    board = next(iter(BOARDS.values()))
    with pytest.raises(ValueError, match="baud = 5000000"):
        type(board)(**{**vars(board), "baud": 5_000_000})
