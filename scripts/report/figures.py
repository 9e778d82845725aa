"""Draw the figures of the report from `tiktoks.db`, and its table of counts.

In: the database. Out: SVG figures and `summary.csv` in one folder, the same bytes for the same
database.
"""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from sqlite3 import Connection

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from scripts.counts import counted
from scripts.files import write_atomic
from scripts.merge.database import NOT_UNDERSTOOD
from scripts.merge.rows import UNTRIED
from scripts.report.drawing import BLUE, DARK_GREY, GREY, ORANGE, WIDTH_IN, say, svg
from scripts.store.database import open_database
from scripts.store.receipts import CORRUPT, EXPIRED, GONE, LATER, REJECTED, TRANSIENT

FAILURES = (EXPIRED, GONE, REJECTED, CORRUPT, TRANSIENT, LATER, "file lost", UNTRIED)
# Most TikToks have both of these. Only the summary counts slides and captions.
LABELS = {"videos": "Videos", "coverphotos": "Covers"}

_DOWNLOADS = """
    SELECT kind, count(*) AS tiktoks, CASE
        WHEN outcome = 'ok' THEN iif(present, 'ok', 'file lost')
        ELSE outcome
    END AS state
    FROM downloads
    GROUP BY 1, 3
"""
_TEXTS = """
    SELECT length(description) AS Description,
        (SELECT sum(length(comment_text)) FROM comments WHERE video_id = tiktoks.id) AS Comments,
        length(coverphoto_ocr) AS "Cover text",
        length(speech_to_text) AS Speech,
        length(screen_text) AS "On-screen text"
    FROM tiktoks
"""
_SUMMARY = {
    "TikToks": "SELECT count(*) FROM tiktoks",
    "with video and cover": "SELECT count(*) FROM complete_tiktoks",
    "videos": "SELECT count(*) FROM downloads WHERE kind = 'videos' AND present",
    "covers": "SELECT count(*) FROM downloads WHERE kind = 'coverphotos' AND present",
    "videos without sound": "SELECT count(*) FROM downloads WHERE present AND NOT has_audio",
    "minutes of video": "SELECT round(sum(duration_s) / 60, 1) FROM downloads WHERE present",
    "megabytes downloaded": "SELECT round(sum(size_bytes) / 1e6, 1) FROM downloads WHERE present",
    "covers with text": "SELECT count(*) FROM tiktoks WHERE coverphoto_ocr <> ''",
    "TikToks with speech": "SELECT count(*) FROM tiktoks WHERE speech_to_text <> ''",
    "TikToks with on-screen text": "SELECT count(*) FROM tiktoks WHERE screen_text <> ''",
    "TikToks with comments": "SELECT count(DISTINCT video_id) FROM comments",
    "comments": "SELECT count(*) FROM comments",
    "creators": "SELECT count(DISTINCT creator_username) FROM tiktoks",
    "hashtags": "SELECT count(DISTINCT tag) FROM hashtags",
    **{
        f"{what} not understood": f"SELECT count(*) FROM ({query})"  # noqa: S608 (no data)
        for what, query in NOT_UNDERSTOOD.items()
    },
    "superseded scrapes": "SELECT count(*) FROM observations WHERE NOT is_newest",
    "first post": "SELECT min(posted_date) FROM tiktoks",
    "last post": "SELECT max(posted_date) FROM tiktoks",
    "first scrape": "SELECT date(min(scrape_timestamp), 'unixepoch') FROM tiktoks",
    "last scrape": "SELECT date(max(scrape_timestamp), 'unixepoch') FROM tiktoks",
}


def draw_figures(database: Path, folder: Path) -> None:
    """Write `FIGURES` and `summary.csv` into `folder`."""
    with closing(open_database(database)) as db:
        tiktoks = db.execute("SELECT count(*) FROM tiktoks").fetchone()[0]
        for name, draw in FIGURES.items():
            figure = Figure(figsize=(WIDTH_IN, 3.4))
            # Margins that fit all labels: to measure each label takes half of the time.
            figure.subplots_adjust(left=0.12, right=0.95, bottom=0.15, top=0.88)
            if tiktoks:
                draw(figure, db)
            else:
                say(figure.subplots(), "No TikToks yet")
            write_atomic(folder / name, svg(figure))
        rows = [(name, db.execute(query).fetchone()[0]) for name, query in _SUMMARY.items()]
    summary = pd.DataFrame(rows, columns=["quantity", "value"], dtype=object)
    write_atomic(folder / "summary.csv", summary.to_csv(index=False, lineterminator="\n"))


