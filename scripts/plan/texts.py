"""Plan the texts: which ones a run makes, and from which media.

Finished texts stay out of Snakemake's graph, like finished downloads: for 10,000 of them,
Snakemake's own checks would take longer than the rest of the run.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scripts.plan.downloads import FINISHED, Download, FileState, Plan, files_in
from scripts.store import texts
from scripts.store.media_kinds import MediaKind, id_of
from scripts.store.text_kinds import NO_ENGINE, TEXT_KINDS

# Stands for a file that does not exist.
NOT_EMPTY = FileState(None, 0)


@dataclass(frozen=True, slots=True)
class TextPlan:
    """The texts of one kind, by the ids of their TikToks.

    sources: the media that each text is made from. pending: texts that are missing, or that were
    made from other media or with other settings. outdated: how many of them were made with other
    settings. made: how many finished texts were made by each engine, with each `asked` of a
    receipt. latest: the finished text that was made last.
    """

    kind: str
    data: Path
    sources: Mapping[str, list[Download]]
    pending: list[str]
    outdated: int
    made: Mapping[tuple[str, str], int]
    latest: str | None

    def media(self, id: str) -> list[str]:
        """Return the paths of the media that a text is made from."""
        return [str(download.media(self.data)) for download in self.sources[id]]


def plan_texts(kind: str, plan: Plan, data: Path, settings: Mapping[str, Any]) -> TextPlan:
    """Compare the texts in `data` with the media that are there or will be.

    settings: the section of the configuration that says how texts of this kind are made.
    """
    sources = _by_id(plan, _media_kinds(kind, settings))
    accepted = texts.accepted_hashes(settings)
    there = files_in(data / kind)
    made: Counter[tuple[str, str]] = Counter()
    finished, outdated = set(), 0
    for id, downloads in sources.items():
        if f"{id}.txt" not in there:
            continue
        facts = texts.read_facts(texts.receipt_path(data, kind, id))
        suffixes = TEXT_KINDS[kind].suffixes
        sizes = (there.get(f"{id}{suffix}", NOT_EMPTY).size_bytes for suffix in suffixes)
        if not _is_whole(downloads, facts, is_empty=0 in sizes):
            continue
        if facts.get("asked") in accepted:
            finished.add(id)
            made[str(facts.get("engine")), str(facts["asked"])] += 1
        else:
            outdated += 1
    return TextPlan(
        kind,
        data,
        sources,
        [id for id in sources if id not in finished],
        outdated,
        made,
        max(finished, key=lambda id: (there[f"{id}.txt"].modified_ns, id), default=None),
    )


def _media_kinds(kind: str, settings: Mapping[str, Any]) -> Sequence[MediaKind]:
    """Return the kinds of media that texts are made from. Without an engine, these are fewer."""
    found = TEXT_KINDS[kind]
    return found.without_engine if settings["engine"] == NO_ENGINE else found.sources


def _by_id(plan: Plan, kinds: Iterable[MediaKind]) -> dict[str, list[Download]]:
    """Group the files that are there or will be made by their TikTok, in the order of `kinds`."""
    found = defaultdict(list)
    for kind in kinds:
        for download in plan.downloads[kind.name].values():
            if download.is_expected:
                found[id_of(download.name)].append(download)
    return found


def _is_whole(downloads: list[Download], facts: Mapping[str, Any], *, is_empty: bool) -> bool:
    """True if the text was made from these media.

    facts: the text's receipt. is_empty: one of its files is empty: after a power cut, or because
    the media contain no text.
    """
    if any(download.state != FINISHED for download in downloads):
        return False
    if is_empty and facts.get("outcome") != texts.UNREADABLE:
        return False
    return facts.get("made_of") == [download.sha256 for download in downloads]
