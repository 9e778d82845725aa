"""The id of a TikTok: what it looks like, where an address names it, and when it was rounded."""

import re

# A regular expression for a whole id, in ASCII digits.
ID_PATTERN = "[0-9]{1,20}"
# Ids have 19 digits. A number of 64 bits with a fraction (JavaScript, spreadsheets) keeps 15 to 17
# of them, so a rounded id ends in three zeros or more; one id in a thousand does so by chance.
_ROUNDED = re.compile("[1-9][0-9]{12,16}0{3,}")
_ID = re.compile(ID_PATTERN)
_LINKED = re.compile(rf"/(?:video|photo|v|embed|embed/v2)/({ID_PATTERN})(?![0-9])")


def is_id(text: str) -> bool:
    """Whether this can be the id of a TikTok."""
    return _ID.fullmatch(text) is not None


def find_id_in_address(address: str) -> str | None:
    """The id in the address of a post (`…/@user/video/<id>`), or None."""
    match = _LINKED.search(address)
    return match and match[1]


def looks_rounded(id: str) -> bool:
    """Whether an id ends like one that a spreadsheet or JavaScript rounded."""
    return _ROUNDED.fullmatch(id) is not None
