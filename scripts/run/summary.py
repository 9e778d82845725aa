"""The summary at the start and at the end of a run: one table, and what to do next."""

import os
import sys
from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.filesize import decimal
from rich.table import Table

from scripts.counts import counted, them
from scripts.errors import examples
from scripts.files import write_atomic
from scripts.merge.json_files import MERGED_FILES
from scripts.plan.downloads import FINISHED, PENDING, UNVERIFIED, Download, Plan
from scripts.rawinfo.problems import Problem
from scripts.scrape.receipts import ScrapeReceipt, read_short_links
from scripts.scrape.states import OK
from scripts.scrape.wanted import known_by_link
from scripts.store import receipts
from scripts.store.damaged import find_damaged
from scripts.store.media_kinds import COVERPHOTOS, VIDEOS
from scripts.store.text_kinds import TEXT_KINDS

MOST_PROBLEMS = 10
PROBLEMS_LOG = Path("logs/raw_info.log")

NETWORK_IS_DOWN = (
    "The network is down: no host could be reached. Nothing was given up. Check the connection (or "
    "download.proxy), then run `snakemake --cores 8` again."
)
REMEDIES = {
    PENDING: "run `snakemake --cores 8` again",
    receipts.EXPIRED: "scrape again, and build within hours",
    receipts.GONE: "nothing: the post was deleted or hidden",
    receipts.REJECTED: "scrape again to get a link to the file itself",
    receipts.CORRUPT: "run `snakemake --cores 8 --config retry=all` to try again after all",
    receipts.TRANSIENT: "run `snakemake --cores 8 --config retry=all` to try again after all",
    receipts.LATER: "run `snakemake --cores 8` again later, because the site asked for a pause",
}


def print_summary(
    plan: Plan,
    data: Path,
    scrapes: Mapping[str, ScrapeReceipt],
    *,
    at_end: bool = False,
    network_is_down: bool = False,
) -> None:
    """Print to stderr how many files exist, which are missing and why, and what to do.

    scrapes: what the site answered about posts. network_is_down: this run reached no host at all.
    """
    console = Console(file=sys.stderr, highlight=False)
    if not at_end:
        wanted = known_by_link(plan.catalogue, scrapes, read_short_links(data))
        for line in plan.catalogue.inventory.lines(wanted):
            _say(console, line)
        own = Counter(d.kind for d in plan.all() if d.state == PENDING and d.own_files)
        if own:
            files = ", ".join(counted(number, kind) for kind, number in own.items())
            _say(console, f"A run will use {files} that you already have.")
        _print_problems(console, plan.catalogue.problems)
    console.print(_table(plan, data))
    if network_is_down:
        _say(console, NETWORK_IS_DOWN)
    for line in _advice(plan, network_is_down):
        _say(console, line)
    for line in _answers(scrapes):
        _say(console, line)
    damaged = [str(file.path) for file in find_damaged(data)]
    if damaged:
        _say(
            console,
            f"{counted(len(damaged), 'files')} failed verification. The folder {data / 'damaged'} "
            f"keeps each one, with the reason in a file next to it ({examples(damaged)}). "
            "`snakemake --cores 8 verify` checks them again.",
        )
    if at_end:
        if any(d.state == PENDING for kind in plan.downloads.values() for d in kind.values()):
            _say(console, "Finished files are kept. Run the same command to continue.")
        for name in MERGED_FILES:
            if (data / name).exists():
                _say(console, f"{data / name}: {decimal((data / name).stat().st_size)}")


def write_problems(problems: list[Problem]) -> None:
    """Write the problems of raw info to a file if they are too many for the screen."""
    if len(problems) > MOST_PROBLEMS:
        write_atomic(PROBLEMS_LOG, "".join(f"{problem}\n" for problem in problems))


def _say(console: Console, line: str) -> None:
    """Print a line, wrapped at words on a screen, unwrapped in a log."""
    console.print(line, markup=False, soft_wrap=not console.is_terminal)


def _print_problems(console: Console, problems: list[Problem]) -> None:
    for problem in problems[:MOST_PROBLEMS]:
        _say(console, f"Raw info: {problem}")
    if len(problems) > MOST_PROBLEMS:
        _say(
            console,
            f"Raw info: {counted(len(problems), 'problems')} in all; a run lists "
            f"them in {PROBLEMS_LOG}.",
        )


