"""Files that failed verification are kept, and restored if the verdict was wrong."""

import json
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from demo.site import Site
from scripts.download import damaged as damaged_module
from scripts.download.adoption import adopt
from scripts.download.damaged import recheck_all
from scripts.errors import ConfigError, DamagedMediaError
from scripts.media.verification import verify_media
from scripts.plan.downloads import PENDING, UNVERIFIED, Download, make_plan
from scripts.rawinfo.catalogue import catalogue_folder
from scripts.run.handlers import Handlers
from scripts.run.postponed import Postponed
from scripts.run.tools import Tools
from scripts.store import damaged as damaged_store
from scripts.store.damaged import find_damaged
from scripts.store.manifest import Manifest
from scripts.store.receipts import Receipt, prepared_path, read_receipt, write_receipt
from scripts.store.text_kinds import TEXT_KINDS
from scripts.version import SOFTWARE
from tests.support.tiktoks import tiktok, video_host
from tests.test_download import DEFAULTS, Fetcher

ID = tiktok(0)["id"]


def path_of(folder: Path) -> Path:
    return folder / "data" / "videos" / f"{ID}.mp4"


def receipt_path(folder: Path) -> Path:
    return folder / "data" / "receipts" / "videos" / f"{ID}.json"


@pytest.fixture
def strict(monkeypatch: pytest.MonkeyPatch) -> Callable[[bool], None]:
    """A switch between checks that reject every video, and the real checks of a later version."""

    def rejects(kind: str, file: Path) -> dict[str, Any]:
        raise DamagedMediaError("The video has a hole of zeros.")

    def use(strict: bool) -> None:
        for module in ("scripts.download.site", "scripts.download.damaged"):
            monkeypatch.setattr(f"{module}.verify_media", rejects if strict else verify_media)
        version = "a version" if strict else "a later version"
        for module in (damaged_module, damaged_store):
            monkeypatch.setattr(module, "checks_version", lambda: version)

    return use


def plan_of(folder: Path, record: dict[str, Any], **changes: Any) -> Download:
    info = folder / "data" / "info"
    info.mkdir(parents=True, exist_ok=True)
    (info / "1.json").write_text(json.dumps([record | changes]))
    catalogue = catalogue_folder(info, frozenset())
    plan = make_plan(
        catalogue,
        folder / "data",
        Manifest(),
        max_attempts=5,
        retry_all=False,
        has_mirror=False,
    )
    return plan.find("videos", ID)


def test_rejected_bytes_are_kept_once_with_the_reason(tmp_path: Path, site: Site) -> None:
    site.faults[video_host(0)] = "truncated"
    fetcher = Fetcher(tmp_path, site)
    receipt = fetcher.fetch(0)
    assert receipt.outcome == "corrupt"
    assert len(site.requests) == 2  # the second try gave the same bytes
    (kept,) = find_damaged(tmp_path / "data")
    assert kept.record is not None
    assert kept.record.reason == receipt.reason
    assert kept.record.software == receipt.software == SOFTWARE
    assert kept.record.sha256 == sha256(kept.path.read_bytes()).hexdigest()
    assert (kept.record.host, kept.record.http_status) == (video_host(0), 200)


@pytest.mark.parametrize("limit_mb", [0, 0.001])
def test_rejected_bytes_have_a_limit(tmp_path: Path, site: Site, limit_mb: float) -> None:
    site.faults[video_host(0)] = "truncated"
    fetcher = Fetcher(tmp_path, site, keep_damaged_mb=limit_mb)
    assert fetcher.fetch(0).outcome == "corrupt"
    assert list(find_damaged(tmp_path / "data")) == []
    assert "keep_damaged_mb" in (tmp_path / f"{ID}.log").read_text()


