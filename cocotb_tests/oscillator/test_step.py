"""The step of a phase against the golden engine, oscillators back to back and with pauses."""

import numpy as np
import pytest

from cocotb_tests.engine.phase_session import SHAPES, random_registers
from cocotb_tests.link.streams import simulate
from spinloom.emulator.engine.phase import Clock, PhaseEngine, signed
from spinloom.emulator.random.linear import LinearGenerator
from spinloom.emulator.spec import phase as spec
from spinloom.rtl.oscillator.step import LATENCY, PhaseStep

TRIALS = 40


@pytest.mark.parametrize("name", SHAPES)
def test_against_golden(name):
    print("seed 1")
    rng = np.random.default_rng(1)
    shape = SHAPES[name]
    dut, golden = PhaseStep(shape), PhaseEngine(shape)
    n, turn, top = shape.oscillators, shape.turn, shape.weight_max
    fired = draws = 0

    def case():
        """Random registers and state in the golden engine, and what it makes of them."""
        for register, value in random_registers(rng, shape).items():
            golden.write_register(shape.registers[register].addr, value)
        golden.regs["CONTROL"] &= ~(spec.CONTROL_WAVE | spec.CONTROL_MEAN_FIELD)
        golden.regs["CONTROL"] |= spec.CONTROL_COUPLED
        golden.array.set_weights(rng.integers(-top - 1, top + 1, (n, n)))
        golden.array.omega = rng.integers(-turn // 2, turn // 2, n)
        phases = rng.integers(0, turn, n)
        clock = Clock(psi=int(rng.integers(turn)), ramp=int(rng.integers(1 << 24)))
        seed = golden.random.states[0]
        sines, cosines = golden.array.sine(phases), golden.array.cosine(phases)
        psi, shil = clock.psi, clock.ramp >> spec.RAMP_SHIFT
        after, fires = golden._step(clock, golden.random, phases[None], sines[None], cosines[None])
        weights = golden.array.weights
        inputs = {
            "theta": phases,
            "omega": golden.array.omega,
            "sine": sines,
            "cosine": cosines,
            "harmonic": golden.array.sine(2 * phases),
            "injected": golden.array.sine(psi - phases),
            "a": weights @ sines,
            "b": weights @ cosines,
        }
        return shil, seed, inputs, list(zip(after[0].tolist(), fires[0].tolist(), strict=True))

    async def bench(ctx):
        nonlocal fired, draws
        for _ in range(TRIALS):
            shil, seed, inputs, expected = case()
            regs = golden.regs
            held = {
                "gain": signed(regs["GAIN"], spec.GAIN_BITS),
                "shift": regs["SHIFT"],
                "stochastic": regs["CONTROL"] >> 3 & 1,
                "noise": regs["NOISE"],
                "shil": shil,
                "injection": regs["INJ"],
                "bias": signed(regs["BIAS"], spec.GAIN_BITS),
                "slope": signed(regs["SLOPE"], 16),
                "curve": signed(regs["CURVE"], 16),
            }
            for field, value in held.items():
                ctx.set(getattr(dut, f"i_{field}"), value)
            await ctx.tick().repeat(4)
            generator = LinearGenerator(shape.generator, seed)
            words = [int(word) for word in generator.block(n + 1)]
            found, sent, drawn, pause = [], 0, 0, float(rng.choice([0, 0.5]))
            while len(found) < n:
                offers = sent < n and rng.random() >= pause
                ctx.set(dut.i_valid, offers)
                for field, values in inputs.items():
                    ctx.set(getattr(dut, f"i_{field}"), int(values[sent % n]))
                sent += offers
                ctx.set(dut.i_random, words[drawn])
                _, _, draw, valid, theta, fires = await ctx.tick().sample(
                    dut.o_draw, dut.o_valid, dut.o_theta, dut.o_fires
                )
                drawn += draw
                if valid:
                    found.append((theta, bool(fires)))
            assert found == expected
            assert drawn == n * bool(regs["NOISE"] or held["stochastic"])
            fired += sum(fires for _, fires in expected)
            draws += drawn

    simulate(dut, [bench], cycles=TRIALS * (4 + 4 * (n + LATENCY)))
    assert fired > 0 and draws > 0
