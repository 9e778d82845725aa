"""Describe a package: README, data dictionary, RO-Crate, and the settings for building it.

Dates come from the data, because with a clock, two packages of the same corpus would differ.
"""

import json
import shutil
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from scripts.counts import counted
from scripts.export.settings import ExportSettings
from scripts.rawinfo.catalogue import Catalogue
from scripts.report.datasheet import cite
from scripts.store.media_kinds import CAPTIONS, MEDIA_KINDS

PROJECT = Path(__file__).parents[2]
DICTIONARY = PROJECT / "docs" / "database.md"
SOFTWARE = PROJECT / "CITATION.cff"
NO_DATE = "1970-01-01"
RIGHTS = (
    "This file gives no license. The law, the people who made the posts, and the person who gave "
    "you the package decide what you may do with the data."
)

FOLDERS = {
    "info": "Raw info: what was scraped about each post",
    "videos": "Videos",
    "coverphotos": "Cover photos",
    "photos": "Slides of photo posts",
    "captions": "Caption tracks",
    "ocr": "Texts read on covers and slides",
    "speech": "Transcripts, plain and with times",
    "screen": "Texts on the screens of videos, plain and with times",
    "receipts": "What happened to each download, and what made each text",
}
FILES = {
    "README.md": ("What this package contains, and how to use it", "text/markdown"),
    "DATASHEET.md": (
        "How to cite the corpus, how it was collected, what it lacks",
        "text/markdown",
    ),
    "DATABASE.md": ("Data dictionary of tiktoks.db", "text/markdown"),
    "settings.yaml": ("Settings that the texts were made with", "application/yaml"),
    "manifest.tsv": ("Checksum and receipt of each file", "text/tab-separated-values"),
    "master.json": ("The newest scrape of each post", "application/json"),
    "ocr.json": ("Texts on covers and slides by post", "application/json"),
    "speech_to_text.json": ("Transcripts by post", "application/json"),
    "screen_text.json": ("Texts on screens by post", "application/json"),
    "tiktoks.db": ("Everything, with full-text search", "application/vnd.sqlite3"),
}

README = """\
# A corpus of {posts}

Scraped {period}; made with TikTok-Retrieval {version}. Cite it as:

> {citation}

`DATASHEET.md` says how it was collected and what it lacks.

| | |
|---|---|
{contents}

`tiktoks.db` is a SQLite database; `DATABASE.md` explains its tables. `master.json` contains the
newest scrape of each post by its id; `ocr.json`, `speech_to_text.json` and `screen_text.json`
contain the texts. All of these were built from the other files, and can be built again.

## Build it again

This is a BagIt bag: `data/` contains the corpus, and the files next to it contain the checksum of
each file. In an empty checkout of TikTok-Retrieval, type:

```sh
snakemake --cores 1 import --config package=/path/to/this/folder
snakemake --cores 8 --configfile /path/to/this/folder/data/settings.yaml
```

The first command checks every checksum, and the second one builds the same corpus;
`snakemake --cores 4 verify` proves it.
{texts_are_made_again}
## What was removed

No package contains the ids of the browser that scraped, or the signatures and queries of links. So
nobody can download anything with it. The table `downloads` gives a reason for each missing file.
{pseudonymised}
## Rights

{rights}
"""

MADE_AGAIN = """
The package does not contain the texts of covers and videos. The build makes them again, and then
the merged files contain them.
"""

PSEUDONYMISED = """
## Pseudonyms

A keyed hash replaces handles, display names and the ids of accounts (`user_…`), comments
(`comment_…`) and sounds (`sound_…`). The same person has the same pseudonym in all files. Only the
maker of the package has the key; nobody else can compute a pseudonym. In descriptions, comments,
hashtags, titles of sounds, captions and recognised texts, pseudonyms also replace mentions, e-mail
addresses, telephone numbers, and the names of people in the corpus, whole or in part. The raw info
contains only fields that the workflow knows.

**This corpus is not anonymous.** It still contains:

- **Ids of posts, which lead to their creators.** They are TikTok's own ids. With an id, anybody can
  find the post and its creator on the site, as long as the post is online. So can a search for a
  description or comment.
- **Names of people who are not in the corpus**, misspelled or abbreviated names, names in another
  script, accounts on other sites, addresses and places.
- **Names that are words of everyday language** (Love, Will), where people wrote them without `@`
  and without a capital letter.
- Names that a machine misread in covers or misheard in videos.
- Times, numbers of likes and hosts of links, by which somebody may recognise a post.
{media}
Treat it as personal data.
"""

