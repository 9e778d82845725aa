"""Write the page about the experiments: which system finds the targets, why, and where it fails.

In: `results.db` with its metrics, and `tiktoks.db` with the texts. Out: `experiments.html`, one
file without scripts that loads nothing, and the figures of its first collection as SVG. The same
inputs give the same bytes. All texts come from strangers, so the template escapes them.
"""

import base64
import hashlib
import json
from contextlib import closing
from functools import cache
from pathlib import Path

import numpy as np
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from scripts.experiments import analysis, findings, metrics, plots
from scripts.experiments.analysis import Collection, Experiments
from scripts.experiments.texts import marked, missing
from scripts.files import write_atomic
from scripts.report.drawing import svg
from scripts.store.database import open_database

FIGURES = ("leader_board", "sources", "factors", "interactions", "comparison")
LEADERS = 20
MOST_FAILURES = 40
MOST_COMPARED = 25

_TEMPLATES = Path(__file__).parent / "templates"


def write_report(results: Path, corpus: Path, timings: Path, folder: Path) -> None:
    """Write `experiments.html` into `folder`, and figures into its subfolder `experiments`.

    timings: a JSON file with the seconds that each index took to build, and each experiment to
    answer a query; it may be missing.
    """
    with closing(open_database(results)) as db, closing(open_database(corpus)) as texts:
        experiments = Experiments(db, texts)
        drawn = {found.name: _draw(found) for found in experiments.collections}
        content = _render(experiments, drawn, _read_timings(timings))
    first = next(iter(drawn.values()), None)
    if first is None:
        first = dict.fromkeys(FIGURES, svg(plots.nothing("No queries")))
    for name, figure in first.items():
        write_atomic(folder / "experiments" / f"{name}.svg", figure)
    write_atomic(folder / "experiments.html", content)


def _draw(found: Collection) -> dict[str, bytes]:
    leaders = found.standings[:LEADERS]
    if found.pairs:
        pair = found.pairs[0]
        source = plots.name_of(pair.source)
        comparison = plots.draw_comparison(pair.differences, f"With {source}", f"without {source}")
    else:
        comparison = plots.nothing("No source is in some systems only")
    figures = {
        "leader_board": plots.draw_leader_board(
            [line.system.name for line in leaders],
            np.array([line.values[metrics.MRR] for line in leaders]),
            [line.is_worse for line in leaders],
            found.queries,
        ),
        "sources": plots.draw_sources([effect for effect in found.sources if effect.difference]),
        "factors": plots.draw_factors(found.factors),
        "interactions": plots.draw_interactions(found.interactions),
        "comparison": comparison,
    }
    return {name: svg(figure) for name, figure in figures.items()}


def _render(
    experiments: Experiments,
    drawn: dict[str, dict[str, bytes]],
    timings: dict[str, dict[str, float]],
) -> str:
    style = (_TEMPLATES / "page.css").read_text("utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    page = _template().render(
        experiments=experiments,
        drawn=drawn,
        timings=timings,
        style=style,
        style_hash=f"sha256-{digest}",
        analysis=analysis,
        findings=findings,
        metrics=metrics,
        marked=marked,
        missing=missing,
        leaders=LEADERS,
        most_failures=MOST_FAILURES,
        most_compared=MOST_COMPARED,
    )
    return page.lstrip()  # the template has line breaks between its macros


@cache
def _template() -> Template:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"source": plots.name_of, "shown": _shown, "p": _p, "image": _image}
    return environment.get_template("page.html")


def _read_timings(file: Path) -> dict[str, dict[str, float]]:
    """Seconds by name, of `indexes` and `experiments`. Unknown times are left out."""
    try:
        timings = json.loads(file.read_bytes())
    except (FileNotFoundError, ValueError):
        timings = {}
    return {"indexes": timings.get("indexes", {})}


def _image(figure: bytes) -> str:
    """A data link that contains the figure."""
    return f"data:image/svg+xml;base64,{base64.b64encode(figure).decode()}"


def _shown(value: float | None, digits: int = 3) -> str:
    """Format 0.8451 as .845, and None as a dash."""
    if value is None:
        return "–"  # noqa: RUF001 — a dash
    text = f"{value:,.{digits}f}"
    if text.lstrip("-").startswith("0."):
        text = text.replace("0.", ".", 1)
    return text.replace("-", "\N{MINUS SIGN}")


def _p(value: float) -> str:
    return _shown(value) if value >= 0.001 else "< .001"
