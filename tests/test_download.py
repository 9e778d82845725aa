"""How one download behaves: politeness to hosts, credentials, clocks, and what it remembers."""

import time
from concurrent.futures import ThreadPoolExecutor
from http.cookiejar import Cookie, MozillaCookieJar
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml
from conftest import PROJECT, QUICK
from tiktoks import YEAR_2100, tiktok, video_host

from demo.site import Site
from scripts.download import Downloader
from scripts.errors import ConfigError
from scripts.plan import PENDING, Download
from scripts.receipts import Receipt, read_receipt

DEFAULTS = yaml.safe_load((PROJECT / "config.yaml").read_text())["download"]


class Fetcher:
    """Downloads in a folder, with the stand-in as proxy."""

    def __init__(self, folder: Path, site: Site, **settings: Any) -> None:
        self.folder = folder
        proxy = {"proxy": site.proxy_url, "ca_bundle": site.ca_file}
        self.downloader = Downloader(DEFAULTS | QUICK | proxy | settings)

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
        names = (f"{record['id']}.mp4", f"{record['id']}.json", f"{record['id']}.log")
        self.downloader.fetch(download, *(str(self.folder / name) for name in names))
        receipt = read_receipt(self.folder / names[1])
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


def test_the_servers_clock_counts(tmp_path: Path, site: Site) -> None:
    """Once a server has told the time, a link that is expired by it isn't asked for."""
    fetcher = Fetcher(tmp_path, site)
    assert fetcher.fetch(0, expires_at=YEAR_2100).outcome == "ok"
    fetcher.downloader._clock_offset_s = 7200.0  # this machine is two hours behind
    site.requests.clear()
    receipt = fetcher.fetch(1, expires_at=int(time.time()) + 3600)
    assert receipt.outcome == "expired"
    assert site.requests == []


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
    _, session = fetcher.downloader._connection()
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
