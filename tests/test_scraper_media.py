"""The built scraper saves media while the session lasts, into the corpus or into zip files."""

import json
import zipfile
from base64 import b64decode
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Error, Page, Route, expect

from demo.web.data import post_id
from tests.support.browser import Web
from tests.support.scraping import USERSCRIPT, console, scrape, true_post

pytest_plugins = ["tests.support.browser"]

# A test can't click the browser's own dialog: the folder that it gives is one of the browser's.
PICKER = """window.showDirectoryPicker = async () =>
    (await navigator.storage.getDirectory()).getDirectoryHandle("corpus", { create: true });
"""
FILES = """async (name) => {
    const files = {};
    const walk = async (folder, path) => {
        for await (const entry of folder.values()) {
            const place = path + entry.name;
            if (entry.kind === "directory") await walk(entry, `${place}/`);
            else {
                const bytes = new Uint8Array(await (await entry.getFile()).arrayBuffer());
                let text = "";
                for (const byte of bytes) text += String.fromCharCode(byte);
                files[place] = btoa(text);
            }
        }
    };
    const root = await navigator.storage.getDirectory();
    await walk(await root.getDirectoryHandle(name, { create: true }), "");
    return files;
}"""
PHOTO = 3  # every third post is a photo post


def files_in(page: Page, folder: str) -> dict[str, bytes]:
    """Of a folder of the browser's own file system, by path."""
    return {path: b64decode(text) for path, text in page.evaluate(FILES, folder).items()}


def expected_files(web: Web, count: int) -> dict[str, bytes]:
    """The media of the first posts, by their path in the corpus."""
    links: dict[str, str] = {}
    for number in range(count):
        truth = true_post(number, (number + 1) % PHOTO == 0)
        id = truth["id"]
        links[f"coverphotos/{id}.jpg"] = truth["coverphoto-src"]
        if truth["video-src"]:
            links[f"videos/{id}.mp4"] = truth["video-src"]
        for place, slide in enumerate(truth.get("photos", ()), start=1):
            links[f"photos/{id}/{place}.jpg"] = slide["url"]
        for track in sorted(truth.get("captions", ()), key=lambda it: it["source"] != "LC")[:1]:
            links[f"captions/{id}.vtt"] = track["url"]
    return {path: web.site.library.find(link).read() for path, link in links.items()}


def media_of(records: list[dict[str, Any]]) -> dict[str, str]:
    return {path: note for record in records for path, note in record["media"].items()}


def test_media_go_into_the_corpus_that_was_picked(web: Web) -> None:
    page = web.open(script=PICKER + USERSCRIPT, count=4, photo=PHOTO, session=1)
    page.get_by_role("button", name="Pick the corpus").click()
    expect(page.get_by_text("media go to corpus")).to_be_visible()
    records = scrape(page, 3, media=True)
    files = files_in(page, "corpus")
    [info] = [path for path in files if path.startswith("data/info/batch_")]
    assert json.loads(files.pop(info)) == records
    assert files == {f"data/{path}": it for path, it in expected_files(web, 3).items()}
    assert media_of(records) == dict.fromkeys(expected_files(web, 3), "saved")
    asked = [path for _, host, path, status in web.site.requests if "/video/tos" in path]
    assert len(asked) == 2, "the H.264 file, once for each video"


def test_media_without_a_folder_are_exported_in_zip_files(web: Web, tmp_path: Path) -> None:
    page = web.open(script=USERSCRIPT, count=4, photo=PHOTO, session=1)
    page.get_by_label("save the videos too").check()
    page.get_by_label("TikToks", exact=True).fill("3")
    page.get_by_label("pause after each, about (ms)").fill("0")
    page.get_by_role("button", name="Start").click()
    saved = len(expected_files(web, 3))
    expect(page.get_by_role("status")).to_have_text(f"3 of 3, {saved} files saved: done")
    with page.expect_download(lambda it: it.suggested_filename.endswith(".zip")) as download:
        console(page, "await export_batch()")
    archive = tmp_path / "media.zip"
    download.value.save_as(archive)
    with zipfile.ZipFile(archive) as opened:
        assert opened.testzip() is None
        files = {name: opened.read(name) for name in opened.namelist()}
    assert files == expected_files(web, 3)


def test_media_are_saved_while_a_person_browses(web: Web) -> None:
    page = web.open(script=USERSCRIPT, surface="profile", count=3, photo=PHOTO, session=1)
    page.get_by_label("save the videos too").check()
    page.get_by_role("button", name="Collect what I see").click()
    expect(page.get_by_role("status")).to_have_text(f"3, {len(expected_files(web, 3))} files saved")
    assert files_in(page, "tiktok-retrieval") == expected_files(web, 3)


