"""The id of a TikTok: its form, how to find it in an address, and if it was rounded."""

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any
from urllib.parse import unquote

from scripts.rawinfo.languages import plain

# A regular expression for a whole id, in ASCII digits.
MAX_DIGITS = 20
ID_PATTERN = f"[0-9]{{1,{MAX_DIGITS}}}"
# Ids have 19 digits. A 64-bit floating-point number (JavaScript, spreadsheets) keeps 15 to 17 of
# them, so a rounded id often ends in three zeros or more. One id in a thousand does so by chance.
_ROUNDED = re.compile("[1-9][0-9]{12,16}0{3,}")
# An id as spreadsheets show a long number, 7.17E+18.
ROUNDED_ID = re.compile(r"(?<![\w.+-])[1-9](?:[.,][0-9]{1,17})?[eE]\+?1[4-9](?![\w.])", re.ASCII)
EXPORT_AS_TEXT = "Export the column of the ids as text, because programs round long numbers"
FULL_ID_PATTERN = "[0-9]{15,20}"  # a shorter number among other signs may be anything
_FULL_ID = re.compile(FULL_ID_PATTERN)
_USUAL = re.compile(
    rf"https://www\.tiktok\.com/@[\w.-]{{0,64}}/(?:video|photo)/({ID_PATTERN})", re.ASCII
)
_LINKED = re.compile(
    r"(?:/(?:video|photo|v|item|embed|embed/v2|player/v1)/"
    r"|[?&](?:(?:share_)?(?:item|aweme)_?|share)id=)"
    rf"({ID_PATTERN})(?![0-9]|\.[0-9])",
    re.IGNORECASE,
)
_SITE = re.compile(
    r"(?<![\w.-])(?:[a-z0-9-]{1,63}\.){0,4}tiktokv?\.[a-z]{2,3}(?=[/:?#])",
    re.IGNORECASE | re.ASCII,
)
# The site's name within the path of another site is no address, except in that of an archive.
_IN_PATH = re.compile(r"(?<!/)/\Z")
_IN_ARCHIVE = re.compile(r"/web/[0-9]{4,14}[a-z_]{0,8}/\Z")
_LONGEST_ARCHIVE = 40  # characters of the end of an archive's address that are looked at
_HOST = re.compile("(?:https?:)?//", re.IGNORECASE)
_ESCAPED_SLASH = re.compile(r"\\u002f|\\/|&#(?:x2f|47);", re.IGNORECASE)
_MOST_ESCAPES = 4  # an address in an address in an address is escaped three times
BREAK = re.compile(r"[\s,;|`\"<>()\[\]{}\u201c-\u201e\u00ab\u00bb]+")  # also of Markdown and HTML
_LONGEST_ADDRESS = 8192
AROUND_ID = "'\"`"  # what makes a spreadsheet take it for text


def is_id(text: str) -> bool:
    """True if this can be the id of a TikTok."""
    return len(text) <= MAX_DIGITS and text.isascii() and text.isdigit()


def read_id(value: Any) -> str | None:
    """Return the id in a field: a whole number, a text that shows one, or an address; or None."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or len(value) > _LONGEST_ADDRESS:
        return None
    if is_id(value):
        return value
    text = plain(value).strip(AROUND_ID).removesuffix(".0")
    return text if _FULL_ID.fullmatch(text) else find_id_in_address(value)


def find_id_in_address(address: str) -> str | None:
    """Return the id in the address of a post (`…/@user/video/<id>`), or None.

    The address may be escaped, without its host, or within that of another site, which redirects to
    it or archived it. Otherwise, an address of another site names no TikTok.
    """
    if usual := _USUAL.fullmatch(address):
        return usual[1]
    if len(address) > _LONGEST_ADDRESS:
        return None
    address = _unescaped(address.strip())
    found = list(_addresses_in(address)) or ([] if _HOST.match(address) else [address])
    return next(filter(None, map(linked_id, found)), None)


def linked_id(address: str) -> str | None:
    """Return the id in an address from `addresses_in`, or None."""
    match = _LINKED.search(address)
    return match and match[1]


def addresses_in(text: str) -> Iterator[str]:
    """Yield the site's addresses in a text, without schemes, and those within other addresses."""
    return _addresses_in(_unescaped(text))


def _addresses_in(text: str) -> Iterator[str]:
    """Do the same for a text without escapes."""
    if "tiktok" not in text.lower():  # nearly always
        return
    for word in BREAK.split(text):
        starts = [m.start() for m in _SITE.finditer(word) if _begins_address(word, m.start())]
        for start, end in pairwise([*starts, len(word)]):
            yield word[start:end]


def _begins_address(word: str, start: int) -> bool:
    """True if an address begins here, and not a part of the path of another one."""
    before = word[max(start - _LONGEST_ARCHIVE, 0) : start]
    return not _IN_PATH.search(before) or _IN_ARCHIVE.search(before) is not None


def _unescaped(text: str) -> str:
    """Return a text without the escapes of JSON, HTML and addresses."""
    if "\\" in text or "&" in text:
        text = _ESCAPED_SLASH.sub("/", text).replace("&amp;", "&")
    for _ in range(_MOST_ESCAPES):
        if "%" not in text:
            break
        text = unquote(text)
    return text


def looks_rounded(id: str) -> bool:
    """True if the id looks as if a spreadsheet or JavaScript rounded it."""
    return id.endswith("000") and _ROUNDED.fullmatch(id) is not None
