"""The workflow's figures and counts, for the page to show."""

import csv
import sqlite3
from pathlib import Path
from typing import Any

from scripts.viewer.corpus import failures, inside

FIGURES = {
    "downloads": "Downloads: how many videos and covers there are, and why the others are missing",
    "texts": "Texts: the share of TikToks with each kind of text, and its median length",
    "posts_over_time": "Posts over time: how many TikToks were posted when",
    "likes": "Likes: how many TikToks have how many likes, on a logarithmic scale",
}

REPORT = "experiments.html"  # of the experiments


def list_figures(data: Path) -> list[dict[str, str]]:
    """The name and description of each figure in `data/report`, in the order to show them."""
    return [
        {"name": name, "about": about}
        for name, about in FIGURES.items()
        if inside(data, data / "report" / f"{name}.svg")
    ]


def figures(db: sqlite3.Connection, data: Path) -> dict[str, Any]:
    """Everything that the page shows about the corpus as a whole."""
    return {
        "figures": list_figures(data),
        "has_report": _has_report(data),
        "summary": _read_summary(data),
        "failures": failures(db),
    }


def _has_report(data: Path) -> bool:
    file = inside(data, data / "report" / REPORT)
    return file is not None and file.is_file()


def _read_summary(data: Path) -> list[list[str]]:
    """The counts in `data/report`: (quantity, value). [] before they are written."""
    file = inside(data, data / "report" / "summary.csv")
    if file is None or not file.is_file():
        return []
    with file.open(encoding="utf-8", newline="") as opened:
        return list(csv.reader(opened))[1:]
