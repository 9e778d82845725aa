"""Remove what no package may contain: the browser's ids, signatures of links, and local paths.

In: records and reasons as they are here. Out: the same, without these.
"""

import re
from collections.abc import Iterable
from typing import Any

from scripts.rawinfo.catalogue import Post
from scripts.rawinfo.links import redact, without_signature

# Keys that identify the collector, reduced to lower-case letters. They have no other meaning in any
# dialect of raw info.
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
# The same ids in the queries of links, where the page's own requests put them.
_IN_QUERY = re.compile(
    r"[?&](?:web_?id|device_?id|did|iid|install_?id|odin_?id|ttwid|s_v_web_id|verifyFp|msToken)"
    r"=([^&#\s\"'\\]+)",
    re.IGNORECASE,
)
_SHORTEST_ID = 8  # characters of a browser's id; shorter ones would be found in unrelated text
_TOKEN = re.compile(r"[\w-]{8,}")
# Texts that people write: here, a question mark does not begin a query.
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
    """Return the ids of the browsers and sessions that scraped these records."""
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
    """Return a record, or a part of it, without the collector's ids and signatures of links."""
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
    """Return a text that somebody wrote, with links without their queries."""
    return _UNSPACED.sub(
        lambda match: without_signature(match[0]) if _LINK_SIGN.search(match[0]) else match[0], text
    )


def clean_reason(reason: str) -> str:
    """Return the reason of a failure, without queries of links and paths of this machine."""
    return _PATH.sub("…", redact(reason))


def _without(text: str, secrets: frozenset[str]) -> str:
    return _TOKEN.sub(lambda match: "" if match[0] in secrets else match[0], text)
