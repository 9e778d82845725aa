"""Plan the texts: which ones a run makes, and from which media.

Finished texts stay out of Snakemake's graph, like finished downloads: for 10,000 of them,
Snakemake's own checks would take longer than the rest of the run.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
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
    made from other media or with other settings. latest: the finished text that was made last.
    """

    kind: str
    data: Path
    sources: Mapping[str, list[Download]]
    pending: list[str]
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
    finished = {
        id
        for id, downloads in sources.items()
        if f"{id}.txt" in there
        and _is_finished(
            downloads,
            texts.read_facts(texts.receipt_path(data, kind, id)),
            accepted,
            is_empty=any(
                there.get(f"{id}{suffix}", NOT_EMPTY).size_bytes == 0
                for suffix in TEXT_KINDS[kind].suffixes
            ),
        )
    }
    return TextPlan(
        kind,
        data,
        sources,
        [id for id in sources if id not in finished],
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


def _is_finished(
    downloads: list[Download],
    facts: Mapping[str, Any],
    accepted: Collection[str],
    *,
    is_empty: bool,
) -> bool:
    """True if the text was made from these media with accepted settings.

    facts: the text's receipt. is_empty: one of its files is empty: after a power cut, or because
    the media contain no text.
    """
    if any(download.state != FINISHED for download in downloads):
        return False
    if is_empty and facts.get("outcome") != texts.UNREADABLE:
        return False
    made_of = [download.sha256 for download in downloads]
    return facts.get("asked") in accepted and facts.get("made_of") == made_of
