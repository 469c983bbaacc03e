"""A faster clock for the engine, from the board's own."""

from amaranth.hdl import C, ClockSignal, Instance, Module, Signal
from amaranth.lib import cdc, wiring

VCO_MHZ = (400, 800)  # of the ECP5, FPGA-DS-02012 table 3.19
MOST = {"CLKI_DIV": 8, "CLKFB_DIV": 32, "CLKOP_DIV": 32}


def ecp5_dividers(clock_hz, fast_hz):
    """CLKI_DIV, CLKFB_DIV and CLKOP_DIV: f = clock * CLKFB / CLKI, VCO = f * CLKOP, VCO near the
    middle of its range. Raises ``ValueError`` where the rate is out of reach."""
    for clki in range(1, MOST["CLKI_DIV"] + 1):
        clkfb = round(fast_hz * clki / clock_hz)
        if clkfb * clock_hz != fast_hz * clki or clkfb > MOST["CLKFB_DIV"]:
            continue
        clkop = round(sum(VCO_MHZ) * 5e5 / fast_hz)
        if VCO_MHZ[0] * 1e6 <= fast_hz * clkop <= VCO_MHZ[1] * 1e6:
            return clki, clkfb, clkop
    raise ValueError(
        f"engine_hz = {fast_hz}: the PLL can't make it from {clock_hz / 1e6:g} MHz; give the "
        "board's clock times a whole number up to 32, or that divided by up to 8"
    )


class Ecp5Pll(wiring.Component):
    """EHXPLLL: drives the clock and reset of domain ``fast`` at ``fast_hz`` from domain ``sync`` at
    ``clock_hz``."""

    def __init__(self, clock_hz, fast_hz):
        self._dividers = ecp5_dividers(clock_hz, fast_hz)
        super().__init__({})

    def elaborate(self, platform):
        m = Module()
        clki, clkfb, clkop = self._dividers
        locked, fast = Signal(), Signal()
        m.submodules.pll = Instance(
            "EHXPLLL",
            p_CLKI_DIV=clki,
            p_CLKFB_DIV=clkfb,
            p_CLKOP_DIV=clkop,
            p_CLKOP_ENABLE="ENABLED",
            p_CLKOP_CPHASE=clkop // 2,
            p_FEEDBK_PATH="CLKOP",
            i_CLKI=ClockSignal("sync"),
            i_CLKFB=fast,
            i_RST=C(0),
            i_STDBY=C(0),
            i_PHASESEL0=C(0),
            i_PHASESEL1=C(0),
            i_PHASEDIR=C(0),
            i_PHASESTEP=C(0),
            i_PHASELOADREG=C(0),
            i_PLLWAKESYNC=C(0),
            i_ENCLKOP=C(0),
            o_CLKOP=fast,
            o_LOCK=locked,
        )
        m.d.comb += ClockSignal("fast").eq(fast)
        m.submodules.reset = cdc.ResetSynchronizer(~locked, domain="fast")
        return m
