"""The pictures of one run of the memristor experiment."""

from __future__ import annotations

from itertools import cycle
from pathlib import Path

import numpy as np

from spinloom.emulator.physics.levels import misread
from spinloom.emulator.physics.wall import LEVELS, WallTrack, hysteresis
from spinloom.host.experiments.memristor_result import Course, Floats, MemristorResult
from spinloom.host.pictures import GREY, LANE_COLOURS, saved_figure

TOP = LEVELS - 1
GRID = "#E6E6E6"
FINE = 400  # points of a drawn law


def draw(result: MemristorResult, folder: Path) -> list[str]:
    """Draw the run into ``folder``; returns the names of the files."""
    pictures = {
        "motion.png": motion,
        "loop.png": loop,
        "levels.png": levels,
        "torque.png": torque,
        "sums.png": sums,
    }
    for name, picture in pictures.items():
        picture(folder / name, result)
    return list(pictures)


def motion(path: Path, result: MemristorResult) -> None:
    """Displacement against charge of free walls, against current of pinned ones."""
    config, measured = result.config, result.motion
    unit = 1e9 * config.track("free").length_m / TOP  # nm of a step
    currents = measured.currents_ua
    widest = float(currents.max())
    fine = np.linspace(-widest, widest, FINE)
    with saved_figure(path, 10, 4.2) as figure:
        left, right = figure.subplots(1, 2)
        track = config.track("free")
        reach = widest * max(config.durations)  # fC
        left.plot([-reach, reach], [1e9 * track.displacement_m(q * 1e-15, 1.0) for q in
                                    (-reach, reach)], color=GREY, lw=1.2, label="law")  # fmt: skip
        colours = cycle(LANE_COLOURS)
        for k, duration in enumerate(config.durations):
            colour = next(colours)
            label, style = f"{duration:g} ns", {"color": colour, "ms": 5}
            moved = unit * measured.measured()
            left.plot(currents * duration, moved[0, k], "o", label=label, **style)
            right.plot(currents, moved[1, k], "o", label=label, **style)
            law = [_signed_step(config.track("pinned"), i, duration) for i in fine.tolist()]
            right.plot(fine, unit * np.array(law), color=colour, lw=1.2)
        left.set(xlabel="charge of a pulse, I·t (fC)", ylabel="mean displacement of a pulse (nm)")
        left.set_title("Free: displacement = u·I·t, with the sign of I")
        right.set(xlabel="current (uA)", ylabel="mean displacement of a pulse (nm)")
        right.set_title(f"Pinned: stochastic below {config.depinning:g} uA")
        for axis in (left, right):
            axis.grid(color=GRID)
            axis.legend(title="pulse", frameon=False)
        worst = float(np.abs(measured.sigma(result.rounding)).max())
        figure.suptitle(
            f"Walls move by current × time: {measured.trials} trials a point, law as lines, "
            f"greatest deviation {worst:.1f} sigma", x=0.01, ha="left",
        )  # fmt: skip


