"""Links are classified before any request, and stay out of messages."""

import http.client
import socket
import urllib.error
import urllib.request

import pytest
import requests
import urllib3
from hypothesis import example, given
from hypothesis import strategies as st

from scripts.rawinfo.links import inspect_link, is_downloadable, redact

HEX_PATH = "c0776fe310914733500a912468195355/6389fd3a/video/tos/useast2a"


@pytest.mark.parametrize(
    ("url", "host", "expires_at"),
    [
        ("https://v16-webapp-prime.us.tiktok.com/video/tos/x/?a=1&expire=1669985936&l=3&tk=tt",
         "v16-webapp-prime.us.tiktok.com", 1669985936),
        (f"https://v16m-webapp.tiktokcdn-us.com/{HEX_PATH}/?a=1988&l=61",
         "v16m-webapp.tiktokcdn-us.com", 0x6389FD3A),
        ("https://p16-sign.tiktokcdn-us.com/x~tplv-1:720:720.jpeg?x-expires=1669982400&x-signature=c%3D",
         "p16-sign.tiktokcdn-us.com", 1669982400),
        ("https://v16.example.com/x?UrlExpire=1700000000", "v16.example.com", 1700000000),
        (f"https://v16.example.com/{HEX_PATH}/?expire=1600000000", "v16.example.com", 1600000000),
        ("https://v16.example.com/x?expire=1700000000&x-expires=1690000000", "v16.example.com",
         1690000000),
        ("HTTPS://V16.Example.COM:8443/x", "v16.example.com", None),
        ("http://127.0.0.1:8000/x.mp4", "127.0.0.1", None),
        ("https://[2606:4700::1111]/x", "2606:4700::1111", None),
        ("https://xn--bcher-kva.example/x", "xn--bcher-kva.example", None),
        ("https://www.tiktok.com/aweme/v1/play/?video_id=v0&expire=1700000000", "www.tiktok.com",
         1700000000),
    ],
)  # fmt: skip
def test_a_downloadable_link_has_a_host_and_an_expiry(url, host, expires_at):
    link = inspect_link(url)
    assert (link.kind, link.host, link.expires_at) == ("downloadable", host, expires_at)
    assert link.reason == ""
    assert is_downloadable(url) == (inspect_link(url).kind == "downloadable")


@pytest.mark.parametrize(
    "path",
    [
        "x?expire=1669985936000",  # milliseconds
        "x?expire=1420070399",  # before 2015
        "x?expire=7258118400",  # 2200
        "x?expire=",
        "x?expire=-1669985936",
        "x?expire=1669985936.5",
        "x?expire=%D9%A1669985936",  # not an ASCII digit
        "x?expire=" + "1" * 5000,
        "x?expires=1669985936",
        "x#expire=1669985936",
        "c0776fe310914733500a912468195355/00000001/x",
        "c0776fe310914733500a912468195355/6389fd3/x",
        "x/c0776fe310914733500a912468195355/6389fd3a/x",
    ],
)
def test_an_implausible_expiry_is_ignored(path):
    link = inspect_link("https://v16.example.com/" + path)
    assert (link.kind, link.expires_at) == ("downloadable", None)


@pytest.mark.parametrize(
    "url",
    [
        "https://www.tiktok.com/@user0001/video/7171915622962351935?is_copy_url=1&x=secret",
        "https://www.tiktok.com/@user0001/photo/7171915622962351935",
        "https://www.tiktok.com/",
        "https://www.tiktok.com/login?x=secret",
        "https://WWW.tiktok.com./@a/video/1",
        "https://tiktok.com/@a",
        "https://m.tiktok.com/v/1.html",
        "https://vm.tiktok.com/ZMabc/",
    ],
)
def test_pages_of_the_site_do_not_count_as_files(url):
    assert inspect_link(url).kind == "page"
    assert is_downloadable(url) == (inspect_link(url).kind == "downloadable")


@pytest.mark.parametrize("url", [None, "", "  ", "\n"])
def test_no_link_is_missing(url):
    assert inspect_link(url).kind == "missing"


@pytest.mark.parametrize("url", ["blob:https://www.tiktok.com/00744033-7cb5", "BLOB:x", "blob:"])
def test_blob_links_are_named(url):
    assert inspect_link(url).kind == "blob"


