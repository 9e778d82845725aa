"""The demo's media are right, and its stand-in for the site fails as described."""

import json
import signal
import socket
import ssl
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from io import BytesIO
from pathlib import Path
from urllib.parse import urlsplit

import av
import pillow_heif
import pytesseract
import pytest
import requests
from PIL import Image

from demo.damage import BOMB_SIDE
from demo.faults import CERTIFICATE_FAULTS, DRIP_S, FAULTS, HANG_S, HTTP_FAULTS, RETRY_AFTER_S
from demo.site import Site
from demo.tiktoks import INFO, TIKTOKS, VIDEOS, YEAR_2100
from tests.support.clocks import JumpingClock, ManualClock

SHARED_INFO = Path("../shared/raw-info")
VIDEO, IMAGE = TIKTOKS[0], TIKTOKS[1]
GOOD_VIDEO = VIDEO.video_file.read_bytes()
GOOD_COVER = IMAGE.cover_file.read_bytes()
SHORT_S = 0.6  # a client's time limit if the server hangs
FAR_S = 120.0  # and if it doesn't


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with Site() as site:
        yield site


@pytest.fixture
def client(site: Site) -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.trust_env = False  # or else REQUESTS_CA_BUNDLE wins over `verify`
        session.proxies = {"http": site.proxy_url, "https": site.proxy_url}
        session.verify = site.ca_file
        yield session


def get_directly(link: str, ca_file: str) -> bytes:
    """The body of `link`, whatever proxy or CA the environment sets."""
    with requests.Session() as session:
        session.trust_env = False
        return session.get(link, verify=ca_file, timeout=FAR_S).content


def video_link(fault: str) -> str:
    return f"{VIDEO.video_link}&demo-fault={fault}"


def cover_link(fault: str) -> str:
    return f"{IMAGE.cover_link}&demo-fault={fault}"


def host_link(fault: str) -> str:
    return f"https://fault-{fault}.tiktokcdn-us.com{VIDEO.video_path}"


@contextmanager
def requesting(site: Site, link: str) -> Iterator[ssl.SSLSocket]:
    """A connection on which `link` has just been requested."""
    parts = urlsplit(link)
    with socket.create_connection(("127.0.0.1", site.port), FAR_S) as plain:
        plain.sendall(f"CONNECT {parts.netloc}:443 HTTP/1.1\r\n\r\n".encode())
        assert b" 200 " in plain.recv(4096)
        context = ssl.create_default_context(cafile=site.ca_file)
        with context.wrap_socket(plain, server_hostname=parts.netloc) as secure:
            target = f"{parts.path}?{parts.query}"
            secure.sendall(f"GET {target} HTTP/1.1\r\nHost: {parts.netloc}\r\n\r\n".encode())
            yield secure


def read(secure: ssl.SSLSocket, count: int) -> bytes:
    """The next `count` bytes, or fewer if the server closes the connection."""
    received = b""
    while len(received) < count and (chunk := secure.recv(count - len(received))):
        received += chunk
    return received


def raw_answer(site: Site, link: str, limit: int = 2**23) -> bytes:
    """The bytes that the server sends for `link` until it closes the connection, up to `limit`."""
    with requesting(site, link) as secure:
        return read(secure, limit)


def count_frames(media: bytes) -> dict[str, int]:
    """Decoded frames by kind of stream. Raises ValueError if packets or frames are missing."""
    try:
        with av.open(BytesIO(media)) as container:
            packets = [packet for packet in container.demux() if packet.size]
            frames = {stream.type: 0 for stream in container.streams}
            for stream in container.streams:
                if sum(packet.stream is stream for packet in packets) != stream.frames:
                    raise ValueError("packets are missing")
            for packet in packets:
                frames[packet.stream.type] += len(packet.decode())
            for stream in container.streams:
                frames[stream.type] += len(stream.codec_context.decode(None))
            return frames
    except (av.error.FFmpegError, IndexError) as error:
        raise ValueError(str(error)) from error


# The media and the raw info.


