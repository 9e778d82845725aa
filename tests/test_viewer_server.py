"""What the viewer's server serves, refuses and never tells; large corpora, and changing ones."""

import json
import re
import socket
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import av
import pytest
import requests
import uvicorn
from playwright.sync_api import Browser, Page, expect
from starlette.applications import Starlette

from benchmarks import many
from demo.tiktoks import TIKTOKS, WEB_ID
from scripts.queries.query_file import Query, read_queries, write_queries
from scripts.viewer.__main__ import listen, main
from scripts.viewer.connections import ImpatientProtocol
from scripts.viewer.headers import HEADERS
from scripts.viewer.page_files import FILES, PAGE, SERVER, page_files
from tests.support.small_corpus import Corpus, info, post_id
from tests.support.viewing import BARE, PHOTO_POST, looking, serve
from tests.support.workflow import PROJECT

pytest_plugins = ["tests.support.browser", "tests.support.viewing"]

MANY, UNDATED = 3_000, 40
# Another process writes the database anew, again and again.
REBUILD = """
import sys
from pathlib import Path
from tests.support.small_corpus import Corpus
corpus = Corpus(Path(sys.argv[1]))
for _ in range(10):
    corpus.database()
"""
ID = TIKTOKS[0].id
PAGES = ["/", f"/v/{ID}", "/search", "/history", "/figures"]
ANSWERS = ["/api/feed", f"/api/posts?ids={ID},{PHOTO_POST},{BARE}", f"/api/posts/{ID}/comments"]
ANSWERS += ["/api/search?q=the+bread", "/api/figures"]
MEDIA = [f"/media/videos/{ID}.mp4", f"/media/coverphotos/{ID}.jpg"]
MEDIA += [f"/media/photos/{PHOTO_POST}/1.jpg"]


def get(address: str, path: str, **headers: str) -> requests.Response:
    """Request a path unchanged: `requests` would remove `..`."""
    request = requests.Request("GET", address, headers=headers).prepare()
    request.url = address + path
    with requests.Session() as session:
        session.trust_env = False
        return session.send(request, timeout=600)


def post(address: str, body: object, method: str = "POST", **headers: str) -> requests.Response:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    own = {"Content-Type": "application/json", "Origin": address}
    with requests.Session() as session:
        session.trust_env = False
        return session.request(
            method, f"{address}/api/queries", data=content, headers=own | headers, timeout=20
        )


@pytest.mark.parametrize(
    "path", [*PAGES, *ANSWERS, *MEDIA, "/page/page.js", "/nothing", "/api/feed?direction=up"]
)
def test_every_answer_has_the_headers_that_protect(address: str, path: str) -> None:
    headers = get(address, path).headers
    assert HEADERS.items() <= headers.items()
    policy = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert set(policy.values()) == {"'none'", "'self'"}
    assert "Access-Control-Allow-Origin" not in headers


def test_the_page_loads_nothing_but_its_own_files(address: str) -> None:
    page = get(address, "/").text
    links = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert len(links) > 3
    for link in links:
        assert link.startswith(("/", "#"))
        if link.startswith("/"):
            assert get(address, link).status_code == 200, link
    assert "<style" not in page
    assert not re.search(r"<script(?! defer src=)", page)
    for script in PAGE.rglob("*.js"):
        text = script.read_text("utf-8")
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", text)
        assert len(text.splitlines()) < 300


def test_the_report_of_experiments_may_load_nothing(address: str, corpus: Corpus) -> None:
    path = "/media/report/experiments.html"
    assert get(address, path).status_code == 404
    assert get(address, "/api/figures").json()["has_report"] is False
    report = corpus.folder / "report" / "experiments.html"
    report.parent.mkdir(exist_ok=True)
    report.write_text("<!doctype html><title>Experiments</title>")
    try:
        answer = get(address, path)
        assert answer.headers["Content-Type"].startswith("text/html")
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "script-src" not in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert get(address, "/api/figures").json()["has_report"] is True
    finally:
        report.unlink()


