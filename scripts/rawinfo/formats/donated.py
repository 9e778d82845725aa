"""A person's own data, as the site exports them (`user_data_tiktok.json`, or its text files).

Only the lists of links are read: what the person watched, liked, saved and shared. Everything else
(messages, log-ins, addresses) is neither read nor kept.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from scripts.rawinfo.formats.found import Found, Refused, WantedPost
from scripts.rawinfo.formats.links import wanted_posts

NAME = "a person's own data"
LIST = "__list"  # the key for the name of the list that contains an entry

# The lists with links, by the keys that lead to them, in old and new exports.
SECTIONS = ("Activity", "Your Activity", "Likes and Favorites")
LISTS = {
    "Video Browsing History": "VideoList",
    "Watch History": "VideoList",
    "Like List": "ItemFavoriteList",
    "Favorite Videos": "FavoriteVideoList",
    "Share History": "ShareHistoryList",
}


def recognises(entry: dict[str, Any]) -> bool:
    """True if the value is an entry of a list with times and links."""
    return {key.lower() for key in entry if key != LIST} >= {"date", "link"}


def read(entry: dict[str, Any]) -> Iterator[Found]:
    """The post that an entry links to."""
    values = {key.lower(): value for key, value in entry.items()}
    link = values["link"]
    wanted = wanted_posts(link) if isinstance(link, str) else []
    if not wanted:
        yield Refused("it has no link to a post")
    for post in wanted[:1]:
        yield WantedPost(post.link, post.id, entry.get(LIST), _seconds(values["date"]))


def _seconds(date: Any) -> int | None:
    """Unix seconds: the site writes these times in UTC, "2023-05-01 12:30:00"."""
    try:
        moment = datetime.fromisoformat(date.removesuffix(" UTC"))
    except (AttributeError, ValueError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return int(moment.timestamp()) if moment.year > 1970 else None


def leads_to_list(path: tuple[str, ...]) -> bool:
    """True if a path of keys is one of the lists with links, or leads to one."""
    section, *rest = path
    if section not in SECTIONS or len(rest) > 2:
        return False
    return not rest or (rest[0] in LISTS and rest[1:] in ([], [LISTS[rest[0]]]))


def entry_of(entry: Any, path: tuple[str, ...]) -> Any:
    """An entry, with the name of its list, taken from the path to it."""
    if len(path) == 3 and path[1] in LISTS and isinstance(entry, dict):
        return {**entry, LIST: path[1]}
    return entry