def test_media_are_small() -> None:
    files = [path for path in VIDEOS.parent.rglob("*") if path.is_file()]
    assert len(files) == 2 * len(TIKTOKS)
    assert sum(path.stat().st_size for path in files) < 1_500_000


@pytest.mark.parametrize("tiktok", TIKTOKS, ids=lambda tiktok: tiktok.handle)
def test_videos_decode_and_have_speech(tiktok) -> None:
    with av.open(tiktok.video_file) as container:
        video, audio = container.streams
        assert (video.codec.name, audio.codec.name) == ("h264", "aac")
        assert video.height > video.width
        assert 3 < container.duration / 1e6 < 10
    frames = count_frames(tiktok.video_file.read_bytes())
    assert frames["video"] > 36
    assert frames["audio"] > 36


@pytest.mark.parametrize("tiktok", TIKTOKS, ids=lambda tiktok: tiktok.handle)
def test_tesseract_reads_covers(tiktok) -> None:
    with Image.open(tiktok.cover_file) as cover:
        assert cover.size == (360, 640)
        words = pytesseract.image_to_string(cover).split()
    assert set(tiktok.cover_text.split()) <= set(words)


def test_raw_info_tells_the_tiktoks() -> None:
    third = json.loads((INFO / "demo.json").read_text("utf-8"))
    first = json.loads((INFO / "demo_first_dialect.json").read_text("utf-8"))
    assert {record["id"] for record in third + first} == {tiktok.id for tiktok in TIKTOKS}
    scraped = {record["id"]: record["scrape-timestamp"] for record in third}
    (again,) = (record for record in first if record["id"] in scraped)
    assert again["scrape-timestamp"] < scraped[again["id"]]
    assert {"username", "nickname", "posted"} <= first[0].keys()
    assert {"creator-username", "creator-nickname", "time-posted"} <= third[0].keys()


def test_ids_and_links_look_real() -> None:
    for tiktok in TIKTOKS:
        assert len(tiktok.id) == 19
        assert 2022 <= datetime.fromtimestamp(int(tiktok.id) >> 32, UTC).year <= 2024
        if tiktok.link == "path":
            assert int(tiktok.video_path.split("/")[2], 16) == YEAR_2100
    links = [tiktok.link for tiktok in TIKTOKS]
    assert [links.count(kind) for kind in ("expired", "gone", "blob")] == [1, 1, 1]


# What is served.


@pytest.mark.parametrize("file", sorted(INFO.glob("*.json")), ids=lambda file: file.stem)
def test_links_of_the_demo_lead_to_its_files(file: Path, client: requests.Session) -> None:
    media = {tiktok.id: tiktok for tiktok in TIKTOKS}
    for record in json.loads(file.read_text("utf-8")):
        tiktok = media[record["id"]]
        assert client.get(record["coverphoto-src"]).content == tiktok.cover_file.read_bytes()
        if tiktok.link == "gone":
            assert client.get(record["video-src"]).status_code == 404
        elif tiktok.link != "blob":
            assert client.get(record["video-src"]).content == tiktok.video_file.read_bytes()


@pytest.mark.skipif(not SHARED_INFO.is_dir(), reason="the samples of raw info aren't here")
def test_links_of_real_raw_info_lead_to_media(client: requests.Session) -> None:
    for file in SHARED_INFO.glob("*.json"):
        for record in json.loads(file.read_text("utf-8")):
            for key, mime in (("video-src", "video/mp4"), ("coverphoto-src", "image/jpeg")):
                link = record[key]
                if link.startswith("https:") and "/@" not in link:
                    answer = client.get(link)
                    assert (answer.status_code, answer.headers["Content-Type"]) == (200, mime)


def test_unknown_links_get_the_same_medium_every_time(client: requests.Session) -> None:
    links = [f"https://v16.tiktokcdn.com/{n}/video/tos/x/?a=1" for n in range(40)]
    first = [client.get(link).content for link in links]
    assert first == [client.get(link).content for link in links]
    assert len(set(first)) > 6
    assert set(first) <= {path.read_bytes() for path in VIDEOS.iterdir()}