@pytest.mark.parametrize(
    "url",
    [
        "ftp://v16.example.com/x",
        "file:///etc/passwd",
        "data:video/mp4;base64,AAAA",
        "javascript:alert(1)",
        "//v16.example.com/x",
        "/video/x",
        "v16.example.com/x",
        "https:v16.example.com/x",
        "https:///x",
        "https://",
        "https://:443/x",
        "https://user:pass@v16.example.com/x",
        "https://user@v16.example.com/x",
        "https://@v16.example.com/x",
        "https://v16.example.com:0/x",
        "https://v16.example.com:65536/x",
        "https://v16.example.com:abc/x",
        "https://v16.example.com\\@evil.example/x",
        "https://v16.example.com/a b",
        " https://v16.example.com/x",
        "https://v16.example.com/x\n",
        "https://v16.example.com/\0",
        "https://v16.example.com/\x7f",
        "https://v16.example.com/\u202e",
        "https://bücher.example/x",
        "https://\uff54iktok.com/x",
        "https://v16.example.com/\ud800",
        "https://[::1/x",
        "https://[fe80::1%25eth0]/x",
        "https://[v1.x]/x",
        "https://2130706433/x",
        "https://0x7f000001/x",
        "https://0x7f.1/x",
        "https://127.1/x",
        "https://0177.0.0.1/x",
        "https://1.2.3.4.5/x",
        "https://a..example/x",
        "https://-a.example/x",
        "https://a%2eexample/x",
        "https://" + "a" * 64 + ".example/x",
        "https://" + "a." * 127 + "example/x",
        "https://v16.example.com/" + "a" * 8192,
    ],
)  # fmt: skip
def test_links_that_cannot_be_fetched_safely_are_unsupported(url):
    link = inspect_link(url)
    assert link.kind == "unsupported"
    assert link.reason and link.host is None
    assert is_downloadable(url) == (inspect_link(url).kind == "downloadable")


@pytest.mark.parametrize(
    "url",
    [
        "https://www.tiktok.com/@a?q=SECRET",
        "blob:https://www.tiktok.com/?SECRET",
        "https://u:SECRET@v16.example.com/",
        "SECRET://x",
        "https://v16.example.com:SECRET/x",
        "https://v16.example.com/ ?q=SECRET",
    ],
)
def test_a_reason_contains_no_secret(url):
    assert "SECRET" not in inspect_link(url).reason


url_text = st.text(alphabet="abz019.:/?#[]@!$&'()*+,;=%~-_ \\\"<>\n\0é\u2028\ud800", max_size=40)


@given(st.text() | url_text | url_text.map("https://".__add__))
@example("https://[")
@example("https://[::1]]")
@example("http://a:" + "9" * 5000)
def test_no_text_crashes_the_inspection(url):
    link = inspect_link(url)
    assert link.kind in ("downloadable", "blob", "page", "missing", "unsupported")
    assert (link.reason == "") == (link.kind == "downloadable")
    assert redact(url) is not None
    assert is_downloadable(url) == (inspect_link(url).kind == "downloadable")


@given(st.text(alphabet="abcxyz0123456789.-_:[]/?", max_size=30))
def test_a_downloadable_link_leads_the_client_to_the_same_host(rest):
    url = "https://" + rest
    link = inspect_link(url)
    if link.kind == "downloadable":
        prepared = requests.Request("GET", url).prepare().url
        assert urllib3.util.parse_url(prepared).host.strip("[]") == link.host
    assert is_downloadable(url) == (inspect_link(url).kind == "downloadable")


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("404 for url: https://v.example/p?sig=SECRET", "404 for url: https://v.example/p"),
        ("with url: /video/x?sig=SECRET (Caused by X)", "with url: /video/x (Caused by X)"),
        ("('https://v.example/p?sig=SECRET', 403)", "('https://v.example/p', 403)"),
        ("https://user:SECRET@v.example/p", "https://v.example/p"),
        ("https://user:SE#CRET@v.example/p", "https://v.example/p"),
        ("//user:SECRET@v.example/p", "//v.example/p"),
        ("https://v.example/p#SECRET.", "https://v.example/p."),
        ("/p#SECRET", "/p"),
        ("?sig=SECRET", ""),
        ("/p%3Fsig%3DSECRET", "/p"),
        ("/p&sig=SECRET", "/p"),
        ("https://v.example/p?a='SECRET'&b=(SECRET)", "https://v.example/p)"),
        ("a b: https://v.example/?x=SECRET\nhttps://w.example/?SECRET",
         "a b: https://v.example/\nhttps://w.example/"),
    ],
)  # fmt: skip
def test_redaction_keeps_the_rest(text, clean):
    assert redact(text) == clean