def test_every_script_and_style_is_part_of_the_page() -> None:
    server, export = page_files(SERVER), page_files(FILES)
    for file in PAGE.rglob("*.*"):
        whole = f"page{file.suffix}" if file.suffix in (".js", ".css") else file.name
        assert file.read_bytes() in server[whole] + export[whole], file


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:80", "10.0.0.1", ""]
)
def test_other_names_are_refused(address: str, host: str) -> None:
    for path in ("/", "/api/feed", MEDIA[0]):
        assert get(address, path, Host=host).status_code == 400
    assert get(address, "/api/feed", Host="localhost").status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/media/videos/../tiktoks.db",
        "/media/videos/..%2ftiktoks.db",
        "/media/coverphotos/%2e%2e/tiktoks.db",
        "/media/videos/1.mp4/../../../tiktoks.db",
        "/media/photos/1/../../tiktoks.db",
        "/media/videos/٣.mp4",
        "/media/videos/123456789012345678901.mp4",
        "/media/report/../tiktoks.db.svg",
        "/media/report/..%2f..%2fx.svg",
        "/page/../__main__.py",
        "/page/%2e%2e/app.py",
        "/tiktoks.db",
        "/data/tiktoks.db",
        "/queries.json",
        f"/media/videos/{BARE}.mp4",  # an empty placeholder
    ],
)
def test_nothing_else_is_served(address: str, path: str) -> None:
    assert get(address, path).status_code == 404


def test_no_answer_tells_who_scraped_or_how_links_were_signed(address: str) -> None:
    for path in [*PAGES, *ANSWERS]:
        text = get(address, path).text
        assert len(text) > 20, path
        assert not re.search(f"{WEB_ID}|web_id|signature|https?://v16|/Users|/root", text), path


@pytest.mark.parametrize(
    "value",
    ["bytes=5-2", "bytes", "bytes=", "bytes=a-b", "items=0-1", "bytes=1-2-3", "bytes=-", "9"],
)
def test_a_range_that_cannot_be_read_is_ignored(address: str, corpus: Corpus, value: str) -> None:
    answer = get(address, MEDIA[0], Range=value)
    assert answer.status_code == 200
    assert answer.content == (corpus.folder / "videos" / f"{ID}.mp4").read_bytes()


def test_a_file_that_the_browser_has_is_not_sent_again(address: str) -> None:
    tag = get(address, MEDIA[1]).headers["ETag"]
    for value in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        answer = get(address, MEDIA[1], **{"If-None-Match": value, "Range": "bytes=0-9"})
        assert (answer.status_code, answer.content) == (304, b""), value
        assert answer.headers["ETag"] == tag
        assert HEADERS.items() <= answer.headers.items()
    assert get(address, MEDIA[1], **{"If-None-Match": '"other"'}).status_code == 200


def test_links_lead_nowhere_outside_of_the_corpus(tmp_path: Path) -> None:
    """A link within the corpus, and a link to the whole corpus, work."""
    secret = tmp_path / "secret"
    secret.write_text("root:x:0:0")
    corpus = Corpus(tmp_path / "elsewhere")
    corpus.add_info("a.json", [info(post_id(number)) for number in range(3)])
    corpus.database()
    folder = corpus.folder
    for name in ("videos", "coverphotos", "report", "speech"):
        (folder / name).mkdir(exist_ok=True)
    (folder / "videos" / f"{post_id(0)}.mp4").symlink_to(secret)
    (folder / "videos" / "real").write_bytes(b"a video")
    (folder / "videos" / f"{post_id(1)}.mp4").symlink_to("real")
    (folder / "videos" / f"{post_id(2)}.mp4").symlink_to(f"{post_id(2)}.mp4")
    (folder / "coverphotos").rmdir()
    (folder / "coverphotos").symlink_to(tmp_path)
    (tmp_path / f"{post_id(0)}.jpg").write_bytes(b"not of the corpus")
    (folder / "report" / "likes.svg").symlink_to(secret)
    (folder / "report" / "summary.csv").symlink_to(secret)
    (folder / "speech" / f"{post_id(0)}.vtt").symlink_to(secret)
    data = tmp_path / "data"
    data.symlink_to(folder)
    with serve(data) as address:
        for path in (
            f"/media/videos/{post_id(0)}.mp4",
            f"/media/videos/{post_id(2)}.mp4",
            f"/media/coverphotos/{post_id(0)}.jpg",
            "/media/report/likes.svg",
        ):
            assert get(address, path).status_code == 404, path
        assert get(address, f"/media/videos/{post_id(1)}.mp4").content == b"a video"
        assert "root:" not in get(address, "/api/figures").text
        assert "root:" not in get(address, f"/api/posts?ids={post_id(0)}").text


