"""Sampled states against Boltzmann's law, all at once against Peretto's; the same on every body."""

import pytest

from spinloom.emulator.spec.ising import SHAPES
from spinloom.host.experiments import boltzmann, ledger
from spinloom.host.experiments.boltzmann import BoltzmannConfig
from spinloom.host.machine import Machine
from spinloom.host.progress import Progress


def run(target, config):
    with Machine.open(target, SHAPES[config.shape]) as machine, Progress(quiet=True) as progress:
        return boltzmann.run(machine, config, progress)


def test_states_follow_the_law(tmp_path):
    """2 M KL of M independent samples of K states is chi-squared, K - 1 +- sqrt(2 (K - 1)): four
    sigma. Sweeps remember each other: a sample may take two of them. The sigmoid's steps add
    0.0003, which is what 10^6 samples of 8 spins leave beyond chance."""
    config = BoltzmannConfig(spins=(8, 10), networks=4, samples=100_000, parallel=True, seed=3)
    result = run("golden:numba", config)
    for one in result.networks:
        states = 1 << one.spins
        bound = 2 * (states - 1 + 4 * (2 * states) ** 0.5) / (2 * config.samples) + 3e-4
        assert one.divergences[-1] < bound
        assert one.at_once(one.at_once_law) < bound
        assert one.at_once(one.law) > 0.1
        assert one.divergences[0] > 10 * one.divergences[-1]
        assert one.counts.sum() == config.samples
    figures = result.figures()
    decided = 2 * (1000 + 100_000) * (8 + 10 + 8 + 10)  # both ways, from the first sweep on
    assert figures["energy"] == ledger.spent(None, reads=decided)["energy"]
    assert boltzmann.draw(result, tmp_path) == ["boltzmann.png"]
    assert (tmp_path / "boltzmann.png").read_bytes().startswith(b"\x89PNG")
    rows, _ = boltzmann.tables(figures | {"machine": "golden", "seed": 3}).values()
    assert len(rows) == 4 and rows[0]["all at once (fails)"] > 0.1


@pytest.mark.proof
def test_a_million_samples_keep_the_bound():
    assert run("golden:numba", BoltzmannConfig()).figures()["greatest_divergence"] < boltzmann.BOUND


def test_another_temperature_has_another_law():
    """Warm samples judged by the law of a network a quarter colder."""
    warm, cold = (
        run("golden:numba", BoltzmannConfig(networks=1, samples=20_000, beta=beta)).networks[0]
        for beta in (1.0, 1.25)
    )
    assert boltzmann.ising.divergence(warm.counts, warm.law) < 0.02
    assert boltzmann.ising.divergence(warm.counts, cold.law) > 0.03


SMALL = BoltzmannConfig(spins=(5, 8), networks=2, samples=1000, parallel=True)


def test_paths_and_a_used_machine_sample_the_same():
    hashes = {run(target, SMALL).figures()["counts_hash"] for target in ("golden", "golden:numba")}
    with Machine.open("golden", SHAPES["ising-16"]) as machine, Progress(quiet=True) as progress:
        boltzmann.run(machine, BoltzmannConfig(networks=1, samples=1000, seed=8), progress)
        hashes.add(boltzmann.run(machine, SMALL, progress).figures()["counts_hash"])
    assert len(hashes) == 1


def test_the_virtual_board_samples_the_same():
    golden, sim = run("golden", SMALL).figures(), run("sim", SMALL).figures()
    assert golden["counts_hash"] == sim["counts_hash"]
    assert sim["cycles"] > 2 * 1000 * (5 + 8) and golden["cycles"] is None


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"shape": "lanes"}, "shape = 'lanes': choose one of ising-16, "),
        ({"shape": "ising-64"}, "shape = 'ising-64' counts no states; choose ising-16"),
        ({"spins": (8, 13)}, r"spins = \(8, 13\); give some of 2 to 12"),
        ({"beta": 0.0}, "beta = 0.0 is out of range"),
        ({"networks": 0}, "networks = 0 is out of range; give 1 to 1000"),
        ({"samples": 10}, "samples = 10 is out of range; give 1000 to"),
    ],
)
def test_mistakes(fields, message):
    with pytest.raises(ValueError, match=message):
        BoltzmannConfig(**fields)