def _signed_step(track: WallTrack, current: float, duration: float) -> float:
    return float(np.sign(current)) * track.mean_steps(TOP // 2, current * 1e-6, duration * 1e-9)


def loop(path: Path, result: MemristorResult) -> None:
    """Voltage against current, and resistance against charge, of the mean device."""
    config, track = result.config, result.config.track("free")
    current, points = config.sine(), config.points
    with saved_figure(path, 10, 4.4) as figure:
        left, right = figure.subplots(1, 2)
        for period, course, colour in zip(
            config.periods, result.loops, cycle(LANE_COLOURS), strict=False
        ):
            ohm, law = (
                track.resistance_ohm(level / TOP * track.length_m)
                for level in (course.mean(), course.law_mean())
            )
            style = {"color": colour, "lw": 1.2}
            # A pulse and what the device is during it: half of its step done.
            middle, middle_law = ((r[1:] + r[:-1]) / 2 for r in (ohm, law))
            left.plot(current, 1e-3 * current * middle_law, **style)
            left.plot(current[::2], 1e-3 * (current * middle)[::2], "o", color=colour, ms=3,
                      label=f"{period:g} ns")  # fmt: skip
            charge = np.append(0, np.cumsum(current)) * period / points * 1e-3  # pC
            right.plot(charge, 1e-3 * law, **style)
            right.plot(charge[::4], 1e-3 * ohm[::4], "o", color=colour, ms=3)
        for k, period in enumerate(config.periods):
            start = result.loops[k].mean()[0] / TOP * track.length_m
            ideal = hysteresis(
                WallTrack(), config.amplitude * 1e-6, period * 1e-9, start, config.points
            )
            label = "continuous wall" if k == 0 else None
            left.plot(1e6 * ideal.current_a, 1e3 * ideal.voltage_v, ":", color=GREY, lw=1,
                      label=label)  # fmt: skip
        left.axhline(0, color=GREY, lw=0.6)
        left.axvline(0, color=GREY, lw=0.6)
        left.set(xlabel="current (uA)", ylabel="voltage (mV)")
        left.set_title("Loops pinched at the origin; lobes shrink with frequency")
        left.legend(title="period", frameon=False, loc="upper left")
        right.set(xlabel="charge so far (pC)", ylabel="resistance (kilohm)")
        right.set_title("Resistance is linear in the charge, up to the track's ends")
        right.grid(color=GRID)
        devices = int(result.loops[0].counts[0].sum())
        figure.suptitle(
            f"Sine current in {points} pulses through {devices} wall memristors of 16 levels: mean "
            "(points) and law (lines)", x=0.01, ha="left",
        )  # fmt: skip


def levels(path: Path, result: MemristorResult) -> None:
    """Programming up and down, what is read with noise, and how often wrongly."""
    reads, stairs = result.reads, result.stairs
    shown = min(1, len(reads.noises) - 1)
    middle = (reads.edges[1:] + reads.edges[:-1]) / 2
    with saved_figure(path, 10, 7) as figure:
        grid = figure.add_gridspec(2, 2, width_ratios=[1.2, 1])
        top_left, top_right = (figure.add_subplot(grid[0, k]) for k in (0, 1))
        bottom = figure.add_subplot(grid[1, :])
        step = np.arange(len(stairs.counts))
        ohm = 1e-3 * reads.levels_ohm
        law = (stairs.law @ reads.levels_ohm) * 1e-3
        top_left.step(step, law, where="mid", color=GREY, lw=1.2, label="law")
        at, reached = np.nonzero(stairs.counts)
        top_left.plot(at, ohm[reached], "o", color=LANE_COLOURS[0], ms=4, label="every device")
        top_left.set(xlabel="pulse of one level", ylabel="resistance (kilohm)")
        top_left.set_title(f"All {int(stairs.counts[0].sum())} devices through 16 levels and back")
        top_left.legend(frameon=False, loc="upper center")
        top_left.grid(axis="y", color=GRID)
        spreads = np.geomspace(0.8 * min(reads.noises), 1.2 * max(reads.noises), 100)
        predicted = [misread(reads.levels_ohm, s).mean() for s in spreads.tolist()]
        top_right.plot(100 * spreads, predicted, color=GREY, lw=1.2, label="law")
        top_right.plot(100 * np.array(reads.noises), reads.rates(), "o", color=LANE_COLOURS[5],
                       ms=5, label=f"{reads.trials * LEVELS:.2g} reads each")  # fmt: skip
        top_right.set(xlabel="noise of a read (% of R)", ylabel="misread levels", yscale="log",
                      ylim=(max(1e-7, min(predicted) / 2), 1))  # fmt: skip
        top_right.set_title("More noise, more misreads")
        top_right.legend(frameon=False, loc="lower right")
        top_right.grid(axis="y", color=GRID)
        for level, colour in zip(range(LEVELS), cycle(LANE_COLOURS), strict=False):
            counts = reads.histogram[shown, level]
            bottom.fill_between(1e-3 * middle, counts, step="mid", color=colour, alpha=0.55, lw=0)
            bottom.annotate(str(level), (ohm[level], counts.max()), xytext=(0, 3), ha="center",
                            textcoords="offset points", fontsize=8)  # fmt: skip
        for border in (ohm[1:] + ohm[:-1]) / 2:
            bottom.axvline(border, color=GREY, lw=0.6, ls=":")
        bottom.set(xlabel="resistance read (kilohm)", ylabel="reads", ylim=(0, None))
        bottom.set_title(
            f"Reads with {100 * reads.noises[shown]:g} % noise by programmed level: neighbours "
            f"{reads.separation()[shown]:.1f} sigma apart or more, "
            f"{reads.rates()[shown]:.2%} misread"
        )


def torque(path: Path, result: MemristorResult) -> None:
    """Mean level from pulse to pulse, up and down, of stacks of grains and of a wall."""
    with saved_figure(path, 10, 4.2) as figure:
        left, right = figure.subplots(1, 2, width_ratios=[1.6, 1])
        for course, colour in zip(result.torque, cycle(LANE_COLOURS), strict=False):
            mean, law = course.mean(), course.law_mean()
            every = slice(None, None, max(1, len(mean) // 54))
            steps = np.arange(len(mean))
            left.plot(steps, law, color=colour, lw=1.2)
            left.plot(steps[every], mean[every], "o", color=colour, ms=3.5, label=course.name)
            # Mean change of a few pulses against where they start: less scatter than one of each.
            at, change = _changes(course, 5)
            at_law, change_law = _law_changes(course)
            right.plot(at_law, change_law, color=colour, lw=1.2)
            right.plot(at, change, "o", color=colour, ms=3.5)
        half = (len(result.torque[0].counts) - 1) / 2
        left.axvline(half, color=GREY, lw=0.8, ls=":")
        left.set(xlabel="pulse of 1 ns: up, then down", ylabel="mean level", ylim=(0, TOP))
        left.set_title("Torque saturates, a wall runs to its end")
        left.legend(frameon=False, loc="lower center", fontsize=8)
        right.set(xlabel="mean level", ylabel="mean change of a pulse (levels)", xlim=(0, TOP))
        right.set_title("Pulses up: change against state")
        for axis in (left, right):
            axis.grid(axis="y", color=GRID)
        devices = int(result.torque[0].counts[0].sum())
        figure.suptitle(
            f"Gradual switching of {devices} devices: mean (points) and law (lines)", x=0.01,
            ha="left",
        )  # fmt: skip


def _changes(course: Course, width: int) -> tuple[Floats, Floats]:
    """Mean levels of the pulses up, and the mean change of a pulse over ``width`` of them."""
    up = course.mean()[: (len(course.counts) + 1) // 2][::width]
    return (up[1:] + up[:-1]) / 2, np.diff(up) / width


def _law_changes(course: Course) -> tuple[Floats, Floats]:
    up = course.law_mean()[: (len(course.law) + 1) // 2]
    return (up[1:] + up[:-1]) / 2, np.diff(up)


def sums(path: Path, result: MemristorResult) -> None:
    """Walls of neurons after events, against the products that they should be."""
    wrong = int((result.sums != result.products).sum())
    with saved_figure(path, 5, 4.4) as figure:
        axis = figure.subplots()
        ends = [result.products.min(), result.products.max()]
        axis.plot(ends, ends, color=GREY, lw=1.2, label="equal")
        axis.plot(result.products.ravel(), result.sums.ravel(), "o", ms=3, color=LANE_COLOURS[0],
                  label="neurons of the machine")  # fmt: skip
        axis.set(xlabel="step × Σ events × level (integers)", ylabel="wall of the neuron (steps)")
        axis.set_title(f"{result.products.size} sums of a crossbar of 16 levels, {wrong} wrong")
        axis.legend(frameon=False)
        axis.grid(color=GRID)
