"""Each board elaborates with its pins; whole bitstreams are proofs, too slow for every run."""

import json

import pytest

from spinloom.boards import flow, reports, toolchain, yosys
from spinloom.boards.__main__ import RESULTS, build_name
from spinloom.boards.catalog import BOARDS
from spinloom.boards.uart_top import UartTop
from spinloom.emulator.spec.shapes import SHAPES

every_board = pytest.mark.parametrize("name", BOARDS)

# The pins of the clock and the UART, from the makers' schematics.
PINS = {
    "icebreaker": ("clk12_0__io 35", "uart_0__rx__io 6", "uart_0__tx__io 9"),
    "ulx3s": ('"clk25_0__io" SITE "G2"', '"uart_0__rx__io" SITE "M1"'),
    "tangnano9k": ('"clk27_0__io" 52', '"uart_0__rx__io" 18', '"uart_0__tx__io" 17'),
}
CONSTRAINTS = {"icebreaker": "top.pcf", "ulx3s": "top.lpf", "tangnano9k": "top.cst"}


@every_board
def test_a_board_elaborates_with_its_pins(name):
    board = BOARDS[name]
    files = flow.plan(board, UartTop(board, SHAPES["lanes-small"]))
    constraints = files[CONSTRAINTS[name]]
    for pin in PINS[name]:
        assert pin in constraints
    assert ("SB_SPRAM256KA" in files["top.il"]) == (board.memory == "spram")
    assert "COLLISION_X_MASK" in files["top.ys"]


@every_board
def test_only_single_port_memories_lose_their_race_logic(name):
    board = BOARDS[name]
    files = flow.plan(board, UartTop(board, SHAPES["lanes-small"]))
    text = yosys.translate(files["top.il"], yosys.AREA, "write_rtlil")
    told = [
        module.split()[0]
        for module in text.split("\nmodule ")[1:]
        if "parameter \\COLLISION_X_MASK 1'1" in module
    ]
    assert told and all(module.endswith(".ram") for module in told)
    assert ("\\top.top.engine.synapses.ram" in told) == (board.memory == "generic")


@pytest.mark.proof
@pytest.mark.parametrize(
    ("name", "shape"),
    [
        *((name, "lanes") for name in BOARDS),
        ("icebreaker", "lanes-full"),
        ("icebreaker", "network-digits"),
        ("ulx3s", "network-conv"),
        ("tangnano9k", "network-digits"),
    ],
)
def test_a_bitstream_builds_and_meets_its_clock(name, shape, tmp_path):
    board = BOARDS[name]
    folder = tmp_path / name
    result = flow.build(board, UartTop(board, SHAPES[shape]), folder)
    assert flow.bitstream(board, folder).stat().st_size > 10_000
    assert result["fmax_mhz"] > 1.1 * result["target_mhz"]
    assert result["timing"] in ("met", "not clean")
    assert all(used <= available for used, available in result["resources"].values())
    assert list(tmp_path.iterdir()) == [folder], "temporary files are left"


def test_a_failed_build_leaves_the_last_one(tmp_path, monkeypatch):
    board = BOARDS["ulx3s"]
    folder = tmp_path / "ulx3s"
    folder.mkdir()
    (folder / board.bitstream).write_bytes(b"old")

    def fail(*arguments, **options):
        raise toolchain.ToolError("yosys: no")

    monkeypatch.setattr(flow.yosys, "run", fail)
    with pytest.raises(toolchain.ToolError, match="yosys: no"):
        flow.build(board, UartTop(board, SHAPES["lanes-small"]), folder)
    assert flow.bitstream(board, folder).read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [folder]


def test_a_bitstream_that_is_not_built_names_the_command(tmp_path):
    with pytest.raises(toolchain.ToolError, match="run: spinloom build ulx3s"):
        flow.bitstream(BOARDS["ulx3s"], tmp_path)


def test_the_committed_table_has_every_board():
    table = json.loads(RESULTS.read_text())
    assert [name for name in table["boards"] if name in BOARDS] == list(BOARDS)
    for name, row in table["boards"].items():
        board = BOARDS[name.partition("-")[0]]
        assert name == build_name(board, SHAPES[row["shape"]]) and row["chip"] == board.chip
        assert row["target_mhz"] == board.clock_hz / 1e6
        assert row["timing"] in ("met", "not clean") and row["fmax_mhz"] > row["target_mhz"]
    assert set(table["tools"]) == set(reports.TOOL_WHEELS)


def report(fmax):
    used = {"ICESTORM_LC": {"used": 60, "available": 5280}, "SB_IO": {"used": 3, "available": 96}}
    clocks = {"clk": {"achieved": fmax, "constraint": 12.0}}
    return json.dumps({"fmax": clocks, "utilization": used})


LOG = """Info: Packing LUT-FFs..
Info:       30 LCs used as LUT4 only
Info:       20 LCs used as LUT4 and DFF
Info:       10 LCs used as DFF only
Info: Checksum: 0x1
Warning: 2 Hold/min time violations (showing 10 worst paths):
Info: Checksum: 0x2
"""


@pytest.mark.parametrize(
    ("fmax", "tail", "timing", "holds"),
    [
        (15.0, "", "met", 0),
        (11.9, "", "failed", 0),
        (15.0, "Warning: 16 Hold/min time violations (showing 10 worst paths):", "not clean", 16),
    ],
)
def test_a_report_counts_cells_and_judges_timing(fmax, tail, timing, holds):
    result = reports.parse(BOARDS["icebreaker"], report(fmax), LOG + tail)
    assert result["resources"] == {"LUT": [50, 5280], "FF": [30, 5280], "LC": [60, 5280]}
    assert (result["timing"], result["hold_violations"]) == (timing, holds)
    assert (result["fmax_mhz"], result["target_mhz"]) == (fmax, 12.0)


@every_board
def test_what_does_not_fit_is_synthesised_densely(name, monkeypatch, tmp_path):
    """Once more, on a board that has options for it; then the tool's own word."""
    asked, told = [], []

    def full(board, design, work, progress, *, dense=False):
        asked.append(dense)
        raise toolchain.ToolError("5326 of 5280 cells")

    monkeypatch.setattr(flow, "_route", full)
    with pytest.raises(toolchain.ToolError, match="5326 of 5280"):
        flow.build(BOARDS[name], None, tmp_path / "build", told.append)
    if BOARDS[name].dense_options:
        assert asked == [False, True] and "synthesis again, with -dff" in told[0]
    else:
        assert asked == [False] and not told


def test_dense_options_reach_the_tool():
    board = BOARDS["icebreaker"]
    design = UartTop(board, SHAPES["lanes-small"])
    scripts = [flow.plan(board, design, dense=dense)["top.ys"] for dense in (False, True)]
    assert "-dff" not in scripts[0] and "-device u -dsp -dff" in scripts[1]


@pytest.mark.parametrize(("shape", "router"), [("torus-8x8", ["router2"]), ("lanes-small", [])])
def test_an_engine_may_ask_for_more_of_the_router(shape, router, monkeypatch, tmp_path):
    called = []
    monkeypatch.setattr(flow.yosys, "run", lambda *_, **__: None)
    monkeypatch.setattr(flow, "_tool", lambda command, _: called.append(command) or "log")
    board = BOARDS["ulx3s"]
    assert flow._route(board, UartTop(board, SHAPES[shape]), tmp_path, print) == "log"
    ((*command,),) = called
    assert [command[n + 1] for n, a in enumerate(command) if a == "--router"] == router