def _table(plan: Plan, data: Path) -> Table:
    counts = {
        kind: Counter(download.state for download in downloads.values())
        for kind, downloads in plan.downloads.items()
    }
    states = [FINISHED, PENDING, UNVERIFIED, *(o for o in receipts.OUTCOMES if o != receipts.OK)]
    shown = [s for s in states if s in (FINISHED, PENDING) or any(c[s] for c in counts.values())]
    scrapes = len(plan.catalogue.newest) + len(plan.catalogue.superseded)
    table = Table(
        title=f"{counted(len(plan.catalogue.newest), 'TikToks')} in {counted(scrapes, 'scrapes')}",
        title_justify="left",
        box=SIMPLE_HEAD,
    )
    table.add_column("")
    for state in shown:
        table.add_column(state, justify="right")
    for kind, count in counts.items():
        if not count and kind not in (VIDEOS.name, COVERPHOTOS.name):
            continue  # most corpora have no photo posts or captions
        table.add_row(kind, *(f"{count[state]:,}" for state in shown))
    for text_kind in TEXT_KINDS.values():
        table.add_row(text_kind.plural, f"{_count_texts(data / text_kind.name):,}")
    return table


def _count_texts(folder: Path) -> int:
    """Count the texts of readable media; texts of unreadable media are empty files."""
    if not folder.is_dir():
        return 0
    with os.scandir(folder) as files:
        return sum(file.name.endswith(".txt") and file.stat().st_size > 0 for file in files)


def _advice(plan: Plan, network_is_down: bool) -> list[str]:
    """A line for each kind and class of missing files: how many, why, which, and what to do."""
    groups: dict[tuple[str, str, str], list[Download]] = defaultdict(list)
    for kind, downloads in plan.downloads.items():
        for download in downloads.values():
            if network_is_down and download.state in (PENDING, receipts.LATER):
                continue  # one sentence says this for all files
            if download.state != FINISHED and download.reason:
                groups[download.state, download.failed_as, kind].append(download)
    lines = [_sentence(*key, group) for key, group in sorted(groups.items())]
    silent = [d.name for d in plan.downloads[VIDEOS.name].values() if d.has_audio is False]
    if silent:
        lines.append(f"{counted(len(silent), 'videos', 'have')} no sound ({examples(silent)}).")
    if lost := plan.lost():
        lines.append(
            f"{counted(len(lost), 'files', 'are')} missing although an earlier run downloaded "
            f"{them(len(lost))}, and no link works any more. Restore {them(len(lost))} from a "
            f"backup ({examples(lost)})."
        )
    return lines


def _answers(scrapes: Mapping[str, ScrapeReceipt]) -> list[str]:
    """One line for each reason why the site did not show posts."""
    groups: dict[tuple[str, bool], list[ScrapeReceipt]] = defaultdict(list)
    for receipt in scrapes.values():
        if receipt.outcome != OK:
            groups[receipt.outcome, receipt.is_final].append(receipt)
    lines = []
    for (outcome, is_final), group in sorted(groups.items()):
        remedy = "nothing, the answer will be the same" if is_final else "scrape again"
        reasons = Counter(receipt.reason for receipt in group)
        lines.append(
            f"The site did not show {counted(len(group), 'posts')} ({outcome}): "
            f"{examples(list(reasons), '; ')}. What to do: {remedy} "
            f"({examples(sorted(receipt.id for receipt in group))})."
        )
    return lines


def _sentence(state: str, failed_as: str, kind: str, group: list[Download]) -> str:
    expiries = [download.expires_at for download in group if download.expires_at is not None]
    when = _period(expiries) if state == receipts.EXPIRED and expiries else ""
    remedy = REMEDIES[state]
    state += f" after a failure ({failed_as})" if failed_as else ""
    reasons = Counter(download.reason.rstrip(".") for download in group).most_common()
    shown = [
        reason if count == len(group) else f"{reason} ({count:,})" for reason, count in reasons
    ]
    ids = examples([download.name for download in group])
    return (
        f"{counted(len(group), kind)} {state}{when}: {examples(shown, '; ')}. "
        f"What to do: {remedy} ({ids})."
    )


def _period(moments: list[int]) -> str:
    """When the links died (unix seconds): ` on …`, or ` between … and …`."""
    first, last = (
        datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%d at %H:%M UTC")
        for moment in (min(moments), max(moments))
    )
    return f" on {last}" if first == last else f" between {first} and {last}"
