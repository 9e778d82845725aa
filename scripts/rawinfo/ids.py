"""The id of a TikTok: its form, how to find it in an address, and if it was rounded."""

import re
from typing import Any
from urllib.parse import unquote

from scripts.rawinfo.languages import plain

# A regular expression for a whole id, in ASCII digits.
MAX_DIGITS = 20
ID_PATTERN = f"[0-9]{{1,{MAX_DIGITS}}}"
# Ids have 19 digits. A 64-bit floating-point number (JavaScript, spreadsheets) keeps 15 to 17 of
# them, so a rounded id often ends in three zeros or more. One id in a thousand does so by chance.
_ROUNDED = re.compile("[1-9][0-9]{12,16}0{3,}")
_FULL_ID = re.compile("[0-9]{15,20}")  # a shorter number among other signs may be anything
_LINKED = re.compile(
    rf"(?:/(?:video|photo|v|embed|embed/v2|player/v1)/|[?&](?:share_)?(?:item|aweme)_id=)"
    rf"({ID_PATTERN})(?![0-9])"
)
_OTHER_HOST = re.compile(
    r"(?:https?:)?//(?!(?:[\w.-]*\.)?tiktok[a-z-]*\.[a-z]+[/:?#])", re.IGNORECASE
)
_LONGEST_ADDRESS = 8192
_AROUND_ID = "'\"`"  # what makes a spreadsheet take it for text


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
    text = plain(value).strip(_AROUND_ID).removesuffix(".0")
    return text if _FULL_ID.fullmatch(text) else find_id_in_address(value)


def find_id_in_address(address: str) -> str | None:
    """Return the id in the address of a post (`…/@user/video/<id>`), or None.

    The address may be escaped or without its host; that of another site names no TikTok.
    """
    if len(address) > _LONGEST_ADDRESS:
        return None
    address = address.strip()
    if "\\" in address or "%" in address:
        address = unquote(address.replace("\\/", "/"))
    match = None if _OTHER_HOST.match(address) else _LINKED.search(address)
    return match and match[1]


def looks_rounded(id: str) -> bool:
    """True if the id looks as if a spreadsheet or JavaScript rounded it."""
    return id.endswith("000") and _ROUNDED.fullmatch(id) is not None
