"""The feature table tells the truth: commands parse, tests exist, the README's copy is current."""

import ast
import json
import shlex
from pathlib import Path

import pytest

from spinloom.host import features, readme
from spinloom.host.cli import build_parser, main
from spinloom.host.features import Feature

ROOT = Path(__file__).resolve().parents[2]

ROW = {
    "id": "D1",
    "section": "Devices",
    "title": "A device",
    "golden": "works",
    "sim": "partial",
    "bitstream": "no",
    "command": "spinloom features",
    "test": "cocotb_tests/host/test_features.py::test_commands_parse",
}
MOVED = [f for f in features.load() if f.command]


def toml(*rows):
    return "\n".join(
        "[[feature]]\n" + "\n".join(f"{k} = {json.dumps(v)}" for k, v in row.items())
        for row in rows
    )


def parses(command):
    program, *arguments = shlex.split(command)
    if program != "spinloom":
        return False
    try:
        build_parser().parse_args(arguments)
    except SystemExit:
        return False
    return True


def exists(test):
    path, _, name = test.partition("::")
    if not (ROOT / path).is_file():
        return False
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return name in [n.name for n in tree.body if isinstance(n, ast.FunctionDef | ast.ClassDef)]


def test_every_row_of_the_table_is_there():
    counts = {"D": 14, "M": 3, "N": 11, "P": 7, "O": 8, "S": 9}
    expected = [f"{letter}{n}" for letter, last in counts.items() for n in range(1, last + 1)]
    assert [f.id for f in features.load()] == expected


@pytest.mark.parametrize("feature", MOVED, ids=lambda f: f.id)
def test_commands_parse(feature):
    assert parses(feature.command), feature.command


@pytest.mark.parametrize("feature", MOVED, ids=lambda f: f.id)
def test_tests_exist(feature):
    assert exists(feature.test), feature.test


def test_readme_is_current():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert readme.current(text) == text, "stale; run: spinloom features --write-readme"


def test_the_checks_find_what_does_not_exist():
    assert not parses("spinloom run roads")
    assert not parses("spinloom features --no-such-option")
    assert not parses("make demo")
    assert exists(ROW["test"])
    assert not exists("cocotb_tests/host/test_features.py::test_that_is_not_there")
    assert not exists("cocotb_tests/host/test_nothing.py::test_commands_parse")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"golden": "done"}, "golden = 'done'"),
        ({"command": ""}, "command is empty"),
        ({"test": ""}, "test is empty"),
        ({"test": "cocotb_tests"}, "path::name"),
        ({"command": "make demo"}, "not of spinloom"),
        ({"golden": "no", "sim": "no"}, "no body does it"),
        ({"colour": "red"}, "unknown field colour"),
    ],
)
def test_a_wrong_row_is_refused(change, message):
    assert features.parse(toml(ROW)) == (Feature(**ROW),)
    with pytest.raises(ValueError, match=r"^features.toml, D1") as caught:
        features.parse(toml(ROW | change))
    assert message in str(caught.value)


def test_a_row_twice_is_refused():
    with pytest.raises(ValueError, match="D1 appears twice"):
        features.parse(toml(ROW, ROW))


def marked(name):
    return f"<!-- {name}:start -->\nSTALE\n<!-- {name}:end -->\n"


def test_readme_table_is_replaced_between_its_markers(tmp_path, capsys):
    path = tmp_path / "README.md"
    path.write_text(f"# A\n{marked('boards')}{marked('features')}rest\n")
    for said in ("updated", "already up to date"):
        assert main(["features", "--write-readme", str(path)]) == 0
        assert said in capsys.readouterr().out
    text = path.read_text()
    assert text.startswith("# A\n<!-- boards:start -->\n| board |")
    assert "<!-- features:start -->\n52 features." in text
    assert text.endswith("<!-- features:end -->\nrest\n")
    assert "STALE" not in text
    assert all(f"| {f.id} | {f.title} |" in text for f in features.load())


def test_readme_without_markers_is_refused(tmp_path, capsys):
    path = tmp_path / "README.md"
    path.write_text("# A\n")
    assert main(["features", "--write-readme", str(path)]) == 2
    assert "<!-- boards:start -->" in capsys.readouterr().err
    assert path.read_text() == "# A\n"


def test_printed_table_holds_every_row(capsys):
    assert main(["features", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)["features"]
    assert tuple(Feature(**row) for row in rows) == features.load()
    assert main(["features"]) == 0
    out = capsys.readouterr().out
    assert all(f.title in out for f in features.load())
