"""Which texts are to be made, and of which media.

Texts that are finished leave Snakemake's graph, as finished downloads do: to look at 10,000 of them
there takes longer than all else.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from scripts.plan.downloads import FINISHED, Download, Plan, files_in
from scripts.rawinfo.ids import ID_PATTERN
from scripts.store import texts
from scripts.store.media_kinds import MediaKind, id_of


@dataclass(frozen=True, slots=True)
class TextPlan:
    """The texts of one kind, by the ids of their TikToks.

    sources: the media of every text. pending: texts that are missing, or made of other media or in
    another way. latest: the finished text that was made last.
    """

    kind: str
    data: Path
    sources: Mapping[str, list[Download]]
    pending: list[str]
    latest: str | None

    def media(self, id: str) -> list[str]:
        """Paths of what a text is made of."""
        return [str(download.media(self.data)) for download in self.sources[id]]

    def files(self) -> list[str]:
        """Paths of the texts to be made, and of receipts that may be what is missing."""
        there = [id for id in self.pending if Path(self._path(id)).exists()]
        receipts = (str(texts.receipt_path(self.data, self.kind, id)) for id in there)
        return [*map(self._path, self.pending), *receipts]

    def newest(self) -> list[str]:
        """Path of the text that was made last, if there is one: a merge must be younger."""
        return [] if self.latest is None else [self._path(self.latest)]

    def id_pattern(self, asked_for: Collection[str] = ()) -> str:
        """A regular expression for the texts that a rule may make.

        The newest one is listed for its age, and must not be made again for it; but it may be
        `asked_for` (paths).
        """
        if self.latest is None or self._path(self.latest) in asked_for:
            return ID_PATTERN
        return f"(?!{self.latest}(?![0-9])){ID_PATTERN}"

    def _path(self, id: str) -> str:
        return str(texts.text_path(self.data, self.kind, id))


def plan_texts(
    kind: str, plan: Plan, media_kinds: Iterable[MediaKind], data: Path, asked: str
) -> TextPlan:
    """Compare the texts in `data` with the media that there are or will be.

    asked: the fingerprint of what the configuration asks for.
    """
    sources = _by_id(plan, media_kinds)
    there = files_in(data / kind)
    finished = {
        id
        for id, downloads in sources.items()
        if f"{id}.txt" in there
        and _is_finished(downloads, texts.receipt_path(data, kind, id), asked)
    }
    return TextPlan(
        kind,
        data,
        sources,
        [id for id in sources if id not in finished],
        max(finished, key=lambda id: (there[f"{id}.txt"].modified_ns, id), default=None),
    )


def _by_id(plan: Plan, kinds: Iterable[MediaKind]) -> dict[str, list[Download]]:
    """What is there or will be made, in the order of `kinds`, by the TikTok's id."""
    found = defaultdict(list)
    for kind in kinds:
        for download in plan.downloads[kind.name].values():
            if download.is_expected:
                found[id_of(download.name)].append(download)
    return found


def _is_finished(downloads: list[Download], receipt: Path, asked: str) -> bool:
    if any(download.state != FINISHED for download in downloads):
        return False
    facts = texts.read_facts(receipt)
    made_of = [download.sha256 for download in downloads]
    return facts.get("asked") == asked and facts.get("made_of") == made_of
