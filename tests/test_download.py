"""The behaviour of one download: politeness to hosts, credentials, clocks, and memory."""

import itertools
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from http.cookiejar import Cookie, MozillaCookieJar
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml

from demo.site import Site
from scripts.download.client import ConnectionGuard, ForbiddenAddressError
from scripts.download.downloader import Downloader
from scripts.download.failures import Failure
from scripts.errors import ConfigError
from scripts.plan.downloads import PENDING, Download
from scripts.store.receipts import Receipt, read_receipt
from tests.support.tiktoks import YEAR_2100, tiktok, video_host
from tests.support.workflow import PATIENT, PROJECT

DEFAULTS = yaml.safe_load((PROJECT / "config.yaml").read_text())["download"]


class Fetcher:
    """Downloads into a folder, with the stand-in as proxy."""

    def __init__(self, folder: Path, site: Site, **settings: Any) -> None:
        self.folder = folder
        proxy = {"proxy": site.proxy_url, "ca_bundle": site.ca_file}
        self.downloader = Downloader(DEFAULTS | PATIENT | proxy | settings)

    def fetch(
        self, number: int, url: str = "", host: str = "", expires_at: int | None = None
    ) -> Receipt:
        record = tiktok(number)
        download = Download(
            "videos",
            record["id"],
            url or record["video-src"],
            host or video_host(number),
            expires_at,
            PENDING,
        )
        data = self.folder / "data"
        log = str(self.folder / f"{record['id']}.log")
        self.downloader.fetch(download, download.media(data), download.receipt(data), log)
        receipt = read_receipt(download.receipt(data))
        assert receipt is not None
        return receipt


@pytest.fixture
def fetcher(tmp_path: Path, site: Site) -> Fetcher:
    return Fetcher(tmp_path, site)


def test_a_passing_trouble_is_overcome_within_the_run(fetcher: Fetcher, site: Site) -> None:
    for number, fault in enumerate(("status-503*1", "cut*1", "empty*1", "truncated*1", "html*1")):
        site.faults[f"https://{video_host(number)}/"] = fault
        receipt = fetcher.fetch(number)
        assert (receipt.outcome, receipt.attempts) == ("ok", 1), fault
    assert len(site.requests) == 10


def test_a_wrong_certificate_goes_away_with_a_new_connection(fetcher: Fetcher, site: Site) -> None:
    site.faults[f"https://{video_host(0)}/"] = "wrong-host-certificate*1"
    assert fetcher.fetch(0).outcome == "ok"


def test_a_pause_that_a_host_asks_for_is_kept(fetcher: Fetcher, site: Site) -> None:
    site.faults[f"https://{video_host(0)}/"] = "status-429-seconds*1"
    start = time.monotonic()
    assert fetcher.fetch(0).outcome == "ok"
    assert time.monotonic() - start >= 2


def test_a_long_pause_holds_for_all_downloads_from_the_host(fetcher: Fetcher, site: Site) -> None:
    site.faults[video_host(0)] = "status-429-day"
    first = fetcher.fetch(0)
    second = fetcher.fetch(0, url=f"https://{video_host(0)}/video/tos/other/")
    assert first.outcome == second.outcome == "later"
    assert second.not_before == pytest.approx(first.not_before, abs=5)
    assert len(site.requests) == 1


def test_404_is_confirmed_once(fetcher: Fetcher, site: Site) -> None:
    site.faults[video_host(0)] = "status-404"
    assert fetcher.fetch(0).outcome == "gone"
    assert len(site.requests) == 2
    site.faults[video_host(1)] = "status-404*1"
    assert fetcher.fetch(1).outcome == "ok"


def test_attempts_count_runs_of_one_link(tmp_path: Path, site: Site) -> None:
    site.faults[video_host(0)] = "status-500"
    counts = [Fetcher(tmp_path, site).fetch(0).attempts for _ in range(3)]
    assert counts == [1, 2, 3]
    other = f"https://{video_host(0)}/video/tos/other/"
    assert Fetcher(tmp_path, site).fetch(0, url=other).attempts == 1