def test_pages_are_html_and_the_rest_is_not_found(client: requests.Session) -> None:
    page = client.get("https://www.tiktok.com/@someone/video/7198824289422580615?x=1")
    assert (page.status_code, page.headers["Content-Type"][:9]) == (200, "text/html")
    assert client.get("https://www.example.org/").status_code == 404


def test_headers(client: requests.Session) -> None:
    answer = client.get(VIDEO.video_link)
    date = parsedate_to_datetime(answer.headers["Date"])
    assert abs((date - datetime.now(UTC)).total_seconds()) < FAR_S
    assert answer.headers["Content-Length"] == str(len(GOOD_VIDEO))
    assert answer.headers["Accept-Ranges"] == "none"


def test_direct_https_and_plain_http(site: Site, client: requests.Session) -> None:
    client.proxies = {}
    assert client.get(f"{site.https_url}{VIDEO.video_path}").content == GOOD_VIDEO
    assert client.get(f"http://127.0.0.1:{site.port}{VIDEO.video_path}").content == GOOD_VIDEO


def test_plain_http_through_the_proxy(client: requests.Session) -> None:
    link = VIDEO.video_link.replace("https:", "http:")
    assert client.get(link).content == GOOD_VIDEO


def test_good_certificates_hold_from_2000_to_2100(site: Site) -> None:
    context = ssl.create_default_context(cafile=site.ca_file)
    with (
        socket.create_connection(("127.0.0.1", site.port)) as plain,
        context.wrap_socket(plain, server_hostname="localhost") as secure,
    ):
        certificate = secure.getpeercert()
    authority = context.get_ca_certs()[-1]
    for one in (certificate, authority):
        assert ssl.cert_time_to_seconds(one["notBefore"]) <= 946684800
        assert ssl.cert_time_to_seconds(one["notAfter"]) >= YEAR_2100


def test_requests_and_connections_are_recorded(site: Site, client: requests.Session) -> None:
    site.requests.clear()
    site.connections.clear()
    client.get(IMAGE.cover_link)
    client.get(cover_link("status-503"))
    host = urlsplit(IMAGE.cover_link).netloc
    assert site.connections == [(host, "")]
    assert site.requests == [
        ("GET", host, IMAGE.cover_path, 200),
        ("GET", host, IMAGE.cover_path, 503),
    ]


def test_folder_in_place_of_the_demo(tmp_path: Path) -> None:
    (tmp_path / "1.mp4").write_bytes(b"one")
    (tmp_path / "2.mp4").write_bytes(b"two")
    (tmp_path.parent / "3.mp4").write_bytes(b"outside")
    with Site(media=tmp_path) as site:

        def get(path: str) -> bytes:
            return get_directly(f"{site.https_url}{path}", site.ca_file)

        assert get("/1.mp4") == b"one"
        assert get("/2.mp4") == b"two"
        assert get("/../3.mp4") in (b"one", b"two")
        assert get("/a/video/tos/b/") in (b"one", b"two")
        assert get("/a~tplv-b.jpeg")[:2] == b"\xff\xd8"


def test_latency_and_rate_on_a_kept_connection() -> None:
    clock = JumpingClock()
    with Site(latency_s=0.1, bytes_per_s=len(GOOD_VIDEO) / 0.2, clock=clock) as site:
        with requests.Session() as session:
            session.trust_env = False
            for _ in range(3):
                answer = session.get(f"{site.https_url}{VIDEO.video_path}", verify=site.ca_file)
                assert answer.content == GOOD_VIDEO
        headers_s = 3 * 500 / site.bytes_per_s
        assert 0.9 <= clock.now() <= 0.9 + headers_s
        assert len(site.connections) == 1


# The switches.


