"""A stand-in for the site and its CDN: real HTTPS on loopback for any host name, real faults.

One port does everything: it is an HTTP proxy (`CONNECT`, and absolute links for plain HTTP), and it
also answers direct HTTPS and HTTP. Clients need only the proxy's address and its CA.

    with Site() as site:
        requests.get(link, proxies={"https": site.proxy_url}, verify=site.ca_file)

`python -m demo.site --help` runs it on its own.
"""

import select
import socket
import ssl
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import ThreadingTCPServer
from threading import Event, Lock, Thread
from typing import Self
from urllib.parse import urlsplit

from demo.certificates import Authority
from demo.clock import Clock
from demo.faults import CERTIFICATE_FAULTS, HANG_S, HTTP_FAULTS, Exchange, head
from demo.post_pages import PostPages
from demo.resources import Library, Resource
from demo.switches import Faults

CHUNK_BYTES = 2**18
TLS_HANDSHAKE = b"\x16"  # the first byte of a TLS connection


class GoneError(ConnectionError):
    """The client went away, or the site is stopping."""


class Site:
    """The stand-in. It runs in its own threads during a `with` block.

    `latency_s` passes before each answer, and `bytes_per_s` limits each connection; both may change
    while it runs. Pauses follow `clock`. `media` is a folder of *.mp4 and *.jpg to serve instead of
    the demo's media, also under their paths in that folder.
    """

    def __init__(
        self,
        *,
        port: int = 0,
        ca_file: Path | None = None,
        media: Path | None = None,
        latency_s: float = 0.0,
        bytes_per_s: float | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.clock = clock or Clock()
        self.latency_s = latency_s
        self.bytes_per_s = bytes_per_s
        self.faults = Faults()
        self.requests: list[tuple[str, str, str, int]] = []  # method, host, path, status (0: none)
        self.connections: list[tuple[str, str]] = []  # host, fault or ""
        self.secret_hits = 0
        self.library = Library(media)
        self.pages = PostPages()
        # By host, before the library: functions that take the link and the `Cookie` header.
        self.answers: dict[str, Callable[[str, str], Resource]] = {}
        self.authority = Authority()
        self.stopping = Event()
        self._lock = Lock()
        self._sockets: set[socket.socket] = set()
        self._folder = tempfile.TemporaryDirectory(prefix="demo-site-")
        self.ca_file = str(ca_file or Path(self._folder.name) / "ca.pem")
        self.authority.write_certificate(Path(self.ca_file))
        self._server = _Server(("127.0.0.1", port), _Handler)
        self._server.site = self
        self.port: int = self._server.server_address[1]
        self.proxy_url = f"http://127.0.0.1:{self.port}"
        self.https_url = f"https://localhost:{self.port}"
        self._thread = Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping.set()
        self._server.shutdown()
        self._server.server_close()
        with self._lock:
            for sock in self._sockets:
                with suppress(OSError):
                    socket.socket.shutdown(sock, socket.SHUT_RDWR)
        self._folder.cleanup()

    def find(self, link: str, cookies: str = "") -> Resource:
        """The answer to `link` for a client that sends this `Cookie` header."""
        answer = self.answers.get(urlsplit(link).hostname or "")
        if answer is not None:
            return answer(link, cookies)
        return self.pages.find(link, cookies) or self.library.find(link)

    def count_secret_hit(self) -> None:
        with self._lock:
            self.secret_hits += 1

    def keep(self, sock: socket.socket) -> None:
        """Remember an open socket, to shut it at the end."""
        with self._lock:
            self._sockets.add(sock)

    def forget(self, sock: socket.socket) -> None:
        with self._lock:
            self._sockets.discard(sock)


class _Server(ThreadingTCPServer):
    site: Site
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def handle_error(self, request: object, client_address: object) -> None:
        if not isinstance(sys.exception(), OSError):  # it is no error if a client hangs up
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def setup(self) -> None:
        super().setup()
        self.site = self.server.site
        self.tunnel = ""  # the host that a tunnel or a TLS connection is for
        self.abrupt = False
        self.site.keep(self.connection)

    def handle(self) -> None:
        direct = self.connection.recv(1, socket.MSG_PEEK) == TLS_HANDSHAKE
        if not direct or self._secure(f"localhost:{self.site.port}", direct=True):
            super().handle()

    def finish(self) -> None:
        with suppress(OSError, ValueError):
            super().finish()
        if isinstance(self.connection, ssl.SSLSocket) and not self.abrupt:
            self.connection.settimeout(1.0)
            with suppress(OSError, ValueError):
                self.connection.unwrap()  # so that a cut body ends like a complete one
        self.site.forget(self.connection)
        self.connection.close()

    def log_message(self, format: str, *args: object) -> None:
        """Log nothing, because `Site.requests` is the log."""

    # --- connections

    def do_CONNECT(self) -> None:
        host = self.path.removesuffix(":443")
        fault = self._fault_of_connection(host)
        if fault == "connect-hang":
            self._pause(HANG_S)
        elif fault == "connect-closed":
            self.close_connection = True
        elif fault == "connect-refused":
            self.wfile.write(head(502, [("Content-Length", "0")]))
        else:
            self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            self.close_connection = not self._secure(host, fault)

    def _fault_of_connection(self, host: str) -> str:
        fault = self.site.faults.of_connection(host)
        self.site.connections.append((host, fault))
        return fault

    def _secure(self, host: str, fault: str = "", direct: bool = False) -> bool:
        """Make this a TLS connection. Returns False if a fault prevents it."""
        name = host.rpartition(":")[0].strip("[]") if ":" in host else host
        if direct:
            fault = self._fault_of_connection(host)
        if fault == "tls-hang":
            while self.connection.recv(CHUNK_BYTES):  # until the client gives up
                pass
        if fault in ("tls-hang", "tls-closed", "connect-closed", "connect-refused"):
            return False
        context = self.site.authority.context(name, fault if fault in CERTIFICATE_FAULTS else "")
        self.site.forget(self.connection)
        self.connection = context.wrap_socket(
            self.connection, server_side=True, do_handshake_on_connect=False
        )
        self.site.keep(self.connection)
        self.connection.do_handshake()
        self.rfile = self.connection.makefile("rb")
        self.wfile = self.connection.makefile("wb", buffering=0)
        self.tunnel = host
        return True

    # --- requests

    def do_GET(self) -> None:
        link = self.path
        if link.startswith("/"):
            scheme = "https" if self.tunnel else "http"
            link = f"{scheme}://{self.tunnel or self.headers.get('Host', 'localhost')}{link}"
        self._pause(self.site.latency_s)
        if urlsplit(link).path == "/secret":
            self.site.count_secret_hit()
            self._serve(link, Resource("text/plain", content=b"secret\n"))
            return
        resource = self.site.find(link, self.headers.get("Cookie", ""))
        try:
            fault = self.site.faults.of_request(link)
            if not fault:
                self._serve(link, resource)
                return
            self._note(link, HTTP_FAULTS[fault].status)
            HTTP_FAULTS[fault].run(self._exchange(link, resource))
        except ValueError as error:  # a fault that doesn't exist or doesn't fit
            message = f"{error}\n".encode()
            self._serve(link, Resource("text/plain", status=501, content=message))

    def do_HEAD(self) -> None:
        self.do_GET()

    def _note(self, link: str, status: int) -> None:
        parts = urlsplit(link)
        self.site.requests.append((self.command, parts.netloc, parts.path, status))

    def _serve(self, link: str, resource: Resource) -> None:
        """Send the right answer."""
        self._note(link, resource.status)
        length = ("Content-Length", str(resource.size_bytes))
        headers = [("Content-Type", resource.mime), length, *resource.headers]
        self._write(head(resource.status, headers))
        if self.command == "HEAD":
            return
        if resource.file:
            with resource.file.open("rb") as file:
                while chunk := file.read(CHUNK_BYTES):
                    self._write(chunk)
        else:
            self._write(resource.content)

    def _exchange(self, link: str, resource: Resource) -> Exchange:
        return Exchange(
            link, resource, self.site.port, self._write, self._pause, self._close, self._reset
        )

    def _write(self, content: bytes) -> None:
        """Send at the configured speed."""
        rate = self.site.bytes_per_s
        if not rate:
            self.connection.sendall(content)
            return
        step = max(1, int(rate / 20))
        due = self.site.clock.now()
        for start in range(0, len(content), step):
            piece = content[start : start + step]
            due += len(piece) / rate
            # Pause before sending, because the client's next request may follow at once.
            self._pause(due - self.site.clock.now())
            self.connection.sendall(piece)

    def _pause(self, seconds: float) -> None:
        """Wait. Raises GoneError soon after the client has gone or the site stops."""
        self.site.clock.pause(seconds, self._check_that_somebody_waits)

    def _check_that_somebody_waits(self) -> None:
        # A client that waits for an answer sends nothing, except when it hangs up.
        if self.site.stopping.is_set() or select.select([self.connection], [], [], 0)[0]:
            raise GoneError

    def _close(self) -> None:
        self.close_connection = True

    def _reset(self) -> None:
        self.close_connection = self.abrupt = True
        linger = (1).to_bytes(4, "little") + (0).to_bytes(4, "little")
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)


if __name__ == "__main__":
    from demo.command import main

    raise SystemExit(main())