def draw_downloads(figure: Figure, db: Connection) -> None:
    """Draw how many files of the TikToks are there, and why the others are missing."""
    states = pd.read_sql_query(_DOWNLOADS, db)
    states = states.pivot_table(index="state", columns="kind", values="tiktoks", fill_value=0)
    # A corpus need not have videos: it may consist of photo posts.
    states = states.reindex(columns=list(LABELS), fill_value=0).astype(int)
    tiktoks = _number(db, _SUMMARY["TikToks"])
    there = {"TikToks": tiktoks, "Videos": 0, "Covers": 0}
    if "ok" in states.index:
        there |= {label: int(states[kind]["ok"]) for kind, label in LABELS.items()}
    there["Both"] = _number(db, _SUMMARY["with video and cover"])
    there["Cover texts"] = _number(db, _SUMMARY["covers with text"])
    there["Speech"] = _number(db, _SUMMARY["TikToks with speech"])
    there["On-screen texts"] = _number(db, _SUMMARY["TikToks with on-screen text"])

    figure.subplots_adjust(left=0.16, wspace=0.3, top=0.82, bottom=0.1)
    left, right = figure.subplots(1, 2)
    figure.suptitle(
        f"{there['Both']:,} of {counted(tiktoks, 'TikToks')} have video and cover",
        x=0.01,
        ha="left",
        fontsize=11,
        fontweight="bold",
    )
    left.set_title("There", fontsize=9)
    _bars(left, list(there), list(there.values()), DARK_GREY)
    _draw_failures(right, states.reindex(FAILURES, fill_value=0))


def _draw_failures(axes: Axes, states: pd.DataFrame) -> None:
    axes.set_title("Not there", fontsize=9)
    states = states[states.sum(axis=1) > 0]
    if states.empty:
        say(axes, "Nothing is missing")
        return
    rows = np.arange(len(states))
    for offset, (kind, colour) in enumerate(zip(LABELS, (BLUE, ORANGE), strict=True)):
        bars = axes.barh(rows + 0.4 * offset, states[kind], 0.36, color=colour, label=LABELS[kind])
        axes.bar_label(bars, fmt="{:,.0f}", padding=3, color="#222222")
    axes.set_yticks(rows + 0.2, states.index)
    axes.invert_yaxis()
    # Narrow, because it is beside the title.
    narrow = {"handlelength": 1, "handletextpad": 0.5, "columnspacing": 1}
    axes.legend(loc="lower right", bbox_to_anchor=(1, 0.99), ncols=2, borderaxespad=0, **narrow)
    _finish_bars(axes)


def draw_posts_over_time(figure: Figure, db: Connection) -> None:
    """Draw TikToks by the day, month or year of posting, whichever gives a readable figure."""
    axes = figure.subplots()
    dates = pd.read_sql_query("SELECT posted_date FROM tiktoks WHERE posted_at NOT NULL", db)
    days = pd.to_datetime(dates["posted_date"], format="%Y-%m-%d")
    if days.empty:
        say(axes, "No TikTok has a known time")
        return
    span_days = (days.max() - days.min()).days
    unit, code, width = next(
        (unit, code, width)
        for unit, code, width, limit_days in (
            ("day", "D", 1, 90),
            ("month", "M", 30, 3_000),
            ("year", "Y", 365, np.inf),
        )
        if span_days <= limit_days
    )
    counts = days.dt.to_period(code).value_counts().sort_index()
    starts = pd.PeriodIndex(counts.index).to_timestamp()
    axes.bar(starts, counts, width=0.9 * width, align="edge", color=BLUE)
    axes.set_title(
        f"The median of {counted(len(days), 'TikToks')} was posted on {days.median():%Y-%m-%d}"
    )
    margin = pd.Timedelta(days=3 * width)
    # Matplotlib accepts times here, but its types don't say so.
    axes.set_xlim(starts[0] - margin, starts[-1] + margin)  # type: ignore[arg-type]
    axes.set_ylabel(f"TikToks a {unit}")
    axes.set_xlabel("Posted (UTC)")
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    axes.yaxis.set_major_formatter(FuncFormatter(_thousands))
    axes.grid(axis="y")


