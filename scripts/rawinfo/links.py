"""Links: what kind of link it is, when it expires, and how to keep it out of messages.

In: a link as scraped, which is untrusted. Out: a `Link`. Nothing here raises or makes a request. A
host that passes here may still resolve to a private address: only the code that connects can refuse
that. Signed queries are credentials, so no message of this module contains one.
"""

import ipaddress
import re
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import SplitResult, parse_qsl, urlsplit

DOWNLOADABLE = "downloadable"
BLOB = "blob"
PAGE = "page"
MISSING = "missing"
UNSUPPORTED = "unsupported"

MAX_LINK_CHARS = 8192
MAX_HOST_CHARS = 253

# Expiries outside these bounds are not unix seconds: TikTok is younger, and 2200 is milliseconds.
YEAR_2015 = 1420070400
YEAR_2200 = 7258118400

_PAGE_HOSTS = frozenset(
    {"tiktok.com", "www.tiktok.com", "m.tiktok.com", "vm.tiktok.com", "vt.tiktok.com"}
)
# The only path on a page host that leads to a media file: the player uses it as a fallback.
_PLAY_PATH = "/aweme/v1/play/"
_EXPIRY_NAMES = frozenset({"expire", "x-expires", "urlexpire"})

_IMPOSSIBLE_HOST = "the link has an invalid host or port"

_PLAIN = bytes(code for code in range(0x21, 0x7F) if code != ord("\\"))
_USUAL = re.compile(r"https?://([a-z0-9.-]{1,253})/")
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_NUMERIC_LABEL = re.compile(r"[0-9]+|0x[0-9a-f]*")
_SIGNED_PATH = re.compile(r"/[0-9a-f]{32}/([0-9a-f]{8})/", re.IGNORECASE)
_SIGNATURE = re.compile(r"(?<=/)[0-9a-f]{32}(?=/[0-9a-f]{8}/)", re.IGNORECASE)
_SECONDS = re.compile(r"[0-9]{1,12}", re.ASCII)

_TOKEN = re.compile(r"\S+")
_CREDENTIALS = re.compile(r"//[^/]*@")
_QUERY = re.compile(r"(?:\?|%3f)\S.*|&[\w.%-]+=.*", re.IGNORECASE | re.DOTALL)
_CLOSING = ")]}>'\",;:."


@dataclass(frozen=True, slots=True)
class Link:
    """What a link is.

    kind: one of the kinds above. host: in lower case. expires_at: unix seconds. reason: why the
    link can't be downloaded, in words; empty if it can.
    """

    kind: str
    host: str | None
    expires_at: int | None
    reason: str


def inspect_link(url: str | None) -> Link:
    """Return what `url` is, without any request. Never raises."""
    if url is None or not url.strip():
        return Link(MISSING, None, None, "there is no link")
    if url[:5].lower() == "blob:":
        return Link(BLOB, None, None, "only the browser that scraped can open a blob: link")
    fault = _fault_of_text(url)
    if fault:
        return Link(UNSUPPORTED, None, None, fault)
    try:
        parts = urlsplit(url)
        host, fault = parts.hostname, _fault_of_parts(parts)
    except ValueError:
        return Link(UNSUPPORTED, None, None, _IMPOSSIBLE_HOST)
    if fault or host is None:
        return Link(UNSUPPORTED, None, None, fault or _IMPOSSIBLE_HOST)
    if host.rstrip(".") in _PAGE_HOSTS and not parts.path.startswith(_PLAY_PATH):
        return Link(PAGE, host, None, "the link leads to a page of the site, not to a file")
    return Link(DOWNLOADABLE, host, _expiry(parts), "")


def is_downloadable(url: str) -> bool:
    """True if `inspect_link` calls the link downloadable. This is faster for the usual links."""
    match = _USUAL.match(url) if len(url) <= MAX_LINK_CHARS and _is_plain(url) else None
    if match and match[1].rstrip(".") not in _PAGE_HOSTS:
        return _is_usual_name(match[1])
    return inspect_link(url).kind == DOWNLOADABLE


def redact(text: str) -> str:
    """Remove the query, fragment and credentials of all links in a text. Never raises.

    It is made for messages of exceptions, which contain whole links, or paths with a query ("url:
    /video?signature=…"). When in doubt, it removes too much.
    """
    return _TOKEN.sub(_redact_token, text)


def without_signature(text: str) -> str:
    """Redact a text, and replace signatures in the paths of links with zeros. Never raises.

    What remains of a link says where the file was and, if its path names it, when the link expired.
    """
    return _SIGNATURE.sub("0" * 32, redact(text))


def _fault_of_text(url: str) -> str | None:
    if len(url) > MAX_LINK_CHARS:
        return f"the link is longer than {MAX_LINK_CHARS} characters"
    if not _is_plain(url):
        return "the link contains spaces, backslashes, control or non-ASCII characters"
    return None


def _is_plain(url: str) -> bool:
    """True for printable ASCII without spaces and backslashes."""
    return url.isascii() and not url.encode().translate(None, _PLAIN)


def _fault_of_parts(parts: SplitResult) -> str | None:
    """Return why the link can't be fetched, or None. Raises ValueError for a bad host or port."""
    if parts.scheme not in ("http", "https"):
        return "the link is neither http nor https"
    if "@" in parts.netloc:
        return "the link contains a user name or password"
    host = parts.hostname
    if parts.port == 0 or not host or not (_is_address if "[" in parts.netloc else _is_name)(host):
        return _IMPOSSIBLE_HOST
    return None


def _is_name(host: str) -> bool:
    """True if it is a DNS name, or an IPv4 address in its usual form.

    Clients interpret addresses in other forms (2130706433, 0x7f.1, 127.1) differently, which is how
    such addresses get past checks.
    """
    labels = host.removesuffix(".").split(".")
    if len(host) > MAX_HOST_CHARS or not all(_LABEL.fullmatch(label) for label in labels):
        return False
    return not _NUMERIC_LABEL.fullmatch(labels[-1]) or _is_address(host)


@lru_cache(maxsize=1024)
def _is_usual_name(host: str) -> bool:
    return _is_name(host)


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return "%" not in host  # an IPv6 zone names an interface of this machine


def _expiry(parts: SplitResult) -> int | None:
    """Return the earliest plausible expiry that the link names, in unix seconds."""
    found = [
        int(value)
        for name, value in parse_qsl(parts.query)
        if name.lower() in _EXPIRY_NAMES and _SECONDS.fullmatch(value)
    ]
    signed = _SIGNED_PATH.match(parts.path)
    if signed:
        found.append(int(signed[1], 16))
    return min((time for time in found if YEAR_2015 <= time < YEAR_2200), default=None)


def _redact_token(match: re.Match[str]) -> str:
    token = match[0]
    link = token.rstrip(_CLOSING)
    kept = _QUERY.sub("", _CREDENTIALS.sub("//", link))
    if "/" in kept:
        kept = kept.split("#")[0]
    return kept + token[len(link) :]
