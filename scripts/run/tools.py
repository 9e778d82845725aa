"""What the jobs work with, imported and made when a run needs it: that takes half a second."""

from functools import cached_property
from typing import TYPE_CHECKING, Any

from scripts.run.command import Command
from scripts.run.survey import DATA, Survey

if TYPE_CHECKING:
    from scripts.download.downloader import Downloader
    from scripts.speech.transcripts import Transcripts


class Tools:
    """The objects that all jobs of a run share."""

    def __init__(self, survey: Survey, command: Command) -> None:
        self._survey = survey
        self._command = command

    def load(self) -> None:
        """Make everything, before threads ask for it at the same time."""
        _ = self.downloader, self.transcripts

    @cached_property
    def downloader(self) -> "Downloader":
        """Takes files from the mirror or from the site."""
        return self._make_downloader(required=self._command)

    @cached_property
    def restorer(self) -> "Downloader":
        """Takes files from the mirror only."""
        return self._make_downloader(mirror_only=True)

    @cached_property
    def transcripts(self) -> "Transcripts":
        """Makes transcripts."""
        from scripts.speech.transcripts import Transcripts

        survey = self._survey
        return Transcripts(survey.config["speech"], survey.manifest, survey.mirror, DATA)

    def transcribe(self, *arguments: Any) -> None:
        """See `Transcripts.make`."""
        self.transcripts.make(*arguments)

    def recognise(self, *arguments: Any) -> None:
        """See `ocr.recognise`."""
        from scripts import ocr

        ocr.recognise(*arguments)

    def verify(self, threads: int) -> None:
        """Check every file of the manifest. Raises VerificationError, which names what is wrong."""
        from scripts.curation import removal, verification
        from scripts.curation.merged import describe_merged_files

        survey = self._survey
        results = describe_merged_files(survey.config, DATA)
        left = removal.report_rest([DATA], survey.removed, survey.mirror)
        verification.verify(survey.manifest, DATA, survey.mirror, results, threads, left)

    def _make_downloader(self, **options: Any) -> "Downloader":
        from scripts.download.downloader import Downloader

        survey = self._survey
        return Downloader(survey.download_settings, survey.mirror, **options)
