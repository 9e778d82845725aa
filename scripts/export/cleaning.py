"""What never leaves: ids of the browser that scraped, signatures of links, paths of this machine.

In: records and reasons as they are here. Out: the same, fit for anybody.
"""

import re
from collections.abc import Iterable
from typing import Any

from scripts.rawinfo.catalogue import Post
from scripts.rawinfo.links import redact, without_signature

# Keys of whoever scraped, in small letters without anything else; no dialect of raw info has
# another meaning for them.
_COLLECTORS_KEYS = frozenset(
    [
        "webid",
        "deviceid",
        "installid",
        "odinid",
        "mstoken",
        "ttwid",
        "verifyfp",
        "svwebid",
        "sessionid",
        "ttchaintoken",
        "ttcsrftoken",
        "xbogus",
        "xgnarly",
        "useragent",
        "cookie",
        "cookies",
        "headers",
    ]
)
# In the queries of links, as the page's own requests have them.
_IN_QUERY = re.compile(
    r"[?&](?:web_?id|device_?id|did|iid|install_?id|odin_?id|ttwid|s_v_web_id|verifyFp|msToken)"
    r"=([^&#\s\"'\\]+)",
    re.IGNORECASE,
)
_SHORTEST_ID = 8  # of browsers; a shorter one would be found in what has nothing to do with it
_TOKEN = re.compile(r"[\w-]{8,}")
# What people write, where a question mark doesn't begin a query.
_WRITTEN = frozenset(
    [
        "description",
        "creator-username",
        "creator-nickname",
        "username",
        "nickname",
        "music-title",
        "comment-text",
        "text",
        "commenter-username",
        "commenter-handle",
        "time-posted",
        "timeposted",
        "posted",
        "time",
        "hashtags",
        "sticker-texts",
    ]
)
_UNSPACED = re.compile(r"\S+")
_LINK_SIGN = re.compile(r"://|tiktok\.com/", re.IGNORECASE)
_PATH = re.compile(r"(?<![\w:/])~?(?:/[^\s/:'\"()]+){2,}")


def collectors_ids(posts: Iterable[Post]) -> frozenset[str]:
    """The ids of browsers and sessions that these records were scraped with."""
    found: set[str] = set()
    ids: set[str] = set()
    for post in posts:
        ids.add(post.id)
        _collect(post.info, found)
    return frozenset(id for id in found if len(id) >= _SHORTEST_ID) - ids


def _collect(value: Any, found: set[str], key: str = "") -> None:
    if isinstance(value, dict):
        for name, item in value.items():
            _collect(item, found, name)
    elif isinstance(value, list):
        for item in value:
            _collect(item, found, key)
    elif value is not None and _is_collectors(key):
        found.add(str(value))
    elif isinstance(value, str):
        found.update(_IN_QUERY.findall(value))


def _is_collectors(key: str) -> bool:
    return re.sub("[^a-z]", "", key.lower()) in _COLLECTORS_KEYS


def cleaned(value: Any, secrets: frozenset[str], key: str = "") -> Any:
    """A record, or a part of it, without ids of the collector and signatures of links."""
    if isinstance(value, dict):
        return {
            _without(name, secrets): cleaned(item, secrets, name)
            for name, item in value.items()
            if not _is_collectors(name)
        }
    if isinstance(value, list):
        return [cleaned(item, secrets, key) for item in value]
    if isinstance(value, str):
        if key in _WRITTEN:
            return _without(clean_text(value), secrets)
        return _without(without_signature(value), secrets)
    return None if str(value) in secrets else value


def clean_text(text: str) -> str:
    """What somebody wrote, its links without their queries."""
    return _UNSPACED.sub(
        lambda match: without_signature(match[0]) if _LINK_SIGN.search(match[0]) else match[0], text
    )


def clean_reason(reason: str) -> str:
    """Why something failed, without queries of links and paths of this machine."""
    return _PATH.sub("…", redact(reason))


def _without(text: str, secrets: frozenset[str]) -> str:
    return _TOKEN.sub(lambda match: "" if match[0] in secrets else match[0], text)
