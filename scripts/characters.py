"""Decide which characters are letters in which script, and what is a hashtag."""

import html
import re
import unicodedata
from collections.abc import Iterator

# Many scripts write vowels as marks, which `\w` does not match. The range ends before the variation
# selectors of emoji.
MARKS = "".join(
    char for char in map(chr, range(0xFE00)) if unicodedata.category(char) in ("Mn", "Mc")
)
# The site allows emoji in hashtags, and the characters that join or vary them inside a tag.
_EMOJI = "\u2300-\u23ff\u2600-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff"
_JOINERS = "\u200c\u200d\ufe0e\ufe0f\u20e3\U000e0020-\U000e007f"
_HASH = "[#\uff03]"
# `&#39;` is an apostrophe, not a hashtag.
_NO_ENTITY = "(?:(?<!&)|(?!#(?:[0-9]{1,7}|[xX][0-9a-fA-F]{1,6});))"
HASHTAG = re.compile(rf"{_NO_ENTITY}{_HASH}([\w{_EMOJI}][\w{MARKS}{_EMOJI}{_JOINERS}]*)")
_BETWEEN = re.compile(rf"{_HASH}|[\s,;\uff0c\u3001\u060c]+")
_VARIATIONS = re.compile("[\ufe0e\ufe0f]")
# Scripts that are written without spaces between words (the inside of a character class): Thai,
# Lao, Burmese, Khmer, kana, Chinese characters.
UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)


def without_surrogates(text: str) -> str:
    """Return the text with `?` for each half of a surrogate pair, which UTF-8 can't write.

    Command lines and JSON can pass such halves; databases and models take none.
    """
    return text.encode("utf-8", "replace").decode()


def find_hashtags(text: str) -> Iterator[str]:
    """Return the hashtags of a text in order, in their normal form."""
    return map(normal_hashtag, HASHTAG.findall(html.unescape(text)))


def split_hashtags(item: str) -> Iterator[str]:
    """Yield the hashtags in an item of a list (`a`, `#a #b`, `a, b`), in their normal form."""
    # Some scrapers escape texts twice.
    for part in _BETWEEN.split(html.unescape(html.unescape(item))):
        if HASHTAG.match(f"#{part}"):
            yield normal_hashtag(part)


def normal_hashtag(tag: str) -> str:
    """Return the form in which hashtags are stored and searched: in lower case, without `#`.

    `İSTANBUL` becomes `istanbul`, as Turkish writers mean it, without a second dot on the i.
    """
    tag = unicodedata.normalize("NFC", tag.strip().lstrip("#\uff03")).lower()
    return unicodedata.normalize("NFC", _VARIATIONS.sub("", tag).replace("i\u0307", "i"))