def test_no_more_requests_to_a_host_at_once_than_allowed(tmp_path: Path, site: Site) -> None:
    site.latency_s = 0.3
    fetcher = Fetcher(tmp_path, site, per_host=2)
    start = time.monotonic()
    with ThreadPoolExecutor(6) as pool:
        outcomes = pool.map(lambda n: fetcher.fetch(n, host="one.host").outcome, range(6))
    assert set(outcomes) == {"ok"}
    assert time.monotonic() - start >= 3 * 0.3


def test_a_host_in_trouble_is_left_alone(tmp_path: Path, site: Site) -> None:
    fetcher = Fetcher(tmp_path, site, host_patience=2, tries=1)
    site.faults[video_host(0)] = "status-500"
    outcomes = [
        fetcher.fetch(0, url=f"https://{video_host(0)}/video/tos/{n}/").outcome for n in range(4)
    ]
    assert outcomes == ["transient", "transient", "later", "later"]
    assert len(site.requests) == 2


def test_without_a_network_no_attempt_is_used_up(tmp_path: Path, site: Site) -> None:
    fetcher = Fetcher(tmp_path, site, proxy="http://127.0.0.1:9", host_patience=2, tries=1)
    receipts = [fetcher.fetch(number) for number in range(4)]
    assert [receipt.outcome for receipt in receipts] == ["transient", "transient", "later", "later"]
    assert receipts[-1].reason == "the network is down"
    assert [receipt.attempts for receipt in receipts] == [0, 0, 0, 0]


def test_names_that_do_not_resolve(tmp_path: Path, site: Site) -> None:
    fetcher = Fetcher(tmp_path, site, proxy="", tries=1)
    receipt = fetcher.fetch(0, url="https://nowhere.invalid/video/tos/x/?signature=secret")
    assert receipt.outcome == "transient"
    assert "nowhere.invalid" in receipt.reason
    assert "secret" not in receipt.reason


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "2130706433", "0x7f.1"])
def test_private_addresses_are_refused_before_a_byte_is_sent(
    tmp_path: Path, site: Site, host: str
) -> None:
    url = f"http://{host}:{site.port}/secret"
    for proxy in ("", site.proxy_url):
        receipt = Fetcher(tmp_path, site, proxy=proxy).fetch(0, url=url)
        assert receipt.outcome in ("rejected", "transient")
        assert receipt.outcome == "rejected" or host == "[::1]"  # nothing listens there
    assert site.secret_hits == 0
    assert site.requests == []


def test_private_addresses_are_followed_where_that_is_allowed(tmp_path: Path, site: Site) -> None:
    fetcher = Fetcher(tmp_path, site, proxy="", allow_private=True)
    receipt = fetcher.fetch(0, url=f"{site.https_url}/video/tos/x/")
    assert receipt.outcome == "ok"


def test_the_servers_clock_counts_for_its_own_links(tmp_path: Path, site: Site) -> None:
    """Once a host has sent its time, its expired links are not requested, and not given up."""
    fetcher = Fetcher(tmp_path, site)
    in_an_hour = int(time.time()) + 3600
    fetcher.downloader.site._hosts.record_clock(video_host(1), time.time() + 7200)
    receipt = fetcher.fetch(1, expires_at=in_an_hour)
    assert (receipt.outcome, receipt.not_before) == ("later", None)
    assert site.requests == []
    assert fetcher.fetch(2, expires_at=in_an_hour).outcome == "ok"


