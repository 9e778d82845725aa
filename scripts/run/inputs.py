"""Input functions of the rules: which files each job reads, and which must be made first.

Finished downloads and texts stay out of Snakemake's graph. Rules take them as they are
(`before_update`), so Snakemake never touches them, and a run costs only what is left to do.
Only a graph that is drawn or reported has one finished file of each kind, to show all stages.
"""

import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NoReturn

from snakemake.io import ancient
from snakemake.iocontainers import Wildcards
from snakemake.ioflags import before_update

from scripts.errors import UnavailableError
from scripts.plan.chunks import Chunk
from scripts.plan.downloads import FINISHED, PENDING, UNVERIFIED, Download
from scripts.run.command import Command
from scripts.run.survey import DATA, Survey
from scripts.store.foreign import files_set_aside
from scripts.store.media_kinds import MediaKind
from scripts.store.placeholders import MARK_SUFFIX
from scripts.store.text_kinds import TEXT_KINDS
from scripts.store.texts import text_path

InputFunction = Callable[[Wildcards], list[str]]

# A run that has the job of this mark deletes what is left of removed posts when it starts.
REMOVED = f"{DATA}/receipts/removed{MARK_SUFFIX}"
# A run that has the job of this mark renames merged files of another program when it starts.
SET_ASIDE = f"{DATA}/receipts/set_aside{MARK_SUFFIX}"


def refuse(reason: object) -> NoReturn:
    """End Snakemake before any job starts; the reason is its last line."""
    sys.exit(f"Nothing was started. {reason}")