def draw_likes(figure: Figure, db: Connection) -> None:
    """Draw TikToks by likes: three bars for each power of ten, and on the left, no likes."""
    axes = figure.subplots()
    query = "SELECT like_count FROM tiktoks WHERE like_count NOT NULL"
    likes = pd.read_sql_query(query, db)["like_count"].astype(float)
    if likes.empty:
        say(axes, "No TikTok has a number of likes")
        return
    liked = likes[likes > 0]
    # A count belongs to the third of a decade that it reaches. Rounding keeps 10 and 1000 exact.
    thirds = pd.Series(np.floor(np.round(np.log10(liked) * 3, 9))).astype(int).value_counts()
    axes.bar(thirds.index / 3, thirds, width=0.3, align="edge", color=BLUE)
    axes.bar(-0.66, len(likes) - len(liked), width=0.3, align="edge", color=GREY)
    decades = range(max(4, int(max(thirds.index, default=0)) // 3 + 2))
    axes.set_xticks([-0.5, *decades], ["0", *(_short(10**decade) for decade in decades)])
    low, middle, high = likes.quantile([0.25, 0.5, 0.75])
    axes.set_title(
        f"The median TikTok has {_short(middle)} likes; "
        f"half of them have {_short(low)} to {_short(high)}"
    )
    axes.set_xlabel("Likes at the scrape")
    axes.set_ylabel("TikToks")
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    axes.yaxis.set_major_formatter(FuncFormatter(_thousands))
    axes.grid(axis="y")


def draw_texts(figure: Figure, db: Connection) -> None:
    """Draw the share of TikToks that have each kind of text, and the lengths of these texts."""
    figure.subplots_adjust(left=0.16)
    axes = figure.subplots()
    lengths = pd.read_sql_query(_TEXTS, db).apply(pd.to_numeric)
    present = lengths[lengths > 0]
    shares = 100 * present.count() / len(lengths)
    bars = axes.barh(range(len(shares)), shares, 0.6, color=BLUE)
    medians = present.median()
    axes.bar_label(
        bars,
        [
            f"{shares[kind]:.0f} %, median {medians[kind]:,.0f} characters" if number else "none"
            for kind, number in present.count().items()
        ],
        padding=4,
        color="#222222",
    )
    axes.set_yticks(range(len(shares)), shares.index)
    axes.invert_yaxis()
    axes.set_xlim(0, 145)
    axes.set_xticks(range(0, 101, 20))
    axes.set_xlabel(f"% of {counted(len(lengths), 'TikToks')} with it")
    axes.set_title(
        f"{shares['Comments']:.0f} % of the TikToks have comments, "
        f"{shares['Cover text']:.0f} % text on the cover"
    )
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x")


FIGURES: dict[str, Callable[[Figure, Connection], None]] = {
    "downloads.svg": draw_downloads,
    "posts_over_time.svg": draw_posts_over_time,
    "likes.svg": draw_likes,
    "texts.svg": draw_texts,
}


def _bars(axes: Axes, labels: list[str], values: list[int], colour: str) -> None:
    bars = axes.barh(range(len(values)), values, 0.7, color=colour)
    axes.bar_label(bars, fmt="{:,.0f}", padding=3, color="#222222")
    axes.set_yticks(range(len(values)), labels)
    axes.invert_yaxis()
    _finish_bars(axes)


def _finish_bars(axes: Axes) -> None:
    """Start horizontal bars at 0, and leave room for the numbers at their ends."""
    axes.set_xlim(0, max(1, axes.dataLim.xmax) * 1.25)
    axes.xaxis.set_major_locator(MaxNLocator(4, integer=True))
    axes.xaxis.set_major_formatter(FuncFormatter(_thousands))
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x")


def _number(db: Connection, query: str) -> int:
    return int(db.execute(query).fetchone()[0])


def _thousands(value: float, _position: int | None = None) -> str:
    return f"{value:,.0f}"


def _short(value: float) -> str:
    """12,300 as "12.3K", as the site shows counts."""
    for size, letter in ((1e9, "B"), (1e6, "M"), (1e3, "K")):
        if value >= size:
            return f"{value / size:.3g}{letter}"
    return f"{value:.0f}"