@pytest.mark.parametrize(
    "text", ["Is it there? Yes.", "#fyp is a tag", "AT&T", "a@b.example", "https://v.example/p", ""]
)
def test_text_without_secrets_is_left_alone(text):
    assert redact(text) == text


def closed_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


QUERY = "expire=1669985936&signature=SECRET%3D&tk='SECRET'"


def failing_requests():
    port = closed_port()
    refused = f"http://127.0.0.1:{port}/video/x?{QUERY}"
    yield "requests refused", lambda: requests.get(refused, timeout=5)
    yield "requests https", lambda: requests.get(refused.replace("http:", "https:"), timeout=5)
    yield "urllib3 refused", lambda: urllib3.PoolManager().request("GET", refused, retries=1)
    yield (
        "proxy",
        lambda: requests.get(
            refused, proxies={"http": f"http://user:SECRET@127.0.0.1:{port}"}, timeout=5
        ),
    )
    for name, url in {
        "no scheme": refused.removeprefix("http://"),
        "bad scheme": f"ftp://v.example/x?{QUERY}",
        "bad host": f"https://.v.example/x?{QUERY}",
        "bad port": f"https://u:SECRET@v.example:port/x?{QUERY}",
        "bad address": f"https://[::1/x?{QUERY}",
        "long label": f"https://{'a' * 64}.example/x?{QUERY}",
    }.items():
        yield name, lambda url=url: requests.get(url, timeout=5)
        yield (
            f"urllib3 {name}",
            lambda url=url: urllib3.PoolManager().request("GET", url, retries=False),
        )
    spaced = refused.replace("x?", "x y?")
    yield "urllib", lambda: urllib.request.urlopen(f"foo:/x?{QUERY}", timeout=5)  # noqa: S310
    yield "space", lambda: urllib.request.urlopen(spaced, timeout=5)  # noqa: S310

    def not_found():
        response = requests.Response()
        response.status_code, response.reason, response.url = 404, "Not Found", refused
        response.raise_for_status()

    yield "status", not_found


FAILURES = dict(failing_requests())


@pytest.mark.filterwarnings("ignore:URLs without a scheme:FutureWarning")
@pytest.mark.parametrize("name", FAILURES)
def test_messages_of_real_clients_contain_no_secret_after_redaction(name):
    errors = (OSError, ValueError, urllib3.exceptions.HTTPError, http.client.HTTPException)
    with pytest.raises(errors) as raised:
        FAILURES[name]()
    error = raised.value
    while error is not None:
        assert "SECRET" not in redact(str(error))
        assert "SECRET" not in redact(repr(error))
        error = error.__cause__ or error.__context__


def test_messages_of_real_clients_contain_links_before_redaction():
    """Otherwise the test above would prove nothing."""
    with pytest.raises(requests.ConnectionError, match=r"url: /video/x.*SECRET"):
        FAILURES["requests refused"]()


@given(
    st.sampled_from(
        ["https://v.example/p?{}", "url: /p?{} (x)", "('//v.example/?a={}',)", "/p?{}"]
    ),
    st.text(alphabet="abc!$&'()*+,;=:@/?#[]%\"<>{}|^`~.-_", max_size=30),
    st.text(alphabet="abc!$&'()*+,;=:@/?#[]%\"<>{}|^`~.-_", max_size=30),
)
def test_no_query_survives(template, before, after):
    assert "7SECRET7" not in redact(template.format(f"{before}7SECRET7{after}"))


@pytest.mark.parametrize("piece", ["/", "//a", "'", "&a", "?", "@", "//@", "&"])
def test_redaction_takes_linear_time(piece):
    """A quadratic pattern would take hours here."""
    assert len(redact(piece * 500_000 + "a")) <= 2_000_000
