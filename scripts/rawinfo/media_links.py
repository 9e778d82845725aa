"""Choose which links of a record to download: its video, its cover, each slide, its captions.

In: a record, whose links are untrusted. Out: `MediaLinks`.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from scripts.rawinfo.dialects import Captions, Record
from scripts.rawinfo.links import is_downloadable

# Captions by the creator, and by the site's speech recognition. Others are machine translations.
CAPTION_SOURCES = ("LC", "ASR")
UNKNOWN_CODEC, UNPLAYABLE = 1, 3
# The site's names for each codec, in its own JSON and in the paths of links.
CODEC_RANKS = {
    0: ("h264", "avc1", "x264"),
    2: ("h265", "hevc", "hvc1", "hev1", "bytevc1", "x265"),
    UNPLAYABLE: ("bytevc2", "h266", "bvc2"),
}
ALIASES = {"avc": "h264", "vvc": "h266"}  # too short to be looked for in paths
_SIGNS = re.compile("[^a-z0-9]+")  # H.264, H_265, byte-vc1


@dataclass(frozen=True, slots=True)
class MediaLinks:
    """The link to each file of a TikTok.

    slides: in order; only photo posts have slides. other_videos, other_captions: more links to the
    video and to the caption track, the preferred one first.
    """

    video: str | None = field(repr=False)
    coverphoto: str | None = field(repr=False)
    slides: tuple[str, ...] = field(default=(), repr=False)
    captions: str | None = field(default=None, repr=False)
    other_videos: tuple[str, ...] = field(default=(), repr=False)
    other_captions: tuple[str, ...] = field(default=(), repr=False)

    def as_tuple(self) -> tuple[object, ...]:
        """Return all fields in order."""
        return (
            *(self.video, self.coverphoto, self.slides, self.captions),
            *(self.other_videos, self.other_captions),
        )

    @property
    def has_video(self) -> bool:
        """True if the TikTok has a video. Photo posts have slides instead."""
        return not self.slides or is_downloadable(self.video or "")


def choose_links(record: Record) -> MediaLinks:
    """Choose the best link to each file of a TikTok."""
    slides = tuple(slide.url for slide in record.photos)
    captions = _captions_links(record)
    video, *others = _rank_videos(record)
    return MediaLinks(
        video,
        record.coverphoto_src,
        slides,
        captions[0] if captions else None,
        tuple(filter(None, others)),
        tuple(captions[1:]),
    )


def _captions_links(record: Record) -> list[str]:
    """Return all addresses of the chosen caption track, the preferred one first."""
    chosen = choose_captions(record.captions, record.language) if record.captions else None
    if chosen is None:
        return []
    same = [t.url for t in record.captions if t.url and _track(t) == _track(chosen)]
    return list(dict.fromkeys((chosen.url, *same)))


def _track(captions: Captions) -> tuple[str | None, ...]:
    """Return what the addresses of one track have in common."""
    return captions.language, captions.source, captions.format


def choose_captions(tracks: Sequence[Captions], language: str | None) -> Captions | None:
    """Choose the creator's track, or else the site's, preferably in the post's language (ISO 639).

    If no track names its source, a track is the original if all are in one language: the site adds
    translations only to an original in another language.
    """
    originals = [t for t in tracks if t.source in CAPTION_SOURCES and t.url]
    unknown = [t for t in tracks if t.source is None and t.url]
    if not originals and len({base_language(track.language) for track in unknown}) == 1:
        return unknown[-1]  # of several formats, yt-dlp puts the best one last
    return min(
        originals,
        key=lambda track: (
            base_language(track.language) != base_language(language),
            CAPTION_SOURCES.index(track.source),
        ),
        default=None,
    )


@lru_cache(maxsize=1024)
def base_language(tag: str | None) -> str | None:
    """Return "en" for "en", "eng-US" and "en_GB"; None if the tag names no language."""
    if not tag:
        return None
    # Imported here: it takes a while to load, and few records have captions.
    from langcodes import Language
    from langcodes.tag_parser import LanguageTagError

    try:
        return Language.get(tag).language
    except LanguageTagError:
        return None


def _rank_videos(record: Record) -> list[str | None]:
    """Return the links to the video that can be downloaded, in the order in which to try them.

    H.264 comes first, then links with unknown codecs, then HEVC, which the site often serves
    without sound. No common player plays ByteVC2. Among equal links, the player's own link comes
    first.
    """
    if not record.video_links:
        return [record.video_src]
    codecs = {link.url: link.codec or "" for link in record.video_links}
    urls = dict.fromkeys((record.video_src or "", *codecs))
    usable = [url for url in urls if is_downloadable(url)]
    if not usable:
        return [record.video_src]
    ranks = {url: _rank_codec(url, codecs.get(url, "")) for url in usable}
    return [url for url in sorted(usable, key=ranks.__getitem__) if ranks[url] < UNPLAYABLE] or [
        None
    ]


def _rank_codec(url: str, codec: str) -> int:
    """Rank a link by its codec, as the site or else the link's path names it. Lower is better."""
    name = _SIGNS.sub("", codec.lower())
    rank = _rank_name(ALIASES.get(name, name))
    if rank is None and not codec:
        rank = _rank_name(url.partition("?")[0])
    return UNKNOWN_CODEC if rank is None else rank


@lru_cache(maxsize=256)
def _rank_name(name: str) -> int | None:
    """Return the rank of the codec that a text names."""
    name = name.lower()
    return next(
        (rank for rank, names in CODEC_RANKS.items() if any(n in name for n in names)), None
    )
