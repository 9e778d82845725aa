"""Recognised texts: `data/<kind>/<id>.txt`, each with a receipt that says how it was made.

A text is finished if its receipt says that it was made from the present media (`made_of`), and with
the configured settings (`asked`).

Texts can be made again, so they are not synced to disk one by one: waiting for the disk takes
longer than reading a cover. A power cut may then leave empty files with their names, which
`remove_torn_texts` finds at the start of the next run.
"""

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from scripts.files import decode_json, hash_file, write_atomic
from scripts.store.text_kinds import TEXT_KINDS
from scripts.version import SOFTWARE

OK = "ok"
UNREADABLE = "unreadable"
AUTO = "auto"  # chooses the best one of these engines for the languages
OCR_ENGINES = ("rapidocr", "pytesseract", "tesserocr")
OUTCOMES = (OK, UNREADABLE)


def text_path(data: Path, kind: str, id: str) -> Path:
    """Return the path of a text."""
    return data / kind / f"{id}.txt"


def receipt_path(data: Path, kind: str, id: str) -> Path:
    """Return the path of a text's receipt."""
    return data / "receipts" / kind / f"{id}.json"


def write_text(text: Path, receipt: Path, content: str, facts: Mapping[str, Any]) -> None:
    """Write both files. `facts` contains the `outcome`; it is not "ok" if `content` is empty."""
    # Write the text last: if it is there, so is everything else.
    write_facts(receipt, {"software": SOFTWARE, **facts})
    write_atomic(text, content, durable=False)


def write_facts(receipt: Path, facts: Mapping[str, Any]) -> None:
    """Write a text's receipt."""
    line = json.dumps(facts, sort_keys=True, ensure_ascii=False) + "\n"
    write_atomic(receipt, line, durable=False)


def settings_hash(settings: Mapping[str, Any]) -> str:
    """Return a hash of the settings that texts depend on; the folder of models is not one."""
    kept = {name: value for name, value in settings.items() if name != "model_folder"}
    return hashlib.sha256(json.dumps(kept, sort_keys=True).encode()).hexdigest()[:16]


def accepted_hashes(settings: Mapping[str, Any]) -> frozenset[str]:
    """Return the hashes (`asked`) with which a text need not be made again.

    With `auto`, a text from any engine stays: a better engine is no reason to read all covers
    again. Neither is the preparation of pictures, which older versions did not have.
    """
    engines = OCR_ENGINES if settings["engine"] == AUTO else (settings["engine"],)
    variants = [{**settings, "engine": engine} for engine in engines]
    unprepared = [{k: v for k, v in made.items() if k != "prepare"} for made in variants]
    return frozenset(map(settings_hash, [*variants, *unprepared]))


def media_hashes(media: Iterable[Path | str]) -> list[str]:
    """Return the SHA-256 of each file that is there, and not an empty placeholder."""
    files = (Path(file) for file in media)
    return [hash_file(file) for file in files if file.is_file() and file.stat().st_size]


def files(data: Path, kind: str, id: str) -> list[Path]:
    """Return the paths of all files of a text: those of its kind, then its receipt."""
    text = text_path(data, kind, id)
    return [
        *(text.with_suffix(suffix) for suffix in TEXT_KINDS[kind].suffixes),
        receipt_path(data, kind, id),
    ]


def remove_text(data: Path, kind: str, id: str) -> None:
    """Remove all files of a text, so that it is made again."""
    for file in files(data, kind, id):
        file.unlink(missing_ok=True)


def remove_torn_texts(data: Path) -> None:
    """Remove texts with a file that is empty although the text is not."""
    for kind in TEXT_KINDS:
        torn = {receipt.stem for receipt in empty_files(data / "receipts" / kind)}
        torn |= {
            text.stem
            for text in empty_files(data / kind)
            if read_facts(receipt_path(data, kind, text.stem)).get("outcome") != UNREADABLE
        }
        for id in torn:
            remove_text(data, kind, id)


def empty_files(folder: Path) -> list[Path]:
    """Return the files without a byte in `folder` and its subfolders."""
    found: list[Path] = []
    if folder.is_dir():
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    found += empty_files(Path(entry.path))
                elif entry.is_file() and entry.stat().st_size == 0:
                    found.append(Path(entry.path))
    return found


def read_facts(receipt: Path) -> dict[str, Any]:
    """Return the contents of a text's receipt; {} if it is missing or damaged."""
    try:
        facts = decode_json(receipt.read_bytes())
    except (FileNotFoundError, ValueError):
        return {}
    return facts if isinstance(facts, dict) and facts.get("outcome") in OUTCOMES else {}


def read_text(path: Path) -> str | None:
    """Read a text, without white space at its end.

    None if there is no file, or an empty one, which means that the media could not be read.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    return content.decode("utf-8", "replace").rstrip() if content else None