def test_passwords_of_netrc_are_never_sent(
    tmp_path: Path, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "netrc").write_text("default login me password secret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    _, session = Fetcher(tmp_path, site).downloader.site.transfer.connection()
    request = session.prepare_request(requests.Request("GET", "https://v16.tiktok.com/"))
    session.rebuild_auth(request, None)
    assert "Authorization" not in request.headers


class Answers(BaseHTTPRequestHandler):
    """Answers every request with the headers and the body of its server."""

    def do_GET(self) -> None:
        self.send_response_only(self.server.status)
        for name, value in self.server.answer_headers.items():
            self.send_header(name, value)
        self.end_headers()
        with suppress(ConnectionError):
            for block in self.server.body:
                self.wfile.write(block)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def hostile() -> Iterator[ThreadingHTTPServer]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        server.status, server.answer_headers, server.body = 200, {}, []
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def fetch_from(server: ThreadingHTTPServer, folder: Path, site: Site) -> Receipt:
    fetcher = Fetcher(folder, site, proxy="", allow_private=True)
    return fetcher.fetch(0, url=f"http://127.0.0.1:{server.server_port}/")


@pytest.mark.parametrize(
    ("headers", "outcome"),
    [
        ({"Retry-After": "9" * 400}, "later"),
        ({"Retry-After": "Thu, 01 Jan 2099 00:00:00 GMT"}, "later"),
        ({"Retry-After": "soon"}, "transient"),
        ({"Date": "Thu, 01 Jan 1970 00:00:00 +99999999999999999999"}, "transient"),
        ({"Date": "\x1b[2J"}, "transient"),
    ],
)
def test_hostile_headers_are_data(
    hostile: ThreadingHTTPServer, tmp_path: Path, site: Site, headers: dict, outcome: str
) -> None:
    hostile.status, hostile.answer_headers = 503, headers | {"Content-Length": "0"}
    assert fetch_from(hostile, tmp_path, site).outcome == outcome


def test_the_body_of_a_redirect_is_not_read(
    hostile: ThreadingHTTPServer, tmp_path: Path, site: Site
) -> None:
    hostile.status, hostile.answer_headers = 302, {"Location": "file:///etc/passwd"}
    hostile.body = itertools.repeat(bytes(2**16))
    receipt = fetch_from(hostile, tmp_path, site)  # else it would be a time-out
    assert receipt.outcome == "rejected"


def test_a_servers_own_words_are_cleaned() -> None:
    failure = Failure("transient", "\x1b[2J\x1b]0;title\x07" + "long " * 1000)
    assert len(failure.reason) <= 200
    assert failure.reason.isprintable()


def test_nothing_is_opened_once_the_time_is_over(tmp_path: Path, site: Site) -> None:
    """A name that resolves slowly, or a redirect, must not outlive the watchdog."""
    guard, session = Fetcher(tmp_path, site, proxy="").downloader.site.transfer.connection()
    guard.allow_private = True
    guard.shut_down()
    with pytest.raises(requests.ConnectionError):
        session.get(f"http://127.0.0.1:{site.port}/", proxies={}, timeout=60)
    guard.open()
    assert session.get(f"http://127.0.0.1:{site.port}/", timeout=60).status_code == 404


@pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:1080", "http://", "nonsense"])
def test_a_proxy_that_cannot_be_used_is_named_before_any_download(
    tmp_path: Path, site: Site, proxy: str
) -> None:
    with pytest.raises(ConfigError, match="proxy"):
        Fetcher(tmp_path, site, proxy=proxy).downloader.check_settings()


@pytest.mark.parametrize(
    "host",
    [
        *("localhost", "LOCALHOST", "localhost.", "a.localhost", "localhost.localdomain"),
        *("ip6-localhost", "ip6-loopback", "ip4-loopback", "localhost6.localdomain6", "router"),
        *("printer.local", "nas.lan", "db.internal", "fritz.home.arpa", "2130706433"),
        *("nas.fritz.box", "db.default.svc", "1.0.0.127.in-addr.arpa", "127.0.0.1.", "127.1."),
    ],
)
def test_names_of_the_local_network_are_refused_through_a_proxy(
    tmp_path: Path, site: Site, host: str
) -> None:
    receipt = Fetcher(tmp_path, site).fetch(0, url=f"http://{host}:{site.port}/secret")
    assert receipt.outcome == "rejected"
    assert "local" in receipt.reason
    assert site.requests == []


@pytest.mark.parametrize("host", ["v16.tiktokcdn-us.com", "local.example.com", "mylocalhost.com"])
def test_other_names_are_not_refused(host: str) -> None:
    ConnectionGuard(allow_private=False).check_name(host)


def test_the_run_knows_that_the_network_is_down(tmp_path: Path, site: Site) -> None:
    fetcher = Fetcher(tmp_path, site, proxy="", tries=1)
    assert not fetcher.downloader.site.is_unreachable
    receipts = [
        fetcher.fetch(number, url=f"https://{number}.invalid/video/tos/x/") for number in range(2)
    ]
    assert [receipt.reason for receipt in receipts] == [
        f"the name {number}.invalid can't be resolved" for number in range(2)
    ]
    assert fetcher.downloader.site.is_unreachable
    fetcher = Fetcher(tmp_path, site)
    assert fetcher.fetch(3).outcome == "ok"
    assert not fetcher.downloader.site.is_unreachable


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("<scripts.x._Guarded object at 0x7f3a1b2c3d4e>: Failed", "Failed"),
        ("HTTPSConnectionPool(host='a', port=443): Read timed out.", "Read timed out."),
        ("[Errno 13] Permission denied: '/home/me/corpus/data/1.mp4'", "Permission denied: '…'"),
        ("invalid path: /home/my user/ca.pem", "invalid path: …"),
        ("No such file: '/home/j\u00f6rg/my corpus/1.mp4'", "No such file: '…'"),
        ('No such file: "../my corpus/1.mp4"', 'No such file: "…"'),
        ("Permission denied: '/srv'", "Permission denied: '…'"),
        ("open('C:\\Users\\me\\x.pem')", "open('…')"),
        ("cannot load file:///home/me/x.pem", "cannot load …"),
        (
            "EOF occurred in violation of protocol (_ssl.c:1006)",
            "EOF occurred in violation of protocol",
        ),
    ],
)
def test_equal_failures_have_equal_reasons(raw: str, clean: str) -> None:
    assert Failure("transient", raw).reason == clean