def test_fault_for_the_first_requests_of_each_link(site: Site, client: requests.Session) -> None:
    site.faults["/switched-"] = "status-503*2"
    links = [f"https://v16.tiktokcdn.com/video/tos/switched-{n}/" for n in "ab"]
    for link in links:
        assert [client.get(link).status_code for _ in range(4)] == [503, 503, 200, 200]
    site.faults["/switched-"] = "status-503*1"
    assert [client.get(links[0]).status_code for _ in range(2)] == [503, 200]
    site.faults["/switched-a"] = "status-410"
    assert client.get(links[0]).status_code == 410
    del site.faults["/switched-a"], site.faults["/switched-"]
    assert client.get(links[0]).status_code == 200


def test_switch_beats_the_link(site: Site, client: requests.Session) -> None:
    site.faults[VIDEO.video_path] = "none"
    assert client.get(video_link("status-404")).status_code == 200
    del site.faults[VIDEO.video_path]
    assert client.get(video_link("status-404*1")).status_code == 404
    assert client.get(video_link("status-404*1")).status_code == 200


def test_faults_that_can_not_be(site: Site, client: requests.Session) -> None:
    with pytest.raises(ValueError, match="no fault 'sunshine'"):
        site.faults["x"] = "sunshine"
    assert "x" not in site.faults
    for link in (video_link("sunshine"), video_link("tls-hang"), cover_link("no-audio")):
        assert client.get(link).status_code == 501


# The faults: every one of the table has its test below.

STATUSES = [name for name in FAULTS if name.startswith("status-")]
REDIRECTS = {
    "redirect-file": "file:",
    "redirect-loopback": "http://127.0.0.1:",
    "redirect-loopback-name": "http://localhost:",
    "redirect-loopback-https": "https://localhost:",
    "redirect-loopback-mapped": "http://[::ffff:127.0.0.1]:",
    "redirect-loopback-decimal": "http://2130706433:",
    "redirect-private": "http://10.0.0.1/",
    "redirect-link-local": "http://169.254.169.254/",
}
CERTIFICATES = {
    "wrong-host-certificate": "Hostname mismatch|doesn't match",
    "expired-certificate": "has expired",
    "future-certificate": "not yet valid",
    "self-signed-certificate": "self.signed certificate",
}
CONNECTIONS: dict[str, type[Exception]] = {
    "connect-refused": requests.exceptions.ProxyError,
    "connect-closed": requests.exceptions.ConnectionError,
    "connect-hang": requests.exceptions.Timeout,
    "tls-hang": requests.exceptions.Timeout,
    "tls-closed": requests.exceptions.ConnectionError,
}
HANGS = ("connect-hang", "tls-hang")
BROKEN_BODIES = ("cut", "reset", "chunked-cut", "huge-length")
BROKEN_ANSWERS = ("garbage", "no-answer")
UNDECODABLE = ("truncated", "zeroed-tail", "spliced", "moov-only", "text")
IMAGE_FORMATS = {"webp": "WEBP", "png": "PNG", "avif": "AVIF"}
OTHERS = (
    *("html", "html-as-media", "empty", "length-too-small", "no-length-cut", "two-lengths"),
    *("endless", "gzip", "gzip-bomb", "header-hang", "header-drip", "body-hang", "body-drip"),
    *("redirect-good", "redirect-loop", "no-audio", "audio-only", "heic", "pixel-bomb"),
)


def test_every_fault_is_tested_and_described() -> None:
    tested = {*STATUSES, *REDIRECTS, *CERTIFICATES, *CONNECTIONS, *BROKEN_BODIES, *OTHERS}
    tested |= {*BROKEN_ANSWERS, *UNDECODABLE, *IMAGE_FORMATS}
    assert tested == set(FAULTS)
    assert set(CERTIFICATES) == set(CERTIFICATE_FAULTS)
    assert all(FAULTS.values())


@pytest.mark.parametrize("name", STATUSES)
def test_statuses(name: str, client: requests.Session) -> None:
    before = time.time()
    answer = client.get(video_link(name))
    assert answer.status_code == int(name.split("-")[1])
    wait = answer.headers.get("Retry-After")
    if name.endswith("-seconds"):
        assert wait == "2"
    elif name.endswith("-day"):
        assert wait == "86400"
    elif name.endswith("-date"):
        at = parsedate_to_datetime(wait).timestamp()
        # HTTP dates are whole seconds.
        assert before - 1 < at - RETRY_AFTER_S <= time.time()
    else:
        assert wait is None


