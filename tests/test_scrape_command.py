"""`snakemake scrape`: from a list of links to a corpus, with yt-dlp's own code."""

import json
import os
import signal
import stat
from concurrent.futures import Future
from pathlib import Path

import pytest

from demo.post_pages import COOKIE
from demo.site import Site
from demo.web import data as posts
from tests.support.workflow import Workflow

IDS = [posts.post_id(number) for number in range(60)]


@pytest.fixture
def corpus(workflow: Workflow, site: Site) -> Workflow:
    workflow.config["scrape"] = {"pause_s": 0}
    workflow.config["ocr"] = {"engine": "pytesseract"}
    return workflow


def want(workflow: Workflow, *links: str) -> None:
    (workflow.data / "links.txt").write_text("\n".join(links) + "\n")


def link(id: str) -> str:
    return f"https://www.tiktok.com/@someone/video/{id}"


def records(workflow: Workflow) -> list[str]:
    files = sorted((workflow.data / "info").glob("scraped_*.json"))
    return [record["id"] for file in files for record in json.loads(file.read_text())]


def test_a_list_of_links_becomes_a_corpus(corpus: Workflow, site: Site) -> None:
    site.pages.photos.add(IDS[1])
    site.pages.states[IDS[2]] = "private"
    site.pages.short_links["ZMabc"] = IDS[3]
    want(corpus, link(IDS[0]), link(IDS[1]), link(IDS[2]), "https://vm.tiktok.com/ZMabc/")
    output = corpus.run("scrape")
    assert "Asked the site about 4 posts: 3 ok, 1 private." in output
    assert (corpus.data / "videos" / f"{IDS[0]}.mp4").stat().st_size > 0
    assert len(list((corpus.data / "photos" / IDS[1]).glob("*.jpg"))) == 3
    asked = list(site.pages.visits)
    output = corpus.run()
    assert "known only" not in output, "what is private is not worth another question"
    assert "The site did not show 1 post (private): the post is private." in output
    assert site.pages.visits == asked, "only `scrape` asks the site about posts"
    merged = corpus.merged("master.json")
    assert set(merged) == {IDS[0], IDS[1], IDS[3]}
    assert merged[IDS[0]]["download-timestamp"]
    assert len(merged[IDS[0]]["comments"]) == 20
    assert "There is no post to ask the site about." in corpus.run("scrape")


def test_the_summary_names_posts_that_are_known_by_their_link(corpus: Workflow) -> None:
    corpus.add([])
    want(corpus, link(IDS[0]), link(IDS[1]))
    output = corpus.run("--dry-run")
    assert "2 posts are known only by their link" in output
    assert "snakemake --cores 1 scrape" in output


def test_media_that_need_the_visits_cookie_are_downloaded_later_too(
    corpus: Workflow, site: Site
) -> None:
    corpus.config["scrape"]["media"] = False
    want(corpus, link(IDS[0]))
    corpus.run("scrape")
    assert not (corpus.data / "videos").exists()
    corpus.run()
    assert corpus.receipt("videos", IDS[0])["outcome"] == "ok"


def test_cookies_stay_where_they_are(corpus: Workflow, site: Site, tmp_path: Path) -> None:
    corpus.config["mirror"] = str(tmp_path / "mirror")
    want(corpus, link(IDS[0]))
    corpus.run("scrape")
    corpus.run()
    corpus.run("mirror")
    corpus.run("export")
    file = corpus.data / "cookies.txt"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    [cookie] = site.pages.cookies
    assert cookie in file.read_text()
    for place in (corpus.folder, tmp_path / "mirror"):
        for other in place.rglob("*"):
            if other.is_file() and other != file:
                assert cookie.encode() not in other.read_bytes(), other
                assert other.name == "manifest.tsv" or COOKIE.encode() not in other.read_bytes()


def test_an_expired_post_gets_its_media_again(corpus: Workflow, site: Site) -> None:
    """A corpus of 2022, whose links have long expired."""
    item = posts.expected_post(0) | {"scrape-timestamp": 1.67e9, "comments": []}
    old = "https://v16-webapp-prime.us.tiktok.com/video/tos/x/?expire=1670000000"
    cover = "https://p16-sign.tiktokcdn-us.com/tos/x~tplv-y.jpeg?x-expires=1670000000"
    item |= {"video-src": old, "video-links": [], "coverphoto-src": cover}
    corpus.add([item])
    corpus.run()
    assert corpus.merged("master.json")[IDS[0]]["download-timestamp"] is None
    corpus.run("scrape")
    corpus.run()
    assert corpus.merged("master.json")[IDS[0]]["download-timestamp"]
    assert "There is no post to ask the site about." in corpus.run("scrape")


def test_a_captcha_ends_with_a_sentence_and_the_next_scrape_goes_on(
    corpus: Workflow, site: Site
) -> None:
    corpus.config["scrape"]["media"] = False
    want(corpus, *map(link, IDS[:6]))
    site.pages.states[IDS[3]] = "captcha"
    output = corpus.run("scrape", succeeds=False)
    last = output.rstrip().splitlines()[-1]
    assert "captcha" in last
    assert "3 posts are left" in last
    assert records(corpus) == IDS[:3]
    del site.pages.states[IDS[3]]
    corpus.run("scrape")
    assert records(corpus) == IDS[:6]
    assert site.pages.visits.count(IDS[0]) == 1


class Visits(list[str]):
    """The visits of the site's pages. The tenth one from now kills the scrape before its answer."""

    def __init__(self, visits: list[str]) -> None:
        super().__init__(visits)
        self.pid = Future[int]()
        self.last = len(visits) + 10

    def append(self, id: str) -> None:
        super().append(id)
        if len(self) == self.last:
            os.killpg(self.pid.result(), signal.SIGKILL)


def test_a_scrape_that_is_killed_again_and_again_loses_nothing(
    corpus: Workflow, site: Site
) -> None:
    """It is killed after every ten posts. No post is requested again, except the one that a kill
    interrupted.
    """
    corpus.config["scrape"]["media"] = False
    want(corpus, *map(link, IDS[:50]))
    kills = 0
    while len(records(corpus)) < 50:
        site.pages.visits = visits = Visits(site.pages.visits)
        with corpus.start("scrape") as run:
            visits.pid.set_result(run.pid)
            kills += run.wait() == -signal.SIGKILL
    assert kills >= 4
    assert sorted(records(corpus)) == sorted(IDS[:50])
    assert len(site.pages.visits) <= 50 + kills