def test_a_later_version_restores_files_that_an_earlier_one_rejected(
    tmp_path: Path, site: Site, strict: Callable[[bool], None]
) -> None:
    strict(True)
    fetcher = Fetcher(tmp_path, site)
    rejected = fetcher.fetch(0)
    assert rejected.outcome == "corrupt"
    dead = {"video-src": f"https://{video_host(0)}/video/tos/x/?expire=1669985936"}
    assert plan_of(tmp_path, tiktok(0), **dead).state == "expired"

    strict(False)
    download = plan_of(tmp_path, tiktok(0), **dead)
    assert (download.state, download.lost) == (PENDING, False)
    site.requests.clear()
    fetcher.downloader.fetch(download, path_of(tmp_path), receipt_path(tmp_path), tmp_path / "log")
    assert site.requests == []
    receipt = read_receipt(receipt_path(tmp_path))
    assert receipt is not None
    assert (receipt.outcome, receipt.host, receipt.http_status) == ("ok", video_host(0), 200)
    assert (receipt.link, receipt.downloaded_at) == (rejected.link, receipt.time)
    assert receipt.sha256 == sha256(path_of(tmp_path).read_bytes()).hexdigest()
    assert list((tmp_path / "data" / "damaged").rglob("*.*")) == []
    assert plan_of(tmp_path, tiktok(0), **dead).state == "finished"


def test_each_version_checks_damaged_files_only_once(
    tmp_path: Path, site: Site, strict: Callable[[bool], None]
) -> None:
    strict(True)
    site.faults[video_host(0)] = "truncated"
    fetcher = Fetcher(tmp_path, site)
    rejected = fetcher.fetch(0)
    dead = {"video-src": f"https://{video_host(0)}/video/tos/x/?expire=1669985936"}
    strict(False)
    download = plan_of(tmp_path, tiktok(0), **dead)
    fetcher.downloader.fetch(download, path_of(tmp_path), receipt_path(tmp_path), tmp_path / "log")
    assert read_receipt(receipt_path(tmp_path)) == rejected
    path_of(tmp_path).unlink()  # the placeholder
    assert plan_of(tmp_path, tiktok(0), **dead).state == "expired"
    assert len(list(find_damaged(tmp_path / "data"))) == 1


def test_verify_checks_damaged_files_again(tmp_path: Path, site: Site) -> None:
    """Also a file without a record that somebody put there."""
    good = site.library.find(tiktok(0)["video-src"]).read()
    data = tmp_path / "data"
    folder = data / "damaged" / "videos"
    folder.mkdir(parents=True)
    (folder / f"{ID}.mp4").write_bytes(good)
    (folder / "7000000000000000001.mp4").write_bytes(good[:1000])
    assert recheck_all(data) == [f"videos/{ID}.mp4"]
    assert path_of(tmp_path).read_bytes() == good
    assert recheck_all(data) == []
    assert len(list(find_damaged(data))) == 1


# Killed runs


def test_partial_files_of_a_killed_run_do_not_count_as_damaged(tmp_path: Path) -> None:
    folder = tmp_path / "data" / "damaged" / "videos"
    folder.mkdir(parents=True)
    (folder / f".{ID}.0123456789abcdef.mp4.json.x1y2z3.part").write_bytes(b"{")
    assert list(find_damaged(tmp_path / "data")) == []


def test_a_file_whose_receipt_was_not_written_yet_gets_it(tmp_path: Path, site: Site) -> None:
    fetcher = Fetcher(tmp_path, site)
    receipt = fetcher.fetch(0)
    receipt_path(tmp_path).rename(prepared_path(receipt_path(tmp_path)))
    download = plan_of(tmp_path, tiktok(0))
    assert download.state == UNVERIFIED
    fetcher.downloader.adopt(download, tmp_path / "data")
    assert read_receipt(receipt_path(tmp_path)) == receipt
    assert not prepared_path(receipt_path(tmp_path)).exists()


def test_a_prepared_receipt_of_other_bytes_is_dropped(tmp_path: Path, site: Site) -> None:
    fetcher = Fetcher(tmp_path, site)
    other = fetcher.fetch(1)
    media = path_of(tmp_path)
    media.write_bytes(site.library.find(tiktok(0)["video-src"]).read())
    write_receipt(prepared_path(receipt_path(tmp_path)), other)
    fetcher.downloader.adopt(plan_of(tmp_path, tiktok(0)), tmp_path / "data")
    receipt = read_receipt(receipt_path(tmp_path))
    assert receipt is not None
    assert receipt.reason == "the file was already there"
    assert (receipt.software, other.software) == (SOFTWARE, SOFTWARE)
    assert receipt.sha256 == sha256(media.read_bytes()).hexdigest()
    assert not prepared_path(receipt_path(tmp_path)).exists()


