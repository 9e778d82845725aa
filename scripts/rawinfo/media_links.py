"""Which links of a record are downloaded: one to its video, its cover, each slide, its captions.

In: a record, whose links are hostile until inspected. Out: `MediaLinks`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from langcodes import Language
from langcodes.tag_parser import LanguageTagError

from scripts.rawinfo.dialects import Captions, Record
from scripts.rawinfo.links import DOWNLOADABLE, inspect_link

# The creator's own, and the site's speech recognition; the rest are machine translations.
CAPTION_SOURCES = ("LC", "ASR")


@dataclass(frozen=True, slots=True)
class MediaLinks:
    """The link to each file of a TikTok. `slides`: in order; only a photo post has any."""

    video: str | None = field(repr=False)
    coverphoto: str | None = field(repr=False)
    slides: tuple[str, ...] = field(default=(), repr=False)
    captions: str | None = field(default=None, repr=False)

    @property
    def has_video(self) -> bool:
        """Whether there is a video to be had: a photo post has slides in its place."""
        return not self.slides or inspect_link(self.video).kind == DOWNLOADABLE


def choose_links(record: Record) -> MediaLinks:
    """The best link to each file of a TikTok."""
    slides = tuple(slide.url for slide in record.photos)
    captions = choose_captions(record.captions, record.language)
    return MediaLinks(
        _choose_video(record),
        record.coverphoto_src,
        slides,
        None if captions is None else captions.url,
    )


def choose_captions(tracks: Sequence[Captions], language: str | None) -> Captions | None:
    """The creator's track or else the site's, in the post's language (ISO 639) if there is one."""
    originals = [t for t in tracks if t.source in CAPTION_SOURCES and t.url]
    return min(
        originals,
        key=lambda track: (
            base_language(track.language) != base_language(language),
            CAPTION_SOURCES.index(track.source),
        ),
        default=None,
    )


def base_language(tag: str | None) -> str | None:
    """ "en" for "en", "eng-US" and "en_GB"; None for what is no language."""
    if not tag:
        return None
    try:
        return Language.get(tag).language
    except LanguageTagError:
        return None


def _choose_video(record: Record) -> str | None:
    """The link of the player; if that can't be downloaded, the first of the others that can."""
    if not record.video_links or inspect_link(record.video_src).kind == DOWNLOADABLE:
        return record.video_src
    others = (link.url for link in record.video_links)
    usable = (url for url in others if inspect_link(url).kind == DOWNLOADABLE)
    return next(usable, record.video_src)