@pytest.mark.parametrize(
    "address",
    [
        *("10.0.0.1", "169.254.169.254", "100.64.0.1", "224.0.0.1", "0.0.0.0", "2130706433"),  # noqa: S104
        *("::1", "fe80::1%eth0", "::ffff:10.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1"),
        *("2002:7f00:1::", "fc00::1", "64:ff9b:1::a00:1", "fec0::1"),
    ],
)
def test_addresses_that_are_not_of_the_internet(address: str) -> None:
    with pytest.raises(ForbiddenAddressError):
        ConnectionGuard(allow_private=False).check_address("host", address)


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "a.host"])
def test_addresses_of_the_internet(address: str) -> None:
    ConnectionGuard(allow_private=False).check_address("host", address)


def test_cookies_go_to_their_own_site_only(tmp_path: Path, site: Site) -> None:
    jar = MozillaCookieJar(str(tmp_path / "cookies.txt"))
    cookie = dict.fromkeys(("port", "comment", "comment_url"))
    jar.set_cookie(
        Cookie(
            0, "tt_chain_token", "token", domain=".tiktok.com", domain_specified=True,
            domain_initial_dot=True, path="/", path_specified=True, secure=True,
            expires=YEAR_2100, discard=False, rest={}, port_specified=False, **cookie,
        )
    )  # fmt: skip
    jar.save()
    fetcher = Fetcher(tmp_path, site, cookies=str(tmp_path / "cookies.txt"))
    _, session = fetcher.downloader.site.transfer.connection()
    sent = {
        host: session.prepare_request(requests.Request("GET", f"https://{host}/")).headers
        for host in ("v16.tiktok.com", "v16.tiktokcdn-us.com")
    }
    assert sent["v16.tiktok.com"]["Cookie"] == "tt_chain_token=token"
    assert "Cookie" not in sent["v16.tiktokcdn-us.com"]
    assert sent["v16.tiktok.com"]["Referer"] == "https://www.tiktok.com/"


@pytest.mark.parametrize("setting", ["ca_bundle", "cookies"])
def test_a_missing_file_of_the_settings_is_named(tmp_path: Path, site: Site, setting: str) -> None:
    fetcher = Fetcher(tmp_path, site, **{setting: str(tmp_path / "missing")})
    with pytest.raises(ConfigError, match=f"download.{setting}: .*missing"):
        fetcher.downloader.check_settings()


def test_certificate_authorities_of_the_environment(
    tmp_path: Path, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", site.proxy_url)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", site.ca_file)
    assert Fetcher(tmp_path, site, proxy="", ca_bundle="").fetch(0).outcome == "ok"


def test_the_log_tells_the_story_without_the_link(fetcher: Fetcher, site: Site) -> None:
    site.faults[video_host(0)] = "status-503*1"
    receipt = fetcher.fetch(0)
    log = (fetcher.folder / f"{receipt.id}.log").read_text().splitlines()
    assert [line.split(maxsplit=2)[1] for line in log] == [video_host(0)] * 2
    assert "HTTP 503" in log[0]
    assert " ok: " in log[1]
    assert "signature" not in "".join(log)
