"""Formal proofs by temporal induction: properties beside a component, Yosys's SAT solver below.

A *harness* is a component with the ports of the one under proof, all inputs free, and with
``Assert`` and ``Assume`` statements in the clock domain. Yosys runs in a process of its own, since
a failed check inside it ends the process.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

from amaranth.back import rtlil
from amaranth.hdl import Assert, Assume, Module, Signal, Value
from amaranth.lib import wiring

SCRIPT = """
read_rtlil design.il
proc; flatten; memory_map; opt_clean; async2sync; chformal -lower
tee -o proof.log sat {method} -prove-asserts -set-assumes -seq 1 -set-at 1 rst 1 \
    -maxsteps {steps} -timeout {seconds} -verify
"""


class ProofError(AssertionError):
    """A property does not hold, or could not be proved."""


def prove(harness, *, steps=20, seconds=60):
    """Prove every assertion of ``harness`` for all times and inputs, or raise ``ProofError``."""
    _run(harness, "-tempinduct", "Induction step proven: SUCCESS!", steps, seconds)


def check(harness, *, steps=20, seconds=60):
    """Prove every assertion for all inputs in the first ``steps`` cycles after a reset."""
    _run(harness, "-tempinduct-baseonly", f"[base case {steps}] Solving", steps, seconds)


def _run(harness, method, success, steps, seconds):
    with tempfile.TemporaryDirectory() as folder:
        here = Path(folder)
        (here / "design.il").write_text(rtlil.convert(harness, name="harness", emit_src=False))
        (here / "script.ys").write_text(SCRIPT.format(method=method, steps=steps, seconds=seconds))
        run = "from pyosys import libyosys; libyosys.run_pass('script script.ys')"
        done = subprocess.run(
            [sys.executable, "-c", run],
            cwd=here,
            capture_output=True,
            text=True,
            timeout=2 * seconds + 30,
        )
        proof = here / "proof.log"
        log = proof.read_text() if proof.exists() else done.stdout + done.stderr
    if "Import proof for assert" not in log:
        raise ProofError(f"Yosys found no assertion to prove:\n{log[-2000:]}")
    if done.returncode != 0 or success not in log:
        raise ProofError(f"not proved:\n{log[-4000:]}")


class StreamRules(wiring.Component):
    """Harness: ``component`` holds every offer on its output streams, payload unchanged, until it
    is taken, given that its input streams are served the same way.

    ``outputs`` and ``inputs`` name the streams among its members.
    """

    def __init__(self, component, outputs, inputs=()):
        self.component, self.outputs, self.inputs = component, outputs, inputs
        super().__init__(component.signature)

    def elaborate(self, platform):
        m = Module()
        m.submodules.dut = dut = self.component
        wiring.connect(m, wiring.flipped(self), dut)
        for names, statement in ((self.outputs, Assert), (self.inputs, Assume)):
            for name in names:
                stream = getattr(dut, name)
                payload = Value.cast(stream.payload)
                offered = Signal(name=f"{name}_offered")
                before = Signal(len(payload), name=f"{name}_before")
                m.d.sync += [offered.eq(stream.valid & ~stream.ready), before.eq(payload)]
                with m.If(offered):
                    m.d.sync += statement(stream.valid & (payload == before))
        return m
