"""Decide whether a file is complete, with the check for its kind of media."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from scripts.media.captions import verify_captions
from scripts.media.images import verify_image
from scripts.media.video import verify_video

VERIFIERS: Mapping[str, Callable[[Path], dict[str, Any]]] = {
    "videos": verify_video,
    "coverphotos": verify_image,
    "photos": verify_image,
    "captions": verify_captions,
}


def verify_media(kind: str, file: Path) -> dict[str, Any]:
    """Facts about a complete file, for its receipt. kind: "videos", "coverphotos", ...

    Raises DamagedMediaError (one sentence) if the file is damaged or of another kind, and OSError
    for a failing disk. Thread-safe. Time and memory are bounded, whatever the bytes are.
    """
    return VERIFIERS[kind](file)
