"""Decide whether a caption track is complete."""

import codecs
import json
import re
from pathlib import Path
from typing import Any

from scripts.errors import DamagedMediaError
from scripts.media.formats import HEAD_BYTES, require_format

MAX_CAPTIONS_BYTES = 10 * 2**20  # an hour of speech takes about 1 MB
# SubRip has no header: it starts with the number of its first cue.
SUBRIP = re.compile(
    rb"\s{0,100}(?:[0-9]{1,9}[ \t]*\r?\n)?[ \t]*[0-9:.,]{1,40}[ \t]*-->[ \t]*[0-9:.,]"
)


def as_utf8(data: bytes) -> bytes:
    """Return a text in UTF-16 with a byte order mark as UTF-8, and anything else unchanged."""
    if not data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data
    try:
        return data.decode("utf-16").encode()
    except UnicodeError:
        return data


def verify_captions(path: Path | str) -> dict[str, Any]:
    """Check a caption track. Facts: format (WebVTT, SubRip or creator_caption).

    Raises DamagedMediaError if the file is something else, or cut.
    """
    with Path(path).open("rb") as file:
        data = file.read(MAX_CAPTIONS_BYTES + 1)
    if len(data) > MAX_CAPTIONS_BYTES:
        raise DamagedMediaError(f"The caption track has more than {MAX_CAPTIONS_BYTES:,} bytes.")
    data = as_utf8(data)
    text = data.lstrip(b"\xef\xbb\xbf \t\r\n")
    if text.startswith(b"WEBVTT") or SUBRIP.match(text):
        try:
            data.decode()
        except UnicodeDecodeError:
            raise DamagedMediaError("The caption track is not UTF-8 text.") from None
        return {"format": "WebVTT" if text.startswith(b"WEBVTT") else "SubRip"}
    require_format(data[:HEAD_BYTES], ("JSON",), "caption track")
    try:
        json.loads(data)
    except (ValueError, RecursionError):
        raise DamagedMediaError("The caption track is cut or damaged JSON.") from None
    return {"format": "creator_caption"}
