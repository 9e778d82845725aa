"""Draw figures about the systems of one collection."""

from collections.abc import Sequence
from itertools import zip_longest

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from scripts.counts import counted
from scripts.experiments.effects import Effect, Interaction, by_length
from scripts.report.drawing import (
    BLUE,
    DARK_GREY,
    GREEN,
    GREY,
    ORANGE,
    PINK,
    SKY,
    VERMILION,
    WIDTH_IN,
    say,
)

# Lines differ in colour and in marker, so they also differ in grey.
_LINES = (
    (BLUE, "o", "-"),
    (ORANGE, "s", "--"),
    (GREEN, "^", "-."),
    (VERMILION, "D", ":"),
    (PINK, "v", "-"),
    (DARK_GREY, "P", "--"),
    (SKY, "X", "-."),
)
_ROW_IN = 0.21


def name_of(factor: str) -> str:
    """The name of a source or of another factor, in words."""
    return {
        "basic": "names, description, music",
        "cover": "cover text",
        "captions": "captions",
        "screen": "on-screen text",
        "attribution": "terms of sources",
        "dense": "dense vectors",
    }.get(factor, factor.replace("_", " "))


def nothing(sentence: str) -> Figure:
    """A sentence in place of a figure."""
    figure = _figure(4)
    say(figure.subplots(), sentence)
    return figure


def draw_leader_board(
    names: Sequence[str], values: np.ndarray, is_worse: Sequence[bool], queries: int
) -> Figure:
    """Draw the MRR of the best systems with its interval.

    values: systems by (value, low, high), best first. is_worse: True for each system that is
    significantly worse than the first one.
    """
    figure = _figure(len(names) + 4)
    axes = figure.subplots()
    rows = np.arange(len(names))
    for state, colour, label in (
        (False, BLUE, "the best, and others that do not differ significantly"),
        (True, GREY, "worse than the best (corrected p < .05)"),
    ):
        chosen = np.array(is_worse) == state
        if chosen.any():
            _intervals(axes, rows[chosen], values[chosen], colour, "s" if state else "o", label)
    axes.set_yticks(rows, names, fontsize=7.5)
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.set_xlabel(f"MRR of {counted(queries, 'queries')}, 95 % interval")
    figure.legend(loc="outside lower right", ncols=2)
    figure.suptitle("The best systems", **_TITLE)
    return figure


def draw_sources(effects: Sequence[Effect]) -> Figure:
    """Draw what each source adds to systems that are otherwise the same."""
    if not effects:
        return nothing("No two systems differ in only one source")
    figure = _figure(len(effects) * 1.6 + 4)
    axes = figure.subplots()
    values = np.array([effect.difference for effect in effects])
    rows = np.arange(len(effects))
    _intervals(axes, rows, values, BLUE, "o")
    for row, (value, _, high) in zip(rows, values, strict=True):
        axes.annotate(f"{value:+.3f}", (high, row), (6, 0), textcoords="offset points", va="center")
    axes.axvline(0, color=DARK_GREY, linewidth=0.8)
    axes.set_yticks(rows, [_capital(name_of(effect.factor)) for effect in effects])
    axes.set_ylim(len(effects) - 0.5, -0.5)
    axes.margins(x=0.12)
    axes.set_xlabel("Change of MRR when the source is added, with 95 % interval")
    axes.set_title("What each source is worth")
    return figure


def draw_factors(effects: Sequence[Effect]) -> Figure:
    """Draw the marginal means of each factor, with its levels below its name."""
    if not effects:
        return nothing("No two systems differ in only one factor")
    ordered = sorted(effects, key=lambda effect: max(effect.values) - min(effect.values))[::-1]
    figure = _figure(sum(len(effect.levels) + 1.4 for effect in ordered) + 3.5)
    axes = figure.subplots()
    row, ticks, labels = 0.0, [], []
    for effect in ordered:
        axes.text(
            -0.008,
            row,
            _capital(name_of(effect.factor)),
            transform=axes.get_yaxis_transform(),
            ha="right",
            va="center",
            fontweight="bold",
        )
        order = _order(effect)
        values = np.array([effect.values, effect.low, effect.high]).T[order]
        rows = row + 1 + np.arange(len(order))
        _intervals(axes, rows, values, BLUE, "o")
        axes.plot(values[:, 0], rows, color=BLUE, linewidth=0.8, alpha=0.5)
        ticks += rows.tolist()
        labels += [effect.levels[place] for place in order]
        row = rows[-1] + 1.4
    axes.set_yticks(ticks, labels)
    axes.set_ylim(row - 0.6, -0.7)
    axes.set_xlabel("Mean MRR of systems that are otherwise the same, with 95 % interval")
    axes.set_title("What else matters: marginal means, largest effect first")
    return figure


