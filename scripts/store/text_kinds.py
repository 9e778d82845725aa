"""The kinds of texts that are recognised: what each is made of, and which files it has."""

from dataclasses import dataclass

from scripts.store.media_kinds import CAPTIONS, COVERPHOTOS, PHOTOS, VIDEOS, MediaKind


@dataclass(frozen=True, slots=True)
class TextKind:
    """One kind of text. Its name is that of its rule, its folder and its settings.

    suffixes: of its files: beside the text, where its lines are, or when. sources: the media that
    it is made of; without_engine: those that are enough where no engine is configured. merged: the
    file with the texts of all TikToks. plural: for people.
    """

    name: str
    suffixes: tuple[str, ...]
    sources: tuple[MediaKind, ...]
    without_engine: tuple[MediaKind, ...]
    merged: str
    plural: str


OCR = TextKind("ocr", (".txt", ".json"), (COVERPHOTOS, PHOTOS), (), "ocr.json", "cover texts")
SPEECH = TextKind(
    "speech",
    (".txt", ".vtt"),
    (VIDEOS, CAPTIONS),
    (CAPTIONS,),
    "speech_to_text.json",
    "transcripts",
)
SCREEN = TextKind(
    "screen", (".txt", ".vtt", ".json"), (VIDEOS,), (), "screen_text.json", "on-screen texts"
)
TEXT_KINDS = {kind.name: kind for kind in (OCR, SPEECH, SCREEN)}
NO_ENGINE = "none"  # the setting that has nothing recognised