def test_a_connection_that_sends_its_headers_slowly_is_closed() -> None:
    class Hasty(ImpatientProtocol):
        headers_within_s = 0.2

    listener = listen(0)
    server = uvicorn.Server(uvicorn.Config(Starlette(), http=Hasty, log_level="error"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        with socket.create_connection(listener.getsockname(), timeout=600) as client:
            client.sendall(b"GET / HTTP/1.1\r\nHost: local")
            assert client.recv(1) == b""
    finally:
        server.should_exit = True
        thread.join()


def test_parts_of_a_video_are_served(address: str, corpus: Corpus) -> None:
    whole = (corpus.folder / "videos" / f"{ID}.mp4").read_bytes()
    part = get(address, MEDIA[0], Range="bytes=1000-1999")
    assert part.status_code == 206
    assert part.content == whole[1000:2000]
    assert part.headers["Content-Range"] == f"bytes 1000-1999/{len(whole)}"
    assert get(address, MEDIA[0], Range=f"bytes={len(whole)}-").status_code == 416
    assert get(address, MEDIA[0]).content == whole
    assert get(address, MEDIA[0]).headers["Content-Type"] == "video/mp4"


@pytest.mark.parametrize(
    "path",
    [
        *("/api/feed?from=x", "/api/feed?direction=up", "/api/posts?ids=1,x", "/api/posts"),
        *(f"/api/posts?ids={','.join(['1'] * 61)}", f"/api/posts/{ID}/comments?after=-1"),
        *("/api/search?in=web_id", "/api/search?from=1.1.2020", f"/api/search?q={'x' * 501}"),
        "/api/search?q=a&offset=1e9",
    ],
)
def test_nonsense_is_refused_with_a_reason(address: str, path: str) -> None:
    answer = get(address, path)
    assert answer.status_code == 400
    assert answer.json()["error"].endswith(".")


@pytest.mark.parametrize("path", ["/nonsense", "/w/1", "/media/videos/x.mp4", "/page/no.js"])
def test_an_unknown_path_gives_a_person_a_page(address: str, path: str) -> None:
    answer = get(address, path, Accept="text/html,*/*;q=0.8")
    assert answer.status_code == 404
    assert answer.text == get(address, "/").text
    assert answer.headers["Content-Type"] == get(address, "/").headers["Content-Type"]
    assert get(address, path, Accept="*/*").json()["error"]
    assert get(address, f"/api{path}", Accept="text/html").json()["error"]


def test_only_the_page_itself_may_save_a_query(address: str, corpus: Corpus) -> None:
    query = {"text": "the cat", "target": ID}
    foreign = address.replace("127.0.0.1", "localhost")
    refused = [
        post(address, query, Origin="https://evil.example"),
        post(address, query, Origin="null"),
        post(address, query, Origin=foreign),
        post(address, query, **{"Sec-Fetch-Site": "cross-site"}),
        post(address, query, **{"Sec-Fetch-Site": "same-site"}),
        post(address, query, Host="evil.example"),
        post(address, query, **{"Content-Type": "text/plain"}),
        post(address, query, **{"Content-Type": "application/x-www-form-urlencoded"}),
        post(address, b"{"),
        post(address, []),
        post(address, query | {"text": " "}),
        post(address, query | {"text": 7}),
        post(address, query | {"text": "\ud800"}),
        post(address, query | {"text": "x" * 501}),
        post(address, query | {"target": "../x"}),
        post(address, query | {"target": int(ID)}),
        post(address, query | {"target": "123"}),
        post(address, b" " * 30_000),
        get(address, "/api/queries"),
    ]
    statuses = [answer.status_code for answer in refused]
    assert statuses == [403] * 5 + [400] + [415] * 2 + [400] * 8 + [404, 413, 405]
    file = corpus.folder / "queries.json"
    assert not file.exists()
    assert post(address, query).status_code == 201
    assert post(address, query).json() == {"added": False}
    other = {"text": " The  Cat", "target": TIKTOKS[1].id}
    assert post(address, other).json() == {"added": False, "others": [ID]}
    assert post(address, other | {"confirmed": "yes"}).status_code == 400
    assert post(address, other | {"confirmed": True}).status_code == 201
    assert post(address, other, "DELETE").status_code == 200
    assert [(query.text, query.target) for query in read_queries(file)] == [("the cat", ID)]
    evil = {"Origin": "https://evil.example"}
    assert post(address, query, "DELETE", **evil).status_code == 403
    older, tagged = Query("older", ID), Query("the cat", ID, tags=("visual",))
    write_queries(file, [older, tagged])
    for text in ("older", "the cat"):  # not from here, and changed since
        assert post(address, query | {"text": text}, "DELETE").status_code == 404
    assert read_queries(file) == [older, tagged]
    write_queries(file, [older, Query("the cat", ID)])
    assert post(address, query, "DELETE").status_code == 200
    assert post(address, query, "DELETE").status_code == 404
    assert read_queries(file) == [older]
    file.write_text("{}")
    answer = post(address, query)
    assert answer.status_code == 500
    assert "it has to be a JSON list" in answer.json()["error"]


def test_missing_requirements_are_reported_before_it_serves(tmp_path, capsys) -> None:
    assert main(["--data", str(tmp_path), "--no-browser"]) == 1
    assert "tiktoks.db does not exist. Build the corpus" in capsys.readouterr().err
    (tmp_path / "tiktoks.db").write_bytes(b"no database at all" * 100)
    assert main(["--data", str(tmp_path), "--no-browser"]) == 1
    assert "file is not a database" in capsys.readouterr().err


def test_it_listens_only_on_this_machine(address: str) -> None:
    port = urlsplit(address).port
    listening = Path("/proc/net/tcp").read_text() + Path("/proc/net/tcp6").read_text()
    locals_ = {line.split()[1] for line in listening.splitlines() if " 0A " in line}
    assert {place for place in locals_ if place.endswith(f":{port:04X}")} == {
        f"0100007F:{port:04X}"
    }


def test_a_database_that_is_gone_or_new_is_noticed(tmp_path) -> None:
    corpus = Corpus(tmp_path / "data")
    corpus.add_info("a.json", [info(post_id(1))])
    database = corpus.database()
    with serve(corpus.folder) as address:
        assert get(address, "/api/feed").json()["ids"] == [post_id(1)]
        corpus.add_info("b.json", [info(post_id(2))])
        corpus.database()
        assert get(address, "/api/feed").json()["ids"] == [post_id(2), post_id(1)]
        database.rename(tmp_path / "aside.db")
        answer = get(address, "/api/feed")
        assert answer.json()["ids"] == [post_id(2), post_id(1)]  # as long as a build takes
        database.write_bytes(b"no database at all")
        answer = get(address, "/api/feed")
        assert answer.status_code == 503
        assert "Check the path" in answer.json()["error"]
        (tmp_path / "aside.db").rename(database)
        assert get(address, "/api/feed").status_code == 200


def test_two_viewers_keep_working_during_a_rebuild(chromium: Browser, tmp_path: Path) -> None:
    corpus = Corpus(tmp_path / "data")
    corpus.add_info("a.json", [info(post_id(number)) for number in range(3)])
    inode = corpus.database().stat().st_ino
    with (
        serve(corpus.folder) as first,
        serve(corpus.folder) as second,
        looking(chromium, first) as page,
    ):
        page.goto("/")
        expect(page.locator(".panel code").first).to_have_text(post_id(2))
        corpus.add_info("b.json", [info(post_id(number)) for number in range(3, 6)])
        answers = 0
        with subprocess.Popen([sys.executable, "-c", REBUILD, corpus.folder], cwd=PROJECT) as build:
            while build.poll() is None or answers < 5:
                for address in (first, second):
                    ids = get(address, "/api/feed").json()["ids"]
                    assert len(ids) in (3, 6)
                    found = get(address, f"/api/posts?ids={','.join(ids)}").json()["posts"]
                    assert [one["id"] for one in found] == ids
                    assert get(address, "/api/search?q=paper").status_code == 200
                    answers += 1
                page.keyboard.press("ArrowDown")
                page.keyboard.press("ArrowUp")
        assert build.returncode == 0
        assert (corpus.folder / "tiktoks.db").stat().st_ino != inode
        for address in (first, second):
            assert len(get(address, "/api/feed").json()["ids"]) == 6
        page.goto(f"/v/{post_id(5)}")
        expect(page.locator(".panel code").first).to_have_text(post_id(5))


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("large") / "data"
    data.mkdir()
    many.write_database(data / "tiktoks.db", MANY, UNDATED)
    return data


def test_the_feed_of_a_large_corpus_has_each_post_once(large: Path) -> None:
    with closing(sqlite3.connect(large / "tiktoks.db")) as db:
        times = dict(db.execute("SELECT id, posted_at FROM tiktoks"))
    by_time = sorted(times, key=lambda id: (times[id] or 0, len(id), id), reverse=True)
    with serve(large) as address, requests.Session() as session:
        session.trust_env = False

        def walk(start: str | None, direction: str) -> list[str]:
            ids: list[str] = []
            place = start
            while page := session.get(
                f"{address}/api/feed", params={"from": place, "direction": direction}, timeout=20
            ).json()["ids"]:
                ids += page
                place = page[-1]
            return ids

        assert walk(None, "older") == by_time
        assert walk(by_time[-1], "newer") == by_time[-2::-1]


def test_the_page_never_loads_a_large_corpus(chromium, large: Path) -> None:
    with serve(large) as address, looking(chromium, address) as page:
        received = []
        page.on("response", lambda answer: received.append(answer))
        page.goto("/")
        newest = many.post_id(MANY)
        expect(page.locator(".panel code").first).to_have_text(newest)
        for number in range(1, 15):  # 12 ids come at once
            page.keyboard.press("ArrowDown")
            expect(page.locator(".panel code").first).to_have_text(many.post_id(MANY - number))
        assert page.locator("article").count() == 3
        middle = many.post_id(MANY // 2)
        page.goto(f"/v/{middle}")
        expect(page.locator(".panel code").first).to_have_text(middle)
        page.keyboard.press("ArrowUp")
        expect(page.locator(".panel code").first).to_have_text(many.post_id(MANY // 2 + 1))
        page.goto("/search?from=2020-01-02")
        expect(page.locator(".count")).to_have_text("2,914 TikToks")
        expect(page.locator(".card")).to_have_count(24)
        page.get_by_role("button", name="More results").click()
        expect(page.locator(".card")).to_have_count(48)
        page.locator(".card a").last.click()
        for number in (48, 49):  # the second begins the next page of results
            expect(page.locator(".panel code").first).to_have_text(many.post_id(MANY - number + 1))
            page.keyboard.press("ArrowDown")
        page.get_by_role("link", name="Results").click()
        expect(page.locator(".card")).to_have_count(72)
        sizes = [int(one.headers["content-length"]) for one in received if "/api/" in one.url]
        assert len(sizes) > 20
        assert max(sizes) < 50_000


def test_back_keeps_the_place_in_the_list(chromium, large: Path) -> None:
    with serve(large) as address, looking(chromium, address) as page:
        page.goto("/search?from=2020-01-02")
        page.get_by_role("button", name="More results").click()
        expect(page.locator(".card")).to_have_count(48)
        page.evaluate("scrollTo(0, 2000)")
        page.evaluate("() => document.querySelectorAll('.card a')[24].click()")
        expect(page).to_have_url(re.compile("/v/"))
        page.go_back()
        expect(page.locator(".card")).to_have_count(48)
        page.wait_for_function("() => scrollY === 2000")
        page.keyboard.press("/")
        page.keyboard.type("zebra")
        place = page.evaluate("scrollY")  # typing brings the search bar into view
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("Results for “zebra”")
        assert page.evaluate("scrollY") == 0
        page.go_back()
        expect(page.locator(".card")).to_have_count(48)
        page.wait_for_function("place => scrollY === place", arg=place)
        following = page.locator(".card a").nth(41).get_attribute("data-id")
        page.locator(".card a").nth(40).click()
        expect(page.get_by_label("Stage")).to_be_focused()
        page.keyboard.press("ArrowDown")
        expect(page).to_have_url(re.compile(f"/v/{following}"))
        page.go_back()
        expect(page.locator(".card a").nth(41)).to_be_focused()


def test_the_first_view_is_requested_once_before_the_scripts_run(page: Page, address: str) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url.removeprefix(address)))
    for path, first in (("/", "/api/feed?direction=older"), (f"/v/{ID}", f"/api/posts?ids={ID}")):
        asked.clear()
        page.goto(path)
        expect(page.locator("article")).not_to_have_count(0)
        assert asked.index(first) < asked.index("/page/page.js")
        assert asked.count(first) == 1


def test_a_seek_asks_for_the_part_it_needs(chromium, tmp_path) -> None:
    corpus = Corpus(tmp_path / "data")
    id = TIKTOKS[0].id
    corpus.add_info("a.json", [info(id)])
    corpus.add_download("videos", id, b"to come")
    duration_s = write_long_video(corpus.folder / "videos" / f"{id}.mp4")
    corpus.database()
    size = (corpus.folder / "videos" / f"{id}.mp4").stat().st_size
    assert size > 8_000_000
    with serve(corpus.folder) as address, looking(chromium, address) as page:
        starts = []

        def note(answer) -> None:
            if answer.url.endswith(".mp4"):
                assert answer.status == 206
                starts.append(int(re.match(r"bytes (\d+)-", answer.headers["content-range"])[1]))

        page.on("response", note)
        slow = page.context.new_cdp_session(page)  # or else all of it has come before the seek
        slow.send("Network.enable")
        speed = {"offline": False, "latency": 0, "downloadThroughput": 5e5, "uploadThroughput": -1}
        slow.send("Network.emulateNetworkConditions", speed)
        page.goto(f"/v/{id}")
        page.wait_for_function("() => document.querySelector('video')?.readyState >= 2")
        page.get_by_role("slider").fill("900")
        page.wait_for_function(
            "end => { const video = document.querySelector('video');"
            " return !video.seeking && video.readyState >= 2 && video.currentTime > 0.89 * end; }",
            arg=duration_s,
        )
    assert max(starts) > size / 2


def write_long_video(path: Path) -> float:
    """Repeat the first demo video many times, without encoding it. Returns its length."""
    source = TIKTOKS[0].video_file
    with av.open(path, "w", options={"movflags": "faststart"}) as output:
        stream, start = None, 0
        while path.stat().st_size < 8_000_000:
            with av.open(source) as video:
                track = video.streams.video[0]
                stream = stream or output.add_stream_from_template(track)
                for packet in video.demux(track):
                    if packet.dts is not None:
                        packet.pts += start
                        packet.dts += start
                        packet.stream = stream
                        output.mux(packet)
                start += track.duration
                length_s = float(start * track.time_base)
    return length_s
