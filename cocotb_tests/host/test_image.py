"""Memory images: what is saved is what is restored, on any body; a wrong file is refused."""

import json
from dataclasses import replace

import numpy as np
import pytest

from cocotb_tests.host.test_machine import PARAMS, SHAPE, through_frames
from spinloom.emulator.spec.identity import contract_hash
from spinloom.emulator.spec.learning import WORD_TICK, LearningShape
from spinloom.host.image import Image
from spinloom.host.machine import Machine

OTHER = LearningShape(name="other", inputs=64, neurons=39)


def trained(machine):
    rng = np.random.default_rng(1)
    words = rng.integers(0, SHAPE.inputs, 4000).astype(np.uint16)
    words[rng.random(4000) < 0.2] = WORD_TICK | 2
    machine.configure(PARAMS)
    machine.set_weights(rng.integers(0, 2, (SHAPE.inputs, SHAPE.neurons)))
    machine.reset(state=True, theta=True, random=True)
    machine.stream(words)
    assert len(machine.spikes()) > 10
    return machine


def test_an_image_is_taken_to_another_body(tmp_path):
    source = trained(Machine.open("golden", SHAPE))
    path = tmp_path / "image.npz"
    Image.of(source, PARAMS).save(path)
    assert [p.name for p in tmp_path.iterdir()] == ["image.npz"]
    image = Image.load(path, SHAPE)
    assert image.params == PARAMS
    for machine in (Machine.open("golden", SHAPE), through_frames()):
        machine.write("STEP", 1)  # what it was before does not matter
        image.restore(machine)
        assert (machine.weights() == source.weights()).all()
        for ours, theirs in zip(machine.neurons(), source.neurons(), strict=True):
            assert (ours == theirs).all() and ours.any()
        again = Image.of(machine, PARAMS)
        assert (again.weights == image.weights).all() and (again.neurons == image.neurons).all()
        assert machine.read("TICK") == 0


def test_stored_levels_are_taken_along(tmp_path):
    shape = LearningShape(name="stored", inputs=64, neurons=5, device_levels="stored")
    source = Machine.open("golden", shape)
    levels = np.random.default_rng(1).integers(0, 16, (shape.columns, shape.inputs))
    source.configure(PARAMS)
    source.set_levels(levels)
    Image.of(source, PARAMS).save(tmp_path / "image.npz")
    other = Machine.open("golden", shape)
    Image.load(tmp_path / "image.npz", shape).restore(other)
    assert (other.levels() == levels).all()


def test_code_tables_are_restored():
    """The machine can't show them: two bodies learn alike from the image on."""
    image = Image.of(trained(Machine.open("golden", SHAPE)), PARAMS)
    after = []
    for codes in ((64,) * 16, (0,) * 16):
        machine = Machine.open("golden", SHAPE)
        machine.configure(replace(PARAMS, codes_p=codes))
        image.restore(machine)
        machine.stream(np.tile([1, 2, 3, WORD_TICK | 1], 300))
        assert len(machine.spikes())
        after.append(machine.weights().tobytes())
    assert after[0] == after[1]


def test_another_machine_refuses_it(tmp_path):
    path = tmp_path / "image.npz"
    image = Image.of(trained(Machine.open("golden", SHAPE)), PARAMS)
    image.save(path)
    message = (
        rf"is of a machine tiny \({contract_hash(SHAPE):#010x}\), this one is other "
        rf"\({contract_hash(OTHER):#010x}\): open the machine that it was saved from"
    )
    with pytest.raises(ValueError, match=message):
        Image.load(path, OTHER)
    with pytest.raises(ValueError, match=f"this image {message}"):
        image.restore(Machine.open("golden", OTHER))


def test_parameters_that_are_not_the_machines():
    machine = trained(Machine.open("golden", SHAPE))
    with pytest.raises(ValueError, match="register STEP = 40, the parameters say 41"):
        Image.of(machine, replace(PARAMS, step=41))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"weights": None}, "it has no weights"),
        ({"neurons": np.zeros(3, np.uint32)}, r"Image\.neurons: uint32 of shape \(3,\)"),
        ({"weights": np.zeros(128, np.int64)}, r"Image\.weights: int64 of shape \(128,\)"),
        ({"params": np.array("{")}, "the parameters can't be read"),
        ({"params": np.array(json.dumps({"steps": 1}))}, "the parameters can't be read"),
        ({"neurons": np.array([{}], object)}, "is no image of a machine .*allow_pickle=False"),
    ],
)
def test_a_damaged_file(tmp_path, change, message):
    path = tmp_path / "image.npz"
    arrays = Image.of(trained(Machine.open("golden", SHAPE)), PARAMS).arrays() | change
    with path.open("wb") as file:
        np.savez(file, **{name: a for name, a in arrays.items() if a is not None})
    with pytest.raises(ValueError, match=message) as caught:
        Image.load(path, SHAPE)
    assert "\n" not in str(caught.value)


def test_no_file_and_half_a_file(tmp_path):
    path = tmp_path / "image.npz"
    with pytest.raises(ValueError, match=r"image\.npz is no image of a machine"):
        Image.load(path, SHAPE)
    Image.of(trained(Machine.open("golden", SHAPE)), PARAMS).save(path)
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(ValueError, match=r"image\.npz is no image of a machine"):
        Image.load(path, SHAPE)
    with path.open("wb") as file:
        np.save(file, np.zeros(3))
    with pytest.raises(ValueError, match=r"image\.npz is no image of a machine"):
        Image.load(path, SHAPE)
