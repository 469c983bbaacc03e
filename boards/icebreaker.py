"""iCEBreaker: Lattice iCE40UP5K, 12 MHz, UART behind its FTDI chip; synapses in SPRAM."""

from amaranth_boards.icebreaker import ICEBreakerPlatform

from spinloom.boards.board import Board

BOARD = Board(
    name="icebreaker",
    title="iCEBreaker",
    chip="iCE40UP5K-SG48",
    clock_hz=12_000_000,
    platform=ICEBreakerPlatform,
    memory="spram",
    compact=True,
    # This script of ABC's saves 4 % of the LUTs here, on a chip that is nearly full.
    yosys_setup=("scratchpad -copy abc9.script.flow2 abc9.script",),
    synth_options=("-device", "u", "-dsp"),
    # With the flip-flops in its view, ABC takes fewer cells, and for some designs very long.
    dense_options=("-dff",),
    netlist="top.json",
    place=(
        "nextpnr-ice40", "--up5k", "--package", "sg48",
        "--json", "top.json", "--pcf", "top.pcf", "--asc", "top.asc",
    ),
    pack=("icepack", "top.asc", "top.bin"),
    bitstream="top.bin",
    flash_name="ice40_generic",
    banks="ice40",
    resources={"LC": "ICESTORM_LC", "EBR": "ICESTORM_RAM", "SPRAM": "ICESTORM_SPRAM"},
)  # fmt: skip
