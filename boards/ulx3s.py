"""ULX3S-85F: Lattice ECP5 LFE5U-85F, 25 MHz, UART behind its FTDI chip."""

from amaranth_boards.ulx3s import ULX3S_85F_Platform

from spinloom.boards.board import Board

BOARD = Board(
    name="ulx3s",
    title="ULX3S-85F",
    chip="LFE5U-85F-6BG381",
    clock_hz=25_000_000,
    engine_hz=50_000_000,
    platform=ULX3S_85F_Platform,
    synth_options=(),
    netlist="top.json",
    place=(
        "nextpnr-ecp5", "--85k", "--package", "CABGA381", "--speed", "6",
        "--json", "top.json", "--lpf", "top.lpf", "--textcfg", "top.config",
    ),
    # A graph of 1,600 spins: the placer gives up looking for places that there are, and the first
    # router does not end.
    engines={"sparse": ("--placer-heap-cell-placement-timeout", "0", "--router", "router2")},
    pack=("ecppack", "--compress", "--input", "top.config", "--bit", "top.bit"),
    bitstream="top.bit",
    flash_name="ulx3s",
    banks="ecp5",
    resources={"LUT": "TRELLIS_COMB", "FF": "TRELLIS_FF", "DP16KD": "DP16KD"},
)  # fmt: skip