WITH_MEDIA = """\
- **Unchanged videos, covers and slides**, with faces, voices, names that are said or shown, and the
  site's watermark with the handle. If you recognise their texts again, these contain names.
"""


def describe(
    package: Catalogue, target: Path, settings: "ExportSettings", config: Mapping[str, Any]
) -> str:
    """Write the files that describe the corpus. Returns the date of the newest scrape."""
    shutil.copyfile(DICTIONARY, target / "DATABASE.md")
    text = yaml.safe_dump(_shared_settings(config), sort_keys=False, allow_unicode=True)
    (target / "settings.yaml").write_text(text, encoding="utf-8")
    (target / "README.md").write_text(_readme(package, target, settings), encoding="utf-8")
    date = _period(package)[1]
    _write_crate(package, target, date)
    return date


def _shared_settings(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings that texts depend on, without the folder of models."""
    speech = {name: value for name, value in config["speech"].items() if name != "model_folder"}
    if Path(speech["model"]).expanduser().is_dir():
        speech["model"] = Path(speech["model"]).name
    return {"ocr": dict(config["ocr"]), "speech": speech, "screen": dict(config["screen"])}


def _period(package: Catalogue) -> tuple[str, str]:
    """Return the dates of the first and the last scrape, YYYY-MM-DD."""
    times = [e.scrape_timestamp for e in (*package.newest.values(), *package.superseded)]
    dates = [datetime.fromtimestamp(time, UTC).date().isoformat() for time in times if time]
    return (min(dates), max(dates)) if dates else (NO_DATE, NO_DATE)


def _readme(package: Catalogue, target: Path, settings: "ExportSettings") -> str:
    first, last = _period(package)
    period = "at unknown times" if first == NO_DATE else f"from {first} to {last}"
    software = yaml.safe_load(SOFTWARE.read_text("utf-8"))
    counts = {
        folder: sum(file.is_file() for file in (target / folder).rglob("*")) for folder in FOLDERS
    }
    rows = [
        f"| `{folder}/` | {FOLDERS[folder]}: {_count(count, folder)} |"
        for folder, count in counts.items()
    ]
    pseudonymised = ""
    if settings.pseudonymise:
        pseudonymised = PSEUDONYMISED.format(media=WITH_MEDIA if settings.media else "")
    return README.format(
        posts=counted(len(package.newest), "TikToks"),
        period=period,
        version=software["version"],
        citation=cite(target / "tiktoks.db", target / "manifest.tsv"),
        contents="\n".join(rows),
        texts_are_made_again=MADE_AGAIN if settings.media and not settings.texts else "",
        pseudonymised=pseudonymised,
        rights=RIGHTS,
    )


def _count(count: int, folder: str) -> str:
    if count:
        return counted(count, "files")
    return (
        "none"
        if folder not in MEDIA_KINDS or folder == CAPTIONS.name
        else "none (not in this package)"
    )


def _write_crate(package: Catalogue, target: Path, date: str) -> None:
    """Write `ro-crate-metadata.json`, without a request to the network."""
    from rocrate.model import ContextEntity
    from rocrate.rocrate import ROCrate

    software = yaml.safe_load(SOFTWARE.read_text("utf-8"))
    crate = ROCrate(gen_preview=False)
    root = crate.root_dataset
    root["name"] = f"A corpus of {counted(len(package.newest), 'TikToks')}"
    root["creditText"] = cite(target / "tiktoks.db", target / "manifest.tsv")
    root["description"] = "Metadata, comments, texts and media of posts, see README.md"
    root["datePublished"] = date
    root["license"] = RIGHTS
    parts = []
    for folder, name in FOLDERS.items():
        if (target / folder).is_dir():
            parts.append(crate.add_dataset(dest_path=f"{folder}/", properties={"name": name}))
    for file, (name, format) in FILES.items():
        facts = {"name": name, "encodingFormat": format}
        facts["contentSize"] = str((target / file).stat().st_size)
        parts.append(crate.add_file(dest_path=file, properties=facts))
    program = ContextEntity(
        crate,
        "#software",
        {
            "@type": "SoftwareApplication",
            "name": software["title"],
            "softwareVersion": software["version"],
            "license": software["license"],
        },
    )
    action = {
        "@type": "CreateAction",
        "name": "Build of the corpus",
        "instrument": {"@id": "#software"},
        "result": [{"@id": part.id} for part in parts],
    }
    crate.add(program)
    crate.add(ContextEntity(crate, "#build", action))
    root["mentions"] = {"@id": "#build"}
    content = json.dumps(crate.metadata.generate(), indent=2, ensure_ascii=False)
    (target / "ro-crate-metadata.json").write_text(content + "\n", encoding="utf-8")