@pytest.mark.parametrize("name", REDIRECTS)
def test_redirects_to_forbidden_places(name: str, client: requests.Session) -> None:
    answer = client.get(video_link(name), allow_redirects=False)
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith(REDIRECTS[name])


@pytest.mark.parametrize("proxied", [True, False])
@pytest.mark.parametrize(
    "name", [name for name in REDIRECTS if name.startswith("redirect-loopback")]
)
def test_secret_is_counted(name: str, proxied: bool, site: Site, client: requests.Session) -> None:
    location = client.get(video_link(name), allow_redirects=False).headers["Location"]
    if not proxied:
        client.proxies = {}
    before = site.secret_hits
    assert client.get(location).content == b"secret\n"
    assert site.secret_hits == before + 1


def test_redirect_to_another_good_host(site: Site, client: requests.Session) -> None:
    site.faults[VIDEO.video_path] = "redirect-good"
    answer = client.get(VIDEO.video_link)
    del site.faults[VIDEO.video_path]
    assert len(answer.history) == 1
    assert urlsplit(answer.url).netloc != urlsplit(VIDEO.video_link).netloc
    assert answer.content == GOOD_VIDEO


def test_redirect_loop(client: requests.Session) -> None:
    client.max_redirects = 12
    with pytest.raises(requests.exceptions.TooManyRedirects) as caught:
        client.get(video_link("redirect-loop"))
    assert "demo-hop=12" in caught.value.response.url


@pytest.mark.parametrize("name", CERTIFICATES)
def test_certificates(name: str, client: requests.Session) -> None:
    with pytest.raises(requests.exceptions.SSLError, match=CERTIFICATES[name]):
        client.get(host_link(name))


@pytest.mark.parametrize("name", CONNECTIONS)
def test_connections(name: str, client: requests.Session) -> None:
    with pytest.raises(CONNECTIONS[name]) as caught:
        client.get(host_link(name), timeout=SHORT_S if name in HANGS else FAR_S)
    assert isinstance(caught.value, requests.exceptions.Timeout) == (name in HANGS)


def test_connection_fault_by_switch(site: Site, client: requests.Session) -> None:
    host = "v77.tiktokcdn.com"
    site.faults[host] = "tls-closed*1"
    link = f"https://{host}/video/tos/x/"
    with pytest.raises(requests.exceptions.ConnectionError):
        client.get(link)
    assert client.get(link).status_code == 200
    assert site.connections[-2:] == [(host, "tls-closed"), (host, "")]
    del site.faults[host]


@pytest.mark.parametrize("name", BROKEN_BODIES)
def test_bodies_that_break(name: str, client: requests.Session) -> None:
    errors = (requests.exceptions.ChunkedEncodingError, requests.exceptions.ConnectionError)
    received = b""
    answer = client.get(video_link(name), stream=True)
    with pytest.raises(errors):
        for chunk in answer.iter_content(1024):
            received += chunk
    assert GOOD_VIDEO.startswith(received)
    assert answer.status_code == 200


@pytest.mark.parametrize("name", BROKEN_ANSWERS)
def test_answers_that_are_not_http(name: str, site: Site, client: requests.Session) -> None:
    with pytest.raises(requests.exceptions.ConnectionError):
        client.get(video_link(name))
    assert site.requests[-1][3] == 0
    assert not raw_answer(site, video_link(name)).startswith(b"HTTP/")


def test_reset_is_a_reset(site: Site) -> None:
    request = f"GET {VIDEO.video_path}?demo-fault=reset HTTP/1.1\r\nHost: x.tiktok.com\r\n\r\n"
    with socket.create_connection(("127.0.0.1", site.port), FAR_S) as plain:
        plain.sendall(request.encode())
        with pytest.raises(ConnectionResetError):  # over TLS, Python doesn't tell RST from FIN
            while plain.recv(2**16):
                pass


