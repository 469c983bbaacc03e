"""Tang Nano 9K: Gowin GW1NR-LV9, 27 MHz, UART behind its BL702 chip."""

from amaranth_boards.tang_nano_9k import TangNano9kPlatform

from spinloom.boards.board import Board

PART = "GW1NR-LV9QN88PC6/I5"

BOARD = Board(
    name="tangnano9k",
    title="Tang Nano 9K",
    chip=PART,
    clock_hz=27_000_000,
    platform=TangNano9kPlatform,
    synth_options=(),
    netlist="top.syn.json",
    # Amaranth writes the line of the older nextpnr-gowin; this one takes family and pins as --vopt.
    place=(
        "nextpnr-himbaechel", "--device", PART, "--vopt", "family=GW1N-9C",
        "--vopt", "cst=top.cst", "--freq", "27",
        "--json", "top.syn.json", "--write", "top.pnr.json",
    ),
    pack=(
        "gowin_pack", "-d", "GW1N-9C", "-o", "top.fs", "--sspi_as_gpio", "--mspi_as_gpio",
        "top.pnr.json",
    ),
    bitstream="top.fs",
    flash_name="tangnano9k",
    banks="gowin",
    resources={
        "LUT": "LUT4", "FF": "DFF", "ALU": "ALU", "BSRAM": "BSRAM", "LUTRAM": "RAM16SDP4",
    },
)  # fmt: skip
