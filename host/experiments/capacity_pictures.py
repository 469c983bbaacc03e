"""The picture of one run of the capacity experiment."""

from __future__ import annotations

from pathlib import Path

from spinloom.host.experiments.capacity_config import BINARY, KINDS, SINE, SUCCESS
from spinloom.host.experiments.capacity_result import CapacityResult
from spinloom.host.pictures import GREY, OFF, ON, saved_figure

LOOKS = {"shil": (ON, "o-"), "plain": (OFF, "s-"), "frozen": ("#CC79A7", "x:"),
         "hopfield": (GREY, "^--")}  # fmt: skip


def draw(result: CapacityResult, folder: Path) -> list[str]:
    """Overlap, with standard errors, and part that is recalled, against alpha."""
    config, figures = result.config, result.figures()
    with saved_figure(folder / "capacity.png", 11, 4.6) as figure:
        left, right = figure.subplots(1, 2)
        for kind, label in KINDS.items():
            colour, mark = LOOKS[kind]
            style = {"color": colour, "ms": 5, "lw": 1.3, "label": label}
            mean, error = result.mean(kind), result.error(kind)
            left.errorbar(config.alphas, mean, error, fmt=mark, **style)
            right.plot(config.alphas, result.success(kind), mark, **style)
        left.axhline(figures["probe"], color=GREY, lw=0.8)
        left.annotate(
            "the probe", (0, figures["probe"]), xytext=(4, 3), textcoords="offset points",
            fontsize=8, color=GREY,
        )  # fmt: skip
        for axis in (left, right):
            for alpha, text in ((SINE, "sine couplings"), (BINARY, "binary units")):
                if config.rule == "hebb" and alpha < 1.05 * config.alphas[-1]:
                    axis.axvline(alpha, color="black", lw=0.8, ls=":")
                    axis.annotate(
                        f"{text},\ntheory {alpha:g}", (alpha, 0.06), xytext=(4, 0),
                        textcoords="offset points", fontsize=8,
                    )  # fmt: skip
            axis.set(xlabel="patterns stored an oscillator, α", ylim=(0, 1.05), xlim=(0, None))
            axis.grid(axis="y", color="#E6E6E6")
        left.set(ylabel="overlap with the stored pattern")
        right.set(ylabel=f"part of the probes recalled (overlap ≥ {SUCCESS:g})")
        left.set_title(_told("Overlap", figures["collapse_without_shil"]))
        right.set_title(_told("Recalled", figures["success_collapse_without_shil"]))
        left.legend(loc="lower left", bbox_to_anchor=(0, 0.12), frameon=False)
        figure.suptitle(
            f"Patterns that {config.phase().oscillators} oscillators hold, with SHIL and without "
            f"({config.rule}, {config.flips:g} % flipped)",
            x=0.01, ha="left",
        )  # fmt: skip
    return ["capacity.png"]


def _told(what: str, collapse: float | None) -> str:
    return f"{what}: half is lost without SHIL at α = {collapse:.3f}" if collapse else what
