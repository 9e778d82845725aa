"""Find out what is in `data/` when Snakemake starts and what is left to do. Writes nothing."""

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from scripts.curation import removal
from scripts.download.mirror import Mirror
from scripts.plan import chunks
from scripts.plan.chunks import Chunk
from scripts.plan.downloads import Plan, make_plan
from scripts.plan.own_files import find_own_files
from scripts.plan.texts import plan_texts
from scripts.rawinfo.catalogue import Catalogue, catalogue_folder, catalogue_record, load_posts
from scripts.rawinfo.slices import EVERYTHING, parse_slice
from scripts.rawinfo.validation import validate
from scripts.scrape.receipts import COOKIES, ScrapeReceipt, known_scrapes, read_short_links
from scripts.scrape.wanted import posts_to_scrape
from scripts.store.foreign import find_foreign, foreign_raw_info, set_aside
from scripts.store.manifest import read_manifest
from scripts.store.text_kinds import TEXT_KINDS

DATA = Path("data")
# A cluster's jobs read this file to learn which texts each of them makes.
CHUNKS_FILE = Path(".snakemake/text_chunks.json")


class Survey:
    """The corpus in the working directory. `config`: a complete configuration."""

    def __init__(self, config: Mapping[str, Any], *, is_job: bool) -> None:
        self.config = config
        self.removed_list = DATA / "removed.txt"
        self.removed = removal.read_removed(self.removed_list)
        self._slice = parse_slice(config["slice"])
        self.manifest = removal.without(read_manifest(DATA / "manifest.tsv"), self.removed)
        checksums = {path: line.sha256 for path, line in self.manifest.lines.items()}
        self.foreign = find_foreign(DATA, checksums)
        self.catalogue = self.read_raw_info()
        self.own_files = find_own_files(self.catalogue, config["media_folders"], DATA)
        self.catalogue.problems.extend(self.own_files.problems)
        elsewhere = set(map(str, foreign_raw_info(DATA, self.foreign)))
        self.raw_info = [file for file in self.catalogue.files() if file not in elsewhere]
        self.remains = removal.find_remains(DATA, self.removed, self.catalogue.left_out)
        self.mirror = Mirror(config["mirror"], config["download"]) if config["mirror"] else None
        self.plan = self.plan_downloads()
        self.texts = {kind: plan_texts(kind, self.plan, DATA, config[kind]) for kind in TEXT_KINDS}
        self.chunks = self._read_chunks(is_job)

    @property
    def has_raw_info(self) -> bool:
        """True if any raw info was read. `raw_info` lists only the files in `data/info`."""
        return bool(self.catalogue.files())

    @property
    def is_slice(self) -> bool:
        """True if this is a part of the corpus (setting `slice`)."""
        return self._slice != EVERYTHING

    def creator_of(self, id: str) -> str | None:
        """The handle of a TikTok's creator, if it is known."""
        entry = self.catalogue.newest.get(id)
        return next(load_posts([entry])).creator_username if entry else None

    def read_raw_info(self) -> Catalogue:
        """Return the raw info as it is now."""
        others = foreign_raw_info(DATA, self.foreign)
        return catalogue_folder(DATA / "info", self.removed, self._slice, others)

    @cached_property
    def scrapes(self) -> dict[str, ScrapeReceipt]:
        """The site's answers about posts before this run."""
        return self.read_scrapes()

    def read_scrapes(self) -> dict[str, ScrapeReceipt]:
        """Return the site's answers about posts up to now."""
        return known_scrapes(DATA, self.manifest)

    def set_aside_foreign_files(self) -> None:
        """Rename merged files of another program, and read raw info from their new names."""
        set_aside(self.foreign)
        self.foreign = []
        self.catalogue = self.read_raw_info()
        self.remains = removal.find_remains(DATA, self.removed, self.catalogue.left_out)

    def plan_downloads(self) -> Plan:
        """Plan the downloads."""
        return self._plan(self.catalogue)

    def plan_record(self, info: dict[str, Any]) -> Plan:
        """Plan the downloads of one record that was just collected."""
        record, _ = validate(info)
        if record is None:
            return self._plan(Catalogue({}, [], []))
        return self._plan(catalogue_record(record))

    def posts_to_scrape(self) -> list[str]:
        """Return the ids and short links of posts to ask the site about."""
        return posts_to_scrape(
            self.catalogue,
            self.plan,
            self.scrapes,
            read_short_links(DATA),
            retry_all=self.config["retry"] == "all",
        )

    def _plan(self, catalogue: Catalogue) -> Plan:
        return make_plan(
            catalogue,
            DATA,
            self.manifest,
            max_attempts=self.config["download"]["max_attempts"],
            retry_all=self.config["retry"] == "all",
            has_mirror=self.mirror is not None,
            own=self.own_files,
        )

    @property
    def download_settings(self) -> dict[str, Any]:
        """The section `download`, with the cookies of the last scrape if it names none."""
        settings: dict[str, Any] = self.config["download"]
        visit = DATA / COOKIES
        return settings | {"cookies": settings["cookies"] or (str(visit) if visit.exists() else "")}

    @cached_property
    def unverified(self) -> Mapping[str, Any]:
        return self.plan.unverified()

    def _read_chunks(self, is_job: bool) -> dict[str, list[Chunk]]:
        """The texts that one job makes, by kind. Empty if each text has its own job."""
        size = self.config["texts_per_job"]
        if size == 1:
            return {}
        if is_job:
            return chunks.read_chunks(CHUNKS_FILE)
        return {kind: chunks.make_chunks(plan, size) for kind, plan in self.texts.items()}