class Inputs:
    """Input functions for the results of a survey. They end Snakemake if a target can't be made."""

    def __init__(self, survey: Survey, command: Command) -> None:
        self._survey = survey
        self._command = command
        self._pending = {kind: frozenset(plan.pending) for kind, plan in survey.texts.items()}

    def downloads(self, kind: MediaKind) -> InputFunction:
        """For the rule that downloads files of a kind. It has no inputs."""
        return lambda wildcards: self._of_download(kind.name, wildcards.name)

    def priority(self, kind: MediaKind) -> Callable[[Wildcards], int]:
        """For the same rule: the links that expire soonest come first."""
        return lambda wildcards: self._survey.plan.find(kind.name, wildcards.name).priority

    def texts(self, kind: str) -> InputFunction:
        """For the rule that makes texts of a kind one by one: the media of a text."""
        return lambda wildcards: self._of_text(kind, wildcards.id)

    def chunk(self, kind: str, chunk: Chunk) -> InputFunction:
        """For a rule that makes many texts: all their media."""

        def of_chunk(wildcards: Wildcards) -> list[str]:
            if self._command.is_job:  # downloads may have failed since this job was planned
                return self._shown([ancient(file) for media in chunk.values() for file in media])
            return [file for id in chunk for file in self._of_text(kind, id)]

        return of_chunk

    def wanted_texts(self, kind: str) -> InputFunction:
        """For a rule that stands for all texts of a kind."""
        return lambda wildcards: self._wanted(kind)

    def unverified(self, wildcards: Wildcards) -> list[str]:
        """For the rule that adopts files."""
        self._renew(f"{DATA}/receipts/{wildcards.file}{MARK_SUFFIX}")
        return [before_update(str(self._survey.unverified[wildcards.file].media(DATA)))]

    def raw_info(self, wildcards: Wildcards) -> list[str]:
        """Files of raw info. Without any, nothing can be built."""
        if not self._survey.has_raw_info:
            folder = Path.cwd()
            refuse(
                f"{folder} contains no raw info. Put the JSON files of the scraper into "
                f"{folder / DATA / 'info'}, or name another folder with --directory "
                "(to see an example: make demo)."
            )
        return self._survey.raw_info

    def all_texts(self, kind: str) -> InputFunction:
        """The texts of a kind that this run makes, and what the merged file depends on."""

        def of_merge(wildcards: Wildcards) -> list[str]:
            self._check_whole(wildcards)
            wanted, latest = self._wanted(kind), self._survey.texts[kind].latest
            if latest is None or self._command.forces(kind):
                return [*wanted, *self._of_every_merge()]
            newest = self._shown([self._path(kind, latest)])
            return [*wanted, *newest, *self._of_every_merge()]

        return of_merge

    def all_downloads(self, wildcards: Wildcards) -> list[str]:
        """The files that this run downloads or adopts, and what a merge of them depends on."""
        raw_info = self._check_whole(wildcards)
        newest = self._shown(map(str, self._survey.plan.newest))
        made = [*self._media(), *self._adopted(), *newest]
        return [*raw_info, *made, *self._of_every_merge()]

    def everything(self, *results: Iterable[str]) -> InputFunction:
        """For `all`. results: files that are made from the whole corpus; a slice has none."""

        def of_all(wildcards: Wildcards) -> list[str]:
            parts = [*self._media(), *(text for kind in TEXT_KINDS for text in self._wanted(kind))]
            parts += [*self._adopted(), *self._removal()]
            if self._survey.is_slice:
                return [*self.raw_info(wildcards), *parts]
            self.raw_info(wildcards)
            return [*parts, *(file for files in results for file in files)]

        return of_all

    def renewed(self, mark: str) -> InputFunction:
        """For a rule that writes nothing but this mark: a mark of a killed run doesn't count."""

        def nothing(wildcards: Wildcards) -> list[str]:
            self._renew(mark)
            return []

        return nothing

    def _of_download(self, kind: str, name: str) -> list[str]:
        if self._command.is_job:
            return []
        try:
            download = self._survey.plan.find(kind, name)
        except UnavailableError as error:
            refuse(error)
        media = str(download.media(DATA))
        if download.state == PENDING:
            self._renew(media)
        elif not download.is_expected:
            refuse(f"{media} can't be downloaded: {download.reason}.")
        return []

    def _of_text(self, kind: str, id: str) -> list[str]:
        texts = self._survey.texts[kind]
        sources = texts.sources.get(id, [])
        if not sources and not self._command.is_job:
            self._explain_missing(kind, id)
        if id in self._pending[kind] or self._command.forces(kind):
            self._renew(self._path(kind, id))
        return [self._source(download) for download in sources]

    def _source(self, download: Download) -> str:
        """A file that a text is made from. The age of an existing file does not matter."""
        file = str(download.media(DATA))
        is_there = download.state in (FINISHED, UNVERIFIED)
        return self._shown([ancient(file)])[0] if is_there or self._command.is_job else file

    def _explain_missing(self, kind: str, id: str) -> NoReturn:
        path = self._path(kind, id)
        reasons = [
            f"{download.media(DATA)} can't be downloaded: {download.reason}."
            for download in self._survey.plan.all_of(id)
        ]
        if not reasons:
            refuse(f"{path} can't be made: no raw info in {DATA / 'info'} contains the id {id}.")
        refuse(" ".join([f"{path} can't be made.", *reasons]))

    def _check_whole(self, wildcards: Wildcards) -> list[str]:
        """The raw info. Ends Snakemake unless it is the raw info of a whole corpus."""
        if self._survey.is_slice:
            refuse("A slice can't be merged. When all slices are built, run without `slice`.")
        return self.raw_info(wildcards)

    def _of_every_merge(self) -> list[str]:
        """Marks that merged files must be younger than: removals, and files set aside."""
        removed = self._survey.removed_list
        return [
            *([str(removed)] if removed.exists() else []),
            *self._removal(),
            *([SET_ASIDE] if self._survey.foreign else []),
            *map(str, files_set_aside(DATA)),
        ]

    def _media(self) -> list[str]:
        return self._survey.plan.pending(DATA)

    def _adopted(self) -> list[str]:
        return [f"{DATA}/receipts/{file}{MARK_SUFFIX}" for file in self._survey.unverified]

    def _removal(self) -> list[str]:
        return [REMOVED] if self._survey.remains else []

    def _wanted(self, kind: str) -> list[str]:
        texts = self._survey.texts[kind]
        ids = list(texts.sources) if self._command.forces(kind) else texts.pending
        return [self._path(kind, id) for id in ids]

    def _shown(self, finished: Iterable[str]) -> list[str]:
        """The finished files that a merged file must be younger than."""
        return [file if self._command.runs_nothing else before_update(file) for file in finished]

    def _renew(self, file: str) -> None:
        """Make Snakemake build a file even if an empty placeholder or mark has its name."""
        if os.path.lexists(file):
            self._command.make_again([file])

    def _path(self, kind: str, id: str) -> str:
        return str(text_path(DATA, kind, id))