def test_html_in_place_of_media(client: requests.Session) -> None:
    for name, mime in (("html", "text/html"), ("html-as-media", "video/mp4")):
        answer = client.get(video_link(name))
        assert answer.status_code == 200
        assert answer.headers["Content-Type"].startswith(mime)
        assert answer.content.startswith(b"<!DOCTYPE html>")


def test_lengths_that_lie(site: Site, client: requests.Session) -> None:
    assert client.get(video_link("empty")).content == b""
    half = GOOD_VIDEO[: len(GOOD_VIDEO) // 2]
    assert client.get(video_link("length-too-small")).content == half
    assert client.get(video_link("no-length-cut")).content == half
    header, _, body = raw_answer(site, video_link("two-lengths")).partition(b"\r\n\r\n")
    assert header.count(b"Content-Length: ") == 2
    assert body == GOOD_VIDEO
    answer = client.get(video_link("huge-length"), stream=True)
    assert answer.headers["Content-Length"] == str(10**12)


def test_endless_body(site: Site) -> None:
    received = raw_answer(site, video_link("endless"), limit=5_000_000)
    assert len(received) >= 5_000_000
    assert b"Content-Length" not in received


def test_gzip_that_was_not_requested(client: requests.Session) -> None:
    answer = client.get(video_link("gzip"), headers={"Accept-Encoding": "identity"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert answer.content == GOOD_VIDEO
    assert int(answer.headers["Content-Length"]) != len(GOOD_VIDEO)


def test_gzip_bomb(client: requests.Session) -> None:
    answer = client.get(video_link("gzip-bomb"), stream=True)
    assert int(answer.headers["Content-Length"]) < 20_000_000
    unpacked = 0
    for chunk in answer.iter_content(2**20):
        unpacked += len(chunk)
        if unpacked > 50_000_000:
            break
    assert unpacked > 50_000_000
    assert answer.raw.tell() < 5_000_000
    answer.close()


@pytest.fixture
def slow_site() -> Iterator[tuple[Site, ManualClock]]:
    """A site whose pauses last until the test lets time pass."""
    clock = ManualClock()
    with Site(clock=clock) as site:
        yield site, clock


def assert_nothing_more(secure: ssl.SSLSocket) -> None:
    secure.setblocking(False)
    with pytest.raises(ssl.SSLWantReadError):
        secure.recv(1)
    secure.settimeout(FAR_S)


def read_head(secure: ssl.SSLSocket) -> bytes:
    received = b""
    while not received.endswith(b"\r\n\r\n"):
        received += read(secure, 1)
    return received


@pytest.mark.parametrize(
    ("name", "whole_head", "body_bytes"),
    [("header-hang", False, 0), ("body-hang", True, len(GOOD_VIDEO) // 2)],
)
def test_hangs(
    name: str, whole_head: bool, body_bytes: int, slow_site: tuple[Site, ManualClock]
) -> None:
    site, clock = slow_site
    with requesting(site, video_link(name)) as secure:
        if whole_head:
            assert f"Content-Length: {len(GOOD_VIDEO)}".encode() in read_head(secure)
        assert read(secure, body_bytes) == GOOD_VIDEO[:body_bytes]
        clock.wait_for_pause(HANG_S)
        assert_nothing_more(secure)


@pytest.mark.parametrize(("name", "whole_head"), [("header-drip", False), ("body-drip", True)])
def test_drips(name: str, whole_head: bool, slow_site: tuple[Site, ManualClock]) -> None:
    site, clock = slow_site
    with requesting(site, video_link(name)) as secure:
        if whole_head:
            read_head(secure)
        for _ in range(5):
            assert len(read(secure, 1)) == 1
            clock.wait_for_pause(DRIP_S)
            assert_nothing_more(secure)
            clock.advance(DRIP_S)


@pytest.mark.parametrize("name", UNDECODABLE)
def test_videos_that_do_not_decode(name: str, client: requests.Session) -> None:
    answer = client.get(video_link(name))
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "video/mp4")
    assert answer.content != GOOD_VIDEO
    with pytest.raises(ValueError):
        count_frames(answer.content)


def test_videos_with_one_stream(client: requests.Session) -> None:
    whole = count_frames(GOOD_VIDEO)
    assert count_frames(client.get(video_link("no-audio")).content) == {"video": whole["video"]}
    assert count_frames(client.get(video_link("audio-only")).content) == {"audio": whole["audio"]}


@pytest.mark.parametrize("name", ["truncated", "text"])
def test_covers_that_do_not_decode(name: str, client: requests.Session) -> None:
    content = client.get(cover_link(name)).content
    with pytest.raises(OSError):
        Image.open(BytesIO(content)).load()


def test_cover_with_zeroed_tail(client: requests.Session) -> None:
    """Pillow silently decodes most of these, so the test compares the bytes."""
    content = client.get(cover_link("zeroed-tail")).content
    half = len(GOOD_COVER) // 2
    assert content[:half] == GOOD_COVER[:half]
    assert content[half:] == bytes(len(GOOD_COVER) - half)


@pytest.mark.parametrize("name", IMAGE_FORMATS)
def test_covers_of_another_format(name: str, client: requests.Session) -> None:
    answer = client.get(cover_link(name))
    assert answer.headers["Content-Type"] == "image/jpeg"
    image = Image.open(BytesIO(answer.content))
    assert (image.format, image.size) == (IMAGE_FORMATS[name], (360, 640))


def test_cover_as_heic(client: requests.Session) -> None:
    content = client.get(cover_link("heic")).content
    assert content[8:12] == b"heic"
    assert pillow_heif.open_heif(BytesIO(content)).size == (360, 640)


def test_pixel_bomb(client: requests.Session) -> None:
    content = client.get(cover_link("pixel-bomb")).content
    assert len(content) < 100_000
    # Only the header is read: Pillow warns about the size, or refuses, depending on its settings.
    assert content.startswith(b"\x89PNG")
    assert struct.unpack(">II", content[16:24]) == (BOMB_SIDE, BOMB_SIDE)


def test_statuses_of_the_table_are_those_sent(site: Site, client: requests.Session) -> None:
    for name in (*STATUSES, "empty", "html", "redirect-file"):
        answer = client.get(video_link(name), allow_redirects=False)
        assert answer.status_code == HTTP_FAULTS[name].status == site.requests[-1][3]


# Stopping, and the command line.


def test_stops_at_once_while_clients_hang() -> None:
    with Site() as site:
        sock = socket.create_connection(("127.0.0.1", site.port), FAR_S)
        sock.sendall(b"CONNECT fault-connect-hang.tiktok.com:443 HTTP/1.1\r\n\r\n")
        while not site.connections:
            time.sleep(0.01)
        start = time.monotonic()
    assert time.monotonic() - start < FAR_S < HANG_S
    assert sock.recv(1) == b""
    sock.close()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", site.port), FAR_S)


CLIENT = """
import os, requests, sys
proxies = {"https": os.environ["DEMO_PROXY"]}
answer = requests.get(sys.argv[1], proxies=proxies, verify=os.environ["DEMO_CA"])
raise SystemExit(7 if answer.ok else 1)
"""


def test_command_runs_while_serving() -> None:
    command = [sys.executable, "-m", "demo.site", "--latency", "0.01", "--"]
    command += [sys.executable, "-c", CLIENT, VIDEO.video_link]
    assert subprocess.run(command, timeout=FAR_S, check=False).returncode == 7


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_foreground_stops_on_signals(number: signal.Signals, tmp_path: Path) -> None:
    ready, ca = tmp_path / "ready.json", tmp_path / "ca.pem"
    command = [sys.executable, "-m", "demo.site", "--ready-file", ready, "--ca-file", ca]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        while not ready.exists():
            assert process.poll() is None
            time.sleep(0.02)
        addresses = json.loads(ready.read_text())
        assert addresses["ca"] == str(ca)
        content = get_directly(f"{addresses['https']}{VIDEO.video_path}", str(ca))
        assert content == GOOD_VIDEO
        process.send_signal(number)
        assert process.wait(FAR_S) == 0
