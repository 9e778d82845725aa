"""Define the look of all figures, and write them.

Figures are made without pyplot, because all threads share its state.
"""

import io

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure

# Okabe and Ito's palette: colour-blind readers can tell the colours apart, also in grey.
BLUE, ORANGE, GREY, DARK_GREY = "#0072B2", "#E69F00", "#6B6B6B", "#444444"
GREEN, VERMILION, PINK, SKY = "#009E73", "#D55E00", "#CC79A7", "#56B4E9"
WIDTH_IN = 7.5

# Set once, on import: changing them for each figure would not be safe in threads.
matplotlib.rcParams.update(
    {
        "svg.hashsalt": "tiktoks",
        "svg.fonttype": "path",
        "text.parse_math": False,  # a dollar sign in somebody's text begins no formula
        "font.family": "DejaVu Sans",
        "font.size": 9,
        "axes.titlesize": 11,
        "axes.titleweight": "bold",
        "axes.titlelocation": "left",
        "axes.titlepad": 10,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.axisbelow": True,
        "grid.color": "#DDDDDD",
        "grid.linewidth": 0.6,
        "legend.frameon": False,
    }
)


def svg(figure: Figure) -> bytes:
    """Return a figure as SVG. The same figure gives the same bytes."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    return buffer.getvalue()


def say(axes: Axes, sentence: str) -> None:
    """Write a sentence instead of a plot."""
    axes.set_axis_off()
    axes.text(0.5, 0.5, sentence, ha="center", va="center", color=GREY, transform=axes.transAxes)
