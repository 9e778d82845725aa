"""Make the objects that jobs share. That takes half a second, so only runs with jobs do it."""

from collections.abc import Callable, Collection, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scripts.merge import json_files
from scripts.run.command import Command
from scripts.run.survey import DATA, Survey
from scripts.store.foreign import note_path
from scripts.store.text_kinds import TEXT_KINDS

if TYPE_CHECKING:
    from scripts.download.downloader import Downloader
    from scripts.speech.transcripts import Transcripts


class Tools:
    """The objects that all jobs of a run share."""

    def __init__(self, survey: Survey, command: Command) -> None:
        self._survey = survey
        self._command = command

    def load(self) -> None:
        """Make all objects now, before several threads need them at the same time."""
        _ = self.downloader, self.transcripts

    @cached_property
    def downloader(self) -> "Downloader":
        """Gets files from any source that has them."""
        return self._make_downloader(required=self._command.targets)

    @cached_property
    def restorer(self) -> "Downloader":
        """Gets files from the mirror only."""
        return self._make_downloader(mirror_only=True)

    @cached_property
    def transcripts(self) -> "Transcripts":
        """Makes transcripts."""
        from scripts.speech.transcripts import Transcripts

        survey = self._survey
        return Transcripts(survey.config["speech"], survey.manifest, survey.mirror, DATA)

    def text_maker(self, kind: str) -> Callable[..., None]:
        """Return the function that makes one text of a kind.

        It takes the paths of the media, of the files to write (`scripts.store.texts.files`), and of
        the log.
        """
        makers: dict[str, Callable[..., None]] = {
            "ocr": self._recognise,
            "speech": self._transcribe,
            "screen": self._read_screen,
        }
        return makers[kind]

    def check_engine(self, kind: str, texts: Collection[str]) -> None:
        """Raise ConfigError if the engine that these texts need can't run."""
        if kind == "speech":
            self.transcripts.check(texts)
        elif texts:
            from scripts import ocr, screen

            check = ocr.check_engine if kind == "ocr" else screen.check_engine
            check(self._survey.config[kind])

    def merge_texts(self, kind: str, output: str) -> None:
        """Write the texts of all TikToks to one file."""
        note = note_path(DATA, TEXT_KINDS[kind].merged)
        json_files.merge_texts(kind, self._survey.catalogue, DATA, output, note)

    def _transcribe(
        self, media: Sequence[str], text: str, vtt: str, receipt: str, log: str
    ) -> None:
        self.transcripts.make(media, text, vtt, receipt, log)

    def _recognise(
        self, images: Sequence[str], text: str, boxes: str, receipt: str, log: str
    ) -> None:
        from scripts import ocr

        ocr.recognise(images, text, boxes, receipt, self._survey.config["ocr"])

    def _read_screen(
        self, videos: Sequence[str], text: str, vtt: str, boxes: str, receipt: str, log: str
    ) -> None:
        from scripts import screen

        handle = self._survey.creator_of(Path(text).stem)
        settings = self._survey.config["screen"]
        screen.read_screen(videos, text, vtt, boxes, receipt, settings, handle)

    def verify(self, threads: int) -> None:
        """Check every file of the manifest. Raises VerificationError, which names what is wrong."""
        from scripts.curation import removal, verification
        from scripts.curation.merged import describe_merged_files

        survey = self._survey
        results = describe_merged_files(survey.config, DATA)
        folders = survey.config["media_folders"]
        left = removal.report_rest(DATA, survey.removed, survey.mirror, folders)
        verification.verify(survey.manifest, DATA, survey.mirror, results, threads, left)

    def _make_downloader(self, **options: Any) -> "Downloader":
        from scripts.download.downloader import Downloader

        survey = self._survey
        return Downloader(survey.download_settings, survey.mirror, **options)