def test_a_restored_file_without_a_receipt_gets_that_of_the_manifest(
    tmp_path: Path, site: Site
) -> None:
    fetcher = Fetcher(tmp_path, site)
    kept = fetcher.fetch(0)
    receipt_path(tmp_path).unlink()
    download = Download("videos", ID, None, None, None, UNVERIFIED, in_manifest=kept)
    adopt(download, path_of(tmp_path), receipt_path(tmp_path))
    assert read_receipt(receipt_path(tmp_path)) == kept


# Links


def with_links(site: Site, fetcher: Fetcher, *faults: str) -> tuple[Receipt, list[str]]:
    """Fetch a video with a link for each fault. Returns its receipt and the requested hosts."""
    hosts = [video_host(number) for number in range(len(faults))]
    for host, fault in zip(hosts, faults, strict=True):
        if fault:
            site.faults[host] = fault
    urls = [f"https://{host}/video/tos/1/" for host in hosts]
    download = Download("videos", ID, urls[0], hosts[0], None, PENDING, other_urls=tuple(urls[1:]))
    data = fetcher.folder / "data"
    fetcher.downloader.fetch(
        download, download.media(data), download.receipt(data), fetcher.folder / "log"
    )
    receipt = read_receipt(download.receipt(data))
    assert receipt is not None
    asked = [host for host in hosts if any(host in str(request) for request in site.requests)]
    return receipt, asked


@pytest.mark.parametrize(
    ("faults", "outcome", "has_audio", "asked"),
    [
        (("", ""), "ok", True, 1),
        (("no-audio", ""), "ok", True, 2),
        (("no-audio", "no-audio", ""), "ok", True, 3),
        (("no-audio", "no-audio"), "ok", False, 2),
        (("no-audio", "status-404"), "ok", False, 2),
        (("status-404", ""), "ok", True, 2),
        (("truncated", "no-audio", "status-403"), "ok", False, 3),
        (("status-403", "status-404"), "expired", None, 2),
    ],
)
def test_the_next_link_is_tried_for_a_video_without_sound(
    tmp_path: Path,
    site: Site,
    faults: tuple[str, ...],
    outcome: str,
    has_audio: bool | None,
    asked: int,
) -> None:
    receipt, hosts = with_links(site, Fetcher(tmp_path, site), *faults)
    assert (receipt.outcome, receipt.facts.get("has_audio")) == (outcome, has_audio)
    assert len(hosts) == asked
    assert not list((tmp_path / "data").rglob("*.part"))
    if outcome == "ok":
        content = (tmp_path / "data" / "videos" / f"{ID}.mp4").read_bytes()
        assert sha256(content).hexdigest() == receipt.sha256


def check_run(*rules: str) -> None:
    """Check the start of a run with these rules, whose settings of downloads are wrong."""
    settings = DEFAULTS | {"ca_bundle": "/missing", "proxy": "nonsense"}
    texts = {kind: {"engine": "none"} for kind in TEXT_KINDS}
    survey: Any = SimpleNamespace(
        config=texts,
        download_settings=settings,
        mirror=None,
        manifest=Manifest(),
        plan=SimpleNamespace(all=list),
    )
    command: Any = SimpleNamespace(
        is_job=True,
        rules_to_run=lambda *asked: {*asked} & {*rules},
        files_to_make=set,
        targets=frozenset(),
    )
    workflow: Any = None
    Handlers(workflow, survey, command, Tools(survey, command), Postponed())._check()


def test_settings_of_downloads_do_not_matter_without_any() -> None:
    check_run("merge_raw_info", "build_database")
    with pytest.raises(ConfigError, match=r"download\.proxy"):
        check_run("retrieve_video", "build_database")
