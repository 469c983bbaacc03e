"""The engine of several rows a cycle against the golden model, bit for bit."""

from cocotb_tests.engine.replay import each
from cocotb_tests.engine.session import WIDE
from cocotb_tests.engine.test_learning import compare, simulate
from spinloom.rtl.engine.wide import WideEngine


@each(WIDE, ("wide-single",))
def test_engine(shape, tmp_path):
    """Random sessions: events, ticks and requests with stalls."""
    recordings = simulate(shape, tmp_path, 6, WideEngine)
    compare(shape, recordings, fine=False)
