"""Runs the proofs of ``spec_streams``."""

import pytest
from amaranth.hdl import Module
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In

from cocotb_tests.formal import ProofError, StreamRules, check, prove
from cocotb_tests.link.spec_streams import BOUNDED, PROVED, REFUTED


@pytest.mark.parametrize("name", PROVED)
def test_offers_are_held_until_they_are_taken(name):
    prove(PROVED[name]())


@pytest.mark.parametrize("name", BOUNDED)
def test_the_first_cycles_after_a_reset(name):
    check(BOUNDED[name](), steps=16)


@pytest.mark.parametrize("method", [prove, check])
@pytest.mark.parametrize("name", REFUTED)
def test_a_broken_twin_is_found_out(name, method):
    with pytest.raises(ProofError, match="not proved"):
        method(REFUTED[name]())


def test_a_harness_without_assertions_proves_nothing():
    class Sink(wiring.Component):
        i: In(stream.Signature(8))

        def elaborate(self, platform):
            return Module()

    with pytest.raises(ProofError, match="no assertion"):
        prove(StreamRules(Sink(), [], ["i"]))
