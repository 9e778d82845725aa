"""The faults of the stand-in: a table with a row for each, with name, description and code.

Connection faults happen before any request, so the host chooses them; a link chooses HTTP faults.
"""

import gzip
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import formatdate
from functools import lru_cache, partial
from http import HTTPStatus
from time import time
from urllib.parse import urlsplit

from demo.damage import DAMAGES, damage
from demo.resources import PAGE, Resource

HANG_S = 3600.0
DRIP_S = 1.0  # between two bytes
RETRY_AFTER_S = 2
OTHER_HOST = "v19-webapp-prime.us.tiktok.com"
BOMB_BYTES = 10 * 2**30

Headers = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request that waits for its answer, and the means to answer it badly."""

    link: str
    resource: Resource
    port: int  # of the stand-in, on loopback
    write: Callable[[bytes], None]
    pause: Callable[[float], None]  # seconds; raises when the client has gone or the site stops
    close: Callable[[], None]  # after this answer, in the orderly way
    reset: Callable[[], None]  # at once, with RST

    def start(self, *headers: tuple[str, str], status: int = 200) -> None:
        self.write(head(status, [("Content-Type", self.resource.mime), *headers]))

    def answer(self, body: bytes, *headers: tuple[str, str], status: int = 200) -> None:
        """A complete answer with the right length."""
        self.start(("Content-Length", str(len(body))), *headers, status=status)
        self.write(body)


@dataclass(frozen=True, slots=True)
class HttpFault:
    """run: answers the exchange. status: the status that the client sees; 0 for none."""

    about: str
    run: Callable[[Exchange], None]
    status: int = 200


# `site` handles these, because it has the sockets.
CERTIFICATE_FAULTS = {
    "wrong-host-certificate": "TLS certificate of another host (*.hypstarcdn.com)",
    "expired-certificate": "TLS certificate that expired a day ago",
    "future-certificate": "TLS certificate that is valid from tomorrow",
    "self-signed-certificate": "TLS certificate that only itself vouches for",
}
CONNECTION_FAULTS = {
    # A proxy can only report a refused connection. For a real one, use a closed port.
    "connect-refused": "the proxy answers 502: it could not connect",
    "connect-closed": "the connection is closed before any answer",
    "connect-hang": "no answer to CONNECT, ever",
    "tls-hang": "no answer to the TLS handshake, ever",
    "tls-closed": "the connection is closed in the TLS handshake",
    **CERTIFICATE_FAULTS,
}
HTTP_FAULTS: dict[str, HttpFault] = {}


def head(status: int, headers: Headers) -> bytes:
    """Status line and headers, with the server's date."""
    lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}"]
    lines += [f"{name}: {value}" for name, value in _common_headers() + headers]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def _common_headers() -> Headers:
    return [("Server", "demo"), ("Date", formatdate(usegmt=True)), ("Accept-Ranges", "none")]


def fault(name: str, status: int = 200) -> Callable[[Callable], Callable]:
    """Add a handler to the table under `name`. Its docstring is the description."""

    def enter(run: Callable[[Exchange], None]) -> Callable[[Exchange], None]:
        HTTP_FAULTS[name] = HttpFault(run.__doc__ or "", run, status)
        return run

    return enter


# statuses


def _answer_status(status: int, retry_after: Callable[[], str] | None, exchange: Exchange) -> None:
    body = f"{status} {HTTPStatus(status).phrase}\n".encode()
    headers = [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))]
    if retry_after:
        headers.append(("Retry-After", retry_after()))
    exchange.write(head(status, headers) + body)


def _enter_statuses() -> None:
    retry_after = {
        "seconds": lambda: str(RETRY_AFTER_S),
        "date": lambda: formatdate(time() + RETRY_AFTER_S, usegmt=True),
        "day": lambda: "86400",
    }
    for status in (400, 401, 403, 404, 408, 410, 425, 429, 500, 502, 503, 504):
        run = partial(_answer_status, status, None)
        HTTP_FAULTS[f"status-{status}"] = HttpFault(f"status {status}", run, status)
    for status in (429, 503):
        for form, value in retry_after.items():
            about = f"status {status} with Retry-After: {RETRY_AFTER_S} seconds, as {form}"
            if form == "day":
                about = f"status {status} with Retry-After: a day"
            run = partial(_answer_status, status, value)
            HTTP_FAULTS[f"status-{status}-{form}"] = HttpFault(about, run, status)


