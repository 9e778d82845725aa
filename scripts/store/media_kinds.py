"""The kinds of files that are downloaded: their folders, and which links lead to them."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from scripts.rawinfo.ids import ID_PATTERN
from scripts.rawinfo.media_links import MediaLinks


@dataclass(frozen=True, slots=True)
class MediaKind:
    """One kind of download: its folder, the ending of its files, and which links lead to them.

    A file's name is the TikTok's id, or `<id>/<number from 1>` where a TikTok may have several.
    others: more links to the same file.
    """

    name: str
    suffix: str
    links: Callable[[MediaLinks], Iterable[str | None]]
    several: bool = False
    others: Callable[[MediaLinks], Sequence[str]] = lambda links: ()

    def files(self, id: str, links: MediaLinks) -> dict[str, str | None]:
        """Return the link to each file of a TikTok, by the file's name."""
        chosen = self.links(links)
        names = (f"{id}/{number}" for number in count(1)) if self.several else (id,)
        return dict(zip(names, chosen, strict=False))

    def media(self, data: Path, name: str) -> Path:
        """Return the path of a file."""
        return data / self.name / f"{name}{self.suffix}"

    def receipt(self, data: Path, name: str) -> Path:
        """Return the path of a file's receipt."""
        return data / "receipts" / self.name / f"{name}.json"

    @property
    def name_pattern(self) -> str:
        """A regular expression that all names match."""
        return ID_PATTERN + ("/[0-9]{1,4}" if self.several else "")

    def has_name(self, name: str) -> bool:
        """True if a file of this kind can have this name."""
        return re.fullmatch(self.name_pattern, name) is not None


VIDEOS = MediaKind(
    "videos",
    ".mp4",
    lambda links: [links.video] if links.has_video else [],
    others=lambda links: links.other_videos,
)
COVERPHOTOS = MediaKind("coverphotos", ".jpg", lambda links: [links.coverphoto])
PHOTOS = MediaKind("photos", ".jpg", lambda links: links.slides, several=True)
CAPTIONS = MediaKind(
    "captions",
    ".vtt",
    lambda links: [links.captions] if links.captions else [],
    others=lambda links: links.other_captions,
)
MEDIA_KINDS = {kind.name: kind for kind in (VIDEOS, COVERPHOTOS, PHOTOS, CAPTIONS)}


def id_of(name: str) -> str:
    """Return the id of the TikTok that a file belongs to."""
    return name.partition("/")[0]
