"""Find media that the user has already: next to their metadata in `data/info`, or in other folders.

In: names of files, which are untrusted. Out: for each download, the files that may be it;
`scripts.download.own_files` verifies them. Nothing here changes the user's files.
"""

import os
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from scripts.rawinfo.catalogue import Catalogue
from scripts.rawinfo.ids import FULL_ID_PATTERN
from scripts.rawinfo.inventory import FileContents
from scripts.rawinfo.media_files import CAPTIONS, IMAGE, VIDEO, type_of_file
from scripts.rawinfo.problems import Problem
from scripts.store import media_kinds

_TYPES = {
    media_kinds.VIDEOS.name: VIDEO,
    media_kinds.COVERPHOTOS.name: IMAGE,
    media_kinds.PHOTOS.name: IMAGE,
    media_kinds.CAPTIONS.name: CAPTIONS,
}
_METADATA = re.compile(r"(?:\.info)?\.json(?:\.gz)?$", re.IGNORECASE)
_UNFINISHED = (".part", ".ytdl", ".tmp", ".crdownload")
_ID = re.compile(rf"(?<![0-9]){FULL_ID_PATTERN}(?![0-9])")  # as in lists of links
_BRACKETED = re.compile(rf"\[({FULL_ID_PATTERN})[]_]")  # as yt-dlp and gallery-dl write it
_SLIDE = re.compile(r"[_-]0{0,3}([1-9][0-9]{0,3})(?![0-9A-Za-z])", re.ASCII)  # after the id


class _Found(NamedTuple):
    """A file of a post. slide: the number after the id in its name."""

    path: Path
    slide: int | None


@dataclass(frozen=True)
class OwnFiles:
    """The user's media by the post that they belong to, the most likely file first.

    problems: the files that the run cannot use, and why.
    """

    _of_post: Mapping[str, list[_Found]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def candidates(self, kind: str, name: str) -> tuple[Path, ...]:
        """Return the files that may be this download, in the order in which to try them."""
        id, _, number = name.partition("/")
        found = [one for one in self._of_post.get(id, ()) if type_of_file(one.path) == _TYPES[kind]]
        if kind == media_kinds.PHOTOS.name:
            found = [one for one in found if one.slide == int(number)]
        elif kind == media_kinds.COVERPHOTOS.name:
            found = [one for one in found if one.slide is None]
        elif kind == media_kinds.CAPTIONS.name and len(found) > 1:
            return ()  # nothing says which of them is in the language of the post
        return tuple(one.path for one in found)


def find_own_files(catalogue: Catalogue, folders: Iterable[str], data: Path) -> OwnFiles:
    """Find the media in `data/info` and in other folders that belong to posts of the catalogue.

    Reads only names. A folder that cannot be read is reported in `problems`.
    """
    known = catalogue.newest
    described = _described(catalogue.inventory.files)
    of_post: dict[str, list[_Found]] = defaultdict(list)
    own = OwnFiles(of_post)
    for path in catalogue.inventory.media:
        if path.name.endswith(_UNFINISHED):
            continue
        id, slide = _post_of(path, described, known)
        if id is not None:
            _add(own, of_post[id], path, slide, data / "info")
        else:
            remedy = "Put its metadata next to it, or add the id of its post to its name"
            message = "this media file belongs to no post in data/info"
            own.problems.append(Problem(str(path), None, None, message, remedy))
    for name in folders:
        folder = Path(name).expanduser()
        for path in walk_folder(folder, data.resolve(), own.problems):
            id, slide = _post_of(path, described, known)
            if id is not None and not path.name.endswith(_UNFINISHED):
                _add(own, of_post[id], path, slide, folder)
    for found in of_post.values():
        found.sort(key=lambda one: (len(one.path.name), str(one.path)))
    return own


def _add(own: OwnFiles, found: list[_Found], path: Path, slide: int | None, folder: Path) -> None:
    """Add a file, unless it is a link that leads out of its folder: that is a problem."""
    try:
        resolved = path.resolve(strict=True) if path.is_symlink() else path.absolute()
        if not path.is_symlink() or resolved.is_relative_to(folder.resolve()):
            found.append(_Found(resolved, slide))
            return
        message = "this link leads out of its folder, so it was not followed"
    except (OSError, RuntimeError):
        message = "the target of this link is missing"
    remedy = "Add the folder that contains the file to media_folders"
    own.problems.append(Problem(str(path), None, None, message, remedy))


def _described(files: Iterable[FileContents]) -> dict[Path, str]:
    """Map each metadata file that describes one post, by its path without the ending, to its id."""
    described = {}
    for file in files:
        path = Path(file.name)
        if file.only_post is not None and (name := _METADATA.sub("", path.name)):
            described[path.with_name(name)] = file.only_post
    return described


def _post_of(
    path: Path, described: Mapping[Path, str], known: Collection[str]
) -> tuple[str | None, int | None]:
    """Return the post that a file belongs to, by its metadata or name, and the slide's number."""
    parts = path.name.split(".")
    stems = (".".join(parts[:end]) for end in range(len(parts), 0, -1))
    id = next((described[p] for s in stems if s and (p := path.with_name(s)) in described), None)
    if id is None:
        id = _id_in(path.name, known)
    if id is None and path.parent.name in known and parts[0].isdecimal():
        return path.parent.name, int(parts[0][:9])
    slide = None if id is None else _SLIDE.match(path.name, path.name.find(id) + len(id))
    return id, int(slide[1]) if slide and id is not None and id in path.name else None


def _id_in(name: str, known: Collection[str]) -> str | None:
    """Return the only known post whose id is part of a name; None if there are several or none."""
    stem = name.partition(".")[0]
    if stem in known:
        return stem
    found = set(_ID.findall(name)).intersection(known)
    bracketed = found.intersection(_BRACKETED.findall(name))
    found = bracketed or found
    return found.pop() if len(found) == 1 else None


def walk_folder(folder: Path, data: Path, problems: list[Problem]) -> Iterator[Path]:
    """Yield all files that are not hidden, except those in the data folder itself."""

    def report(error: OSError) -> None:
        message = f"the folder can't be read ({error.strerror})"
        remedy = "Check its path under media_folders, and its permissions"
        problems.append(Problem(str(error.filename or folder), None, None, message, remedy))

    for place, folders, files in os.walk(folder, onerror=report):
        folders[:] = sorted(
            name
            for name in folders
            if not name.startswith(".") and not Path(place, name).resolve().is_relative_to(data)
        )
        if not Path(place).resolve().is_relative_to(data):
            yield from (Path(place, name) for name in sorted(files) if not name.startswith("."))
