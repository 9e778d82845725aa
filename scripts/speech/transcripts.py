"""Make the transcripts of a corpus, or restore them from the mirror.

Recognition differs between machines, so a transcript is preserved like a download: the manifest
contains its checksum and says what made it.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from scripts import speech
from scripts.download.mirror import Mirror
from scripts.errors import MirrorError
from scripts.files import publish, temporary_file
from scripts.logs import append_to_log
from scripts.store import texts
from scripts.store.manifest import Manifest, ManifestLine
from scripts.store.text_kinds import SPEECH


class Transcripts:
    """Makes the transcripts of one run. `settings`: the `speech` section of the configuration."""

    def __init__(
        self, settings: Mapping[str, Any], manifest: Manifest, mirror: Mirror | None, data: Path
    ) -> None:
        self._settings = settings
        self._settings_hash = texts.settings_hash(settings)
        self._manifest = manifest
        self._mirror = mirror
        self._data = data

    def check(self, paths: Iterable[str]) -> None:
        """Raise ConfigError if some of these texts need the engine and it can't run."""
        if any(self._kept(Path(text)) is None for text in paths):
            speech.check_engine(self._settings)

    def make(self, media: Sequence[str], text: str, vtt: str, receipt: str, log: str) -> None:
        """Make or restore both files of a transcript, and its receipt.

        media: paths of the video and of its captions, or of one of them.
        """
        kept, mirror = self._kept(Path(text)), self._mirror
        if kept and mirror and kept.receipt.get("made_of") == texts.media_hashes(media):
            try:
                self._restore(mirror, kept, Path(vtt), Path(receipt))
            except MirrorError as error:
                append_to_log(log, str(error))
            else:
                return
        files = {path.suffix: path for path in map(Path, media)}
        video, captions = (files.get(kind.suffix) for kind in SPEECH.sources)
        results = (Path(text), Path(vtt), Path(receipt))
        speech.transcribe(video, captions, *results, self._settings)

    def _kept(self, text: Path) -> ManifestLine | None:
        """The transcript's line in the manifest, if it was made with the current settings."""
        if self._mirror is None:
            return None
        line = self._manifest.lines.get(str(text.relative_to(self._data)))
        return line if line and line.receipt.get("asked") == self._settings_hash else None

    def _restore(self, mirror: Mirror, kept: ManifestLine, vtt: Path, receipt: Path) -> None:
        times = self._manifest.lines.get(str(vtt.relative_to(self._data)))
        if times is None:
            raise MirrorError(f"the manifest doesn't name {vtt}")
        self._fetch(mirror, times)
        texts.write_facts(receipt, kept.receipt)
        self._fetch(mirror, kept)

    def _fetch(self, mirror: Mirror, line: ManifestLine) -> None:
        target = self._data / line.path
        with temporary_file(target) as file:
            mirror.fetch(line, file, target, keep_free_mb=0)
            publish(file, target)