def test_a_file_that_is_none_is_not_saved_and_the_record_says_why(web: Web) -> None:
    page = web.open(script=USERSCRIPT, count=2)
    page.route("**/video/tos/**", lambda route: route.fulfill(body="<p>Log in", headers=CORS))
    [record] = scrape(page, 1, media=True)
    video, cover = (f"{kind}/{post_id(0)}" for kind in ("videos", "coverphotos"))
    assert record["media"][f"{video}.mp4"] == "not saved: it is not an MP4 file"
    assert record["media"][f"{cover}.jpg"] == "saved"
    assert f"{video}.mp4" not in files_in(page, "tiktok-retrieval")
    page.unroute_all()
    page.goto(page.url.replace(post_id(1), post_id(0)))
    [record] = scrape(page, 1, media=True)
    notes = {"saved", "saved before"}
    assert set(record["media"].values()) == notes, "what was not saved is tried again"


CORS = {
    "Access-Control-Allow-Origin": "https://www.tiktok.com",
    "Access-Control-Allow-Credentials": "true",
}


def test_each_address_of_a_caption_track_is_tried(web: Web) -> None:
    page = web.open(script=USERSCRIPT, count=4)
    refused: list[str] = []

    def refuse(route: Route) -> None:
        refused.append(route.request.url)
        route.fulfill(status=403, headers=CORS)

    page.route("**//v19-webapp.tiktok.com/**/captions.webvtt**", refuse)
    records = scrape(page, 4, media=True)
    assert refused and all(link.startswith("https://v19-") for link in refused)
    assert records[3]["media"][f"captions/{post_id(3)}.vtt"] == "saved"


def test_a_file_without_sound_is_the_last_choice(web: Web) -> None:
    silent = web.site.library.find(true_post(0)["video-src"]).read().replace(b"soun", b"soon")

    def without_sound(route: Route) -> None:
        route.fulfill(body=silent, headers=CORS, content_type="video/mp4")

    page = web.open(script=USERSCRIPT, count=2)
    page.route("**v16-webapp-prime**/video/tos/**", without_sound)
    [record] = scrape(page, 1, media=True)
    assert record["media"][f"videos/{post_id(0)}.mp4"] == "saved"
    saved = files_in(page, "tiktok-retrieval")[f"videos/{post_id(0)}.mp4"]
    assert b"soun" in saved, "the other host's file has sound"


def test_a_folder_whose_permission_is_withdrawn_costs_no_record(web: Web) -> None:
    page = web.open(script=PICKER + USERSCRIPT, count=3)
    page.get_by_role("button", name="Pick the corpus").click()
    expect(page.get_by_text("media go to corpus")).to_be_visible()
    page.evaluate(
        """() => { FileSystemDirectoryHandle.prototype.getDirectoryHandle = () =>
            Promise.reject(new DOMException("no permission", "NotAllowedError")); }"""
    )
    for record in scrape(page, 2, media=True):
        assert "can't be written (no permission)" in record["media"][f"videos/{record['id']}.mp4"]
    panel = page.locator("tiktok-retrieval-panel")
    expect(panel).to_contain_text("2 in the batch")
    expect(panel).to_contain_text("pick the folder again")
    expect(panel).to_contain_text("The records can't be written into corpus")


def test_a_tab_that_crashes_while_it_saves_leaves_no_part_of_a_file(web: Web) -> None:
    never_renamed = "FileSystemFileHandle.prototype.move = () => new Promise(() => {});"
    page = web.open(script=never_renamed + USERSCRIPT, count=2)
    console(page, "scraping = scrape_tiktoks(1, {delay: 30000, pause: 0, media: true}); 0")
    expect(page.get_by_text("1 in the batch")).to_be_visible()
    page.wait_for_function(
        f"async () => Object.keys(await ({FILES})('tiktok-retrieval')).length > 2"
    )
    with page.expect_event("crash"), suppress(Error):
        page.goto("chrome://crash")
    page.close()
    page = web.open(script=USERSCRIPT, count=2)
    files = files_in(page, "tiktok-retrieval")
    assert {Path(path).name[0] for path in files} == {"."}, "all are hidden, none has its name"
    [record] = scrape(page, 1, media=True)
    assert record["media"][f"videos/{post_id(0)}.mp4"] == "saved"


@pytest.mark.slow  # it writes a thousand files
def test_a_thousand_posts_fit_into_zip_files_of_a_size(web: Web, tmp_path: Path) -> None:
    page = web.open(script=USERSCRIPT, count=2)
    scrape(page, 1)
    page.evaluate(
        """async () => {
            const root = await navigator.storage.getDirectory();
            const stage = await root.getDirectoryHandle("tiktok-retrieval", { create: true });
            const covers = await stage.getDirectoryHandle("coverphotos", { create: true });
            const write = async (number) => {
                const file = await covers.getFileHandle(`${7e15 + number}.jpg`, { create: true });
                const stream = await file.createWritable();
                await stream.write(`cover ${number}`);
                await stream.close();
            };
            for (let number = 0; number < 1000; number += 50) {
                await Promise.all([...Array(50).keys()].map((more) => write(number + more)));
            }
        }"""
    )
    with page.expect_download(lambda it: it.suggested_filename.endswith(".zip")) as download:
        console(page, "await export_batch()")
    archive = tmp_path / "media.zip"
    download.value.save_as(archive)
    with zipfile.ZipFile(archive) as opened:
        assert len(opened.namelist()) == 1000
        assert opened.testzip() is None
        assert opened.read("coverphotos/7000000000000999.jpg") == b"cover 999"
