"""Describe what the merged files depend on, besides raw info and media."""

import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from scripts.merge.json_files import MERGED_FILES
from scripts.store import texts
from scripts.store.text_kinds import TEXT_KINDS


def describe_merged_files(config: Mapping[str, Any], data: Path) -> dict[str, dict[str, Any]]:
    """Return the `settings` and the `versions` of tools that each merged file depends on."""
    settings: dict[str, Any] = {kind: config[kind] for kind in TEXT_KINDS}
    settings["speech"] = texts.settings_hash(config["speech"])
    versions = {kind: _versions(data, kind) for kind in TEXT_KINDS}
    versions["SQLite"] = sqlite3.sqlite_version
    return {
        path: {
            "settings": {name: settings[name] for name in names if name in settings},
            "versions": {name: versions[name] for name in names},
        }
        for path, names in MERGED_FILES.items()
    }


def _versions(data: Path, kind: str) -> str:
    """Return the versions of all engines that made texts of this kind."""
    receipts = (data / "receipts" / kind).glob("*.json")
    versions = {texts.read_facts(receipt).get("version") for receipt in receipts}
    return "; ".join(sorted(filter(None, versions)))