def _order(effect: Effect) -> list[int]:
    """The order of levels: best first, but tokenisations by name, and n-grams by n."""
    places = range(len(effect.levels))
    if effect.factor == "tokenisation":
        return sorted(places, key=lambda place: by_length(effect.levels[place]))
    return sorted(places, key=lambda place: -effect.values[place])


def draw_interactions(found: Sequence[Interaction]) -> Figure:
    """Draw the four largest interactions. They show as lines that aren't parallel."""
    if not found:
        return nothing("No two factors were combined")
    shown = found[:4]
    rows = (len(shown) + 1) // 2
    figure = Figure(figsize=(WIDTH_IN, 0.5 + 2.9 * rows), layout="constrained")
    panels = figure.subplots(rows, 2, squeeze=False, sharey=True).flat
    for axes, interaction in zip_longest(panels, shown):
        if interaction is None:
            axes.set_axis_off()
        else:
            _draw_interaction(axes, interaction)
    figure.suptitle("Where factors depend on each other", **_TITLE)
    return figure


def draw_comparison(differences: np.ndarray, better: str, other: str) -> Figure:
    """Draw how much the reciprocal rank of each query differs between two systems, sorted."""
    figure = Figure(figsize=(WIDTH_IN, 2.8), layout="constrained")
    axes = figure.subplots()
    ordered = np.sort(differences)[::-1]
    places = np.arange(len(ordered))
    for sign, colour, hatch, word in ((1, BLUE, None, "won"), (-1, ORANGE, "///", "lost")):
        chosen = ordered * sign > 0
        label = f"{chosen.sum():,} {word}"
        if chosen.any():
            axes.bar(
                places[chosen], ordered[chosen], 1, color=colour, hatch=hatch, ec="white", lw=0.3
            ).set_label(label)
    axes.axhline(0, color=DARK_GREY, linewidth=0.8)
    axes.set_xlim(-0.5, max(len(ordered), 1) - 0.5)
    axes.set_ylim(-1.05, 1.05)
    axes.set_xticks([])
    axes.set_xlabel(
        f"{counted(len(ordered), 'queries')}, sorted; the same: {(ordered == 0).sum():,}"
    )
    axes.set_ylabel("Reciprocal rank:\ndifference")
    axes.grid(axis="y")
    if (ordered != 0).any():
        axes.legend(loc="upper right")
    axes.set_title(f"{_capital(better)} against {other}")
    return figure


_TITLE = {"x": 0.01, "ha": "left", "fontsize": 11, "fontweight": "bold"}


def _draw_interaction(axes: Axes, interaction: Interaction) -> None:
    """Draw the factor with more levels along the axis, and the other one as lines."""
    values, (along, lines) = interaction.values, interaction.levels
    factors = interaction.factors
    if len(lines) > len(along):
        values, along, lines, factors = values.T, lines, along, factors[::-1]
    order = np.argsort(-values.mean(axis=1), kind="stable")
    for place, level in enumerate(lines):
        colour, marker, style = _LINES[place % len(_LINES)]
        axes.plot(
            values[order, place], color=colour, marker=marker, ls=style, label=level, markersize=4
        )
    turned = sum(len(level) for level in along) > 36
    axes.set_xticks(range(len(along)), [along[place] for place in order])
    axes.tick_params(axis="x", labelrotation=30 if turned else 0, labelsize=8)
    if turned:
        for label in axes.get_xticklabels():
            label.set(ha="right", rotation_mode="anchor")
    axes.margins(x=0.08)
    axes.set_title(_capital(name_of(factors[0])), fontsize=9)
    axes.set_ylabel("Mean MRR")
    axes.yaxis.set_tick_params(labelleft=True)
    axes.grid(axis="y")
    axes.legend(title=_capital(name_of(factors[1])), fontsize=8, title_fontsize=8)


def _intervals(
    axes: Axes, rows: np.ndarray, values: np.ndarray, colour: str, marker: str, label: str = ""
) -> None:
    """Draw a marker at each value, a line from low to high. values: rows by (value, low, high)."""
    value, low, high = values.T
    # A percentile interval need not contain its value.
    lengths = np.maximum([value - low, high - value], 0)
    axes.errorbar(
        value,
        rows,
        xerr=lengths,
        fmt=marker,
        color=colour,
        markersize=4.5,
        elinewidth=1.3,
        capsize=0,
        label=label or None,
    )
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x")


def _figure(rows: float) -> Figure:
    return Figure(figsize=(WIDTH_IN, 0.5 + _ROW_IN * rows), layout="constrained")


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
