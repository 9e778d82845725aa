"""The kinds of texts that are recognised: the media that they are made from, and their files."""

from dataclasses import dataclass

from scripts.store.media_kinds import CAPTIONS, COVERPHOTOS, PHOTOS, VIDEOS, MediaKind


@dataclass(frozen=True, slots=True)
class TextKind:
    """One kind of text. Its rule, its folder and its settings have the same name.

    suffixes: the endings of its files: the text, and its lines with their places or times. sources:
    the media that it is made from. without_engine: the media that suffice if no engine is
    configured.
    merged: the file with the texts of all TikToks. plural: the name in messages.
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
NO_ENGINE = "none"  # with this setting, nothing is recognised