_enter_statuses()


# bodies that are wrong or cut


@fault("html")
def answer_html(exchange: Exchange) -> None:
    """a login page with status 200 and the MIME type of a page"""
    headers = [("Content-Type", "text/html; charset=utf-8"), ("Content-Length", str(len(PAGE)))]
    exchange.write(head(200, headers) + PAGE)


@fault("html-as-media")
def answer_html_as_media(exchange: Exchange) -> None:
    """a login page with status 200 and the MIME type of the media"""
    exchange.answer(PAGE)


@fault("empty")
def answer_empty(exchange: Exchange) -> None:
    """status 200 and a body of 0 bytes"""
    exchange.answer(b"")


def _half(exchange: Exchange) -> bytes:
    body = exchange.resource.read()
    return body[: len(body) // 2]


def _start_whole(exchange: Exchange) -> None:
    exchange.start(("Content-Length", str(exchange.resource.size_bytes)))


@fault("cut")
def cut(exchange: Exchange) -> None:
    """closed in the middle of the body, against its Content-Length"""
    _start_whole(exchange)
    exchange.write(_half(exchange))
    exchange.close()


@fault("reset")
def reset(exchange: Exchange) -> None:
    """RST in the middle of the body"""
    _start_whole(exchange)
    exchange.write(_half(exchange))
    exchange.reset()


@fault("chunked-cut")
def cut_chunked(exchange: Exchange) -> None:
    """chunked, closed before the last chunk"""
    half = _half(exchange)
    exchange.start(("Transfer-Encoding", "chunked"))
    exchange.write(f"{len(half):x}\r\n".encode() + half + b"\r\n")
    exchange.close()


@fault("length-too-small")
def understate_length(exchange: Exchange) -> None:
    """the Content-Length is half of what is sent"""
    exchange.start(("Content-Length", str(len(_half(exchange)))), ("Connection", "close"))
    exchange.write(exchange.resource.read())
    exchange.close()


@fault("no-length-cut")
def cut_without_length(exchange: Exchange) -> None:
    """no Content-Length, closed in the middle: only decoding can see it"""
    exchange.start(("Connection", "close"))
    exchange.write(_half(exchange))
    exchange.close()


@fault("two-lengths")
def answer_two_lengths(exchange: Exchange) -> None:
    """two different Content-Length headers"""
    lengths = (exchange.resource.size_bytes, len(_half(exchange)))
    exchange.start(*(("Content-Length", str(length)) for length in lengths))
    exchange.write(exchange.resource.read())
    exchange.close()


@fault("garbage", status=0)
def answer_garbage(exchange: Exchange) -> None:
    """bytes that are no HTTP"""
    exchange.write(b"\x00\x01SSH-2.0-not-a-web-server\r\n" + bytes(range(256)))
    exchange.close()


@fault("no-answer", status=0)
def close_without_answer(exchange: Exchange) -> None:
    """closed without a byte"""
    exchange.close()


@fault("huge-length")
def overstate_length(exchange: Exchange) -> None:
    """a Content-Length of 10^12, closed after the real body"""
    exchange.start(("Content-Length", str(10**12)))
    exchange.write(exchange.resource.read())
    exchange.close()


@fault("endless")
def answer_endlessly(exchange: Exchange) -> None:
    """the right body, then zeros without end"""
    exchange.start(("Connection", "close"))
    exchange.write(exchange.resource.read())
    zeros = bytes(2**16)
    while True:
        exchange.write(zeros)


@fault("gzip")
def answer_gzip(exchange: Exchange) -> None:
    """the right body, compressed though nobody asked for it"""
    exchange.answer(gzip.compress(exchange.resource.read()), ("Content-Encoding", "gzip"))


@lru_cache(maxsize=1)
def _bomb_parts() -> tuple[bytes, bytes]:
    """Start of a gzip stream of zeros, and a block of 1 MiB of them that may be repeated."""
    zeros = bytes(2**20)
    stream = zlib.compressobj(9, wbits=31)
    start = stream.compress(zeros) + stream.flush(zlib.Z_FULL_FLUSH)
    return start, stream.compress(zeros) + stream.flush(zlib.Z_FULL_FLUSH)


@fault("gzip-bomb")
def answer_gzip_bomb(exchange: Exchange) -> None:
    """gzip of about 10 MB that unpacks to 10 GiB"""
    start, block = _bomb_parts()
    blocks = BOMB_BYTES // 2**20 - 1
    length = len(start) + blocks * len(block)
    exchange.start(("Content-Encoding", "gzip"), ("Content-Length", str(length)))
    exchange.write(start)
    for _ in range(blocks):
        exchange.write(block)
    exchange.close()


# too slow


@fault("header-hang", status=0)
def hang_before_header(exchange: Exchange) -> None:
    """no answer, ever"""
    exchange.pause(HANG_S)


@fault("header-drip")
def drip_header(exchange: Exchange) -> None:
    """the headers at 1 byte a second"""
    length = ("Content-Length", str(exchange.resource.size_bytes))
    _drip(exchange, head(200, [("Content-Type", exchange.resource.mime), length]))
    exchange.write(exchange.resource.read())


@fault("body-hang")
def hang_in_body(exchange: Exchange) -> None:
    """half of the body, and then nothing, ever"""
    _start_whole(exchange)
    exchange.write(_half(exchange))
    exchange.pause(HANG_S)


@fault("body-drip")
def drip_body(exchange: Exchange) -> None:
    """the body at 1 byte a second"""
    _start_whole(exchange)
    _drip(exchange, exchange.resource.read())


def _drip(exchange: Exchange, content: bytes) -> None:
    for byte in content:
        exchange.write(bytes((byte,)))
        exchange.pause(DRIP_S)


# redirects


def _redirect(target: str, exchange: Exchange) -> None:
    where = target.format(port=exchange.port, path=urlsplit(exchange.link).path, other=OTHER_HOST)
    exchange.answer(b"", ("Location", where), status=302)


def _enter_redirects() -> None:
    targets = {
        "redirect-good": "https://{other}{path}?demo-redirected=1",
        "redirect-file": "file:///etc/passwd",
        "redirect-loopback": "http://127.0.0.1:{port}/secret",
        "redirect-loopback-name": "http://localhost:{port}/secret",
        "redirect-loopback-https": "https://localhost:{port}/secret",
        "redirect-loopback-mapped": "http://[::ffff:127.0.0.1]:{port}/secret",
        "redirect-loopback-decimal": "http://2130706433:{port}/secret",
        "redirect-private": "http://10.0.0.1/secret",
        "redirect-link-local": "http://169.254.169.254/secret",
    }
    for name, target in targets.items():
        HTTP_FAULTS[name] = HttpFault(f"302 to {target}", partial(_redirect, target), 302)


_enter_redirects()


@fault("redirect-loop", status=302)
def redirect_for_ever(exchange: Exchange) -> None:
    """302 to the same link, with a number that grows, forever"""
    link, _, hop = exchange.link.partition("&demo-hop=")
    link += "" if "?" in link else "?"
    exchange.answer(b"", ("Location", f"{link}&demo-hop={int(hop or 0) + 1}"), status=302)


# media that are damaged, or not what their name says


def _answer_damaged(name: str, exchange: Exchange) -> None:
    if exchange.resource.mime not in DAMAGES[name][1]:
        raise ValueError(f"fault {name} can't be made of {exchange.resource.mime}")
    exchange.answer(damage(name, exchange.resource.read()))


for _name, (_make, _kinds) in DAMAGES.items():
    HTTP_FAULTS[_name] = HttpFault(_make.__doc__ or "", partial(_answer_damaged, _name))

FAULTS: dict[str, str] = CONNECTION_FAULTS | {name: row.about for name, row in HTTP_FAULTS.items()}
