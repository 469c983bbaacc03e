"""A user's TOML becomes the frozen dataclass, or one line that names field, value and fix."""

import tomllib
from dataclasses import asdict, dataclass, field

import pytest

from spinloom.emulator.spec.learning import LearningParams
from spinloom.host import config
from spinloom.host.rundir import to_toml


@dataclass(frozen=True, kw_only=True)
class Outer:
    seed: int = 1
    sigma: float = 0.0
    events: str | None = None
    params: LearningParams = field(default_factory=LearningParams)


def build(text):
    return config.build(Outer, tomllib.loads(text), "my.toml")


def test_values_reach_their_fields():
    codes = ", ".join(["32"] * 16)
    got = build(f"seed = 7\nsigma = 1\n[params]\nleak = 9\nlearn = false\ncodes_p = [{codes}]")
    assert got == Outer(
        seed=7, sigma=1.0, params=LearningParams(leak=9, learn=False, codes_p=(32,) * 16)
    )


def test_what_a_run_saves_is_read_back():
    one = Outer(seed=5, params=LearningParams(seed=(1 << 64) - 1, theta0=801))
    assert build(to_toml(asdict(one))) == one


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("sede = 1", "unknown field sede; did you mean seed?"),
        ("colour = 1", "unknown field colour; known: seed, sigma, events, params"),
        ("[params]\nteta0 = 1", "unknown field params.teta0; did you mean theta0?"),
        ('seed = "1"', "seed = '1': should be a valid integer"),
        ("seed = 1.5", "seed = 1.5: should be a valid integer"),
        ("params = 3", "params = 3: should be"),
        ("seed = 2026-01-01", "seed = '2026-01-01': should be a valid integer"),
        ("[params]\nstep = 70000", "LearningParams.step = 70000 is out of range"),
        ("[params]\ncodes_p = [1, 2]", "give 16 codes"),
        ('seed = "a"\nsigma = "b"', "(and 1 more)"),
    ],
)
def test_what_is_wrong_is_one_line(text, says):
    with pytest.raises(ValueError, match=r"^my\.toml: ") as caught:
        build(text)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_files_that_are_absent_or_not_toml(tmp_path):
    with pytest.raises(ValueError, match="does not exist"):
        config.read_toml(tmp_path / "none.toml")
    path = tmp_path / "bad.toml"
    for content in (b"seed = ", b"\xff\xfe"):
        path.write_bytes(content)
        with pytest.raises(ValueError, match=r"bad\.toml is not TOML"):
            config.read_toml(path)
