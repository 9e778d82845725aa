"""List what the files of raw info contain, and the posts that are known only by their link."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from scripts.counts import counted, them
from scripts.errors import examples

_MOST_FILES = 20


class Mention(NamedTuple):
    """A place that contains a link to a post.

    list: the list in a person's own data. seen_at: the time that this list gives (unix seconds).
    """

    file: str
    record: int
    list: str | None
    seen_at: int | None


@dataclass(slots=True)
class FileContents:
    """What one file contains.

    first_id: the id of its first post. new_posts: the number of posts that no earlier file has.
    comments_of: the number of comments for each post.
    """

    name: str
    first_id: str = ""
    formats: Counter[str] = field(default_factory=Counter)
    posts: int = 0
    new_posts: int = 0
    comments: int = 0
    comments_of: Counter[str] = field(default_factory=Counter)
    links: int = 0
    problems: int = 0

    @property
    def is_used(self) -> bool:
        """True if the file contains anything that can be used."""
        return bool(self.posts or self.comments or self.links)

    @property
    def only_post(self) -> str | None:
        """The id of the post that the whole file describes; None if it contains anything else."""
        return self.first_id if self.posts == sum(self.formats.values()) == 1 else None


@dataclass(slots=True)
class Inventory:
    """What all files contain.

    media: the files that are media. mentions: the places of each link to a post, by the post's id,
    or by the short link if only the site knows the id. orphans: the number of comments on each post
    that no file contains.
    """

    files: list[FileContents] = field(default_factory=list)
    media: list[Path] = field(default_factory=list)
    mentions: dict[str, list[Mention]] = field(default_factory=dict)
    orphans: Mapping[str, int] = field(default_factory=dict)

    def wanted(self, known: Collection[str]) -> list[str]:
        """Return the ids and short links of posts that are not `known`, in the order of reading."""
        return [id for id in self.mentions if id not in known]

    def lines(self, wanted: Collection[str]) -> list[str]:
        """Describe what was found, one line for each file, and what was left out and why.

        wanted: the posts that are known only by their link, so that the site can be asked about
        them.
        """
        used = [file for file in self.files if file.is_used or file.problems]
        lines = [_line(file, self.orphans) for file in used[:_MOST_FILES]]
        if len(used) > _MOST_FILES:
            lines.append(f"{counted(len(used) - _MOST_FILES, 'more files')}.")
        if self.orphans:
            count = counted(sum(self.orphans.values()), "comments")
            lines.append(
                f"{count} left out, because no file contains their posts "
                f"({examples(sorted(self.orphans))})."
            )
        if wanted:
            is_one = len(wanted) == 1
            how = "is known only by its link" if is_one else "are known only by their link"
            lines.append(
                f"{counted(len(wanted), 'posts')} {how}. Run `snakemake --cores 1 scrape` to ask "
                f"the site about {them(len(wanted))}."
            )
        return lines


def _line(file: FileContents, orphans: Mapping[str, int]) -> str:
    attached = sum(n for id, n in file.comments_of.items() if id not in orphans)
    parts = []
    if file.posts:
        parts.append(f"{counted(file.posts, 'posts')} ({file.new_posts:,} new)")
    if file.comments:
        parts.append(f"{counted(file.comments, 'comments')} ({attached:,} attached to their posts)")
    if file.links:
        parts.append(counted(file.links, "links"))
    if file.problems:
        parts.append(counted(file.problems, "problems"))
    formats = " and ".join(sorted(file.formats)) or "unknown format"
    name = file.name.encode("utf-8", "replace").decode()
    return f"{name}: {formats}: {', '.join(parts)}."
