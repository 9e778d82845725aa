"""A guarded HTTP client: it refuses private addresses, and no transfer exceeds its deadline.

It adds three things to `requests`:

- Read time-outs start again with every byte, so a server that sends one byte a second blocks a
  thread forever, in the headers or in the body. A watchdog shuts the socket down.
- Redirects, and names that resolve to private addresses, can lead a client into the user's own
  network. The guard checks the address of every connection, at every redirect.
- Python's message about a wrong certificate does not name the host that the certificate is for.
  urllib3's message does, if urllib3 compares the names.
"""

import ipaddress
import os
import socket
import ssl
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from email.utils import parsedate_to_datetime
from functools import partial
from http.cookiejar import MozillaCookieJar
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies

import certifi
import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.util.ssl_ import create_urllib3_context

from scripts.errors import ConfigError, CorpusError

MAX_REDIRECTS = 5
NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
LOCAL_NAT64 = ipaddress.IPv6Network("64:ff9b:1::/48")


# Names that lead to this machine or its network, by standard or by convention.
LOCAL_SUFFIXES = (
    *("localhost", "localdomain", "local", "internal", "intranet", "private", "corp", "home"),
    *("lan", "arpa", "localdomain4", "localdomain6", "localnet", "svc", "test", "fritz.box"),
)


class ForbiddenAddressError(CorpusError):
    """A link leads to a private, loopback or otherwise local address."""


def _is_public(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """True if the address, and every address embedded in it, is on the public internet."""
    if address.version == 6:
        packed = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
        if address in NAT64 or int(address) < 2**32:
            packed.append(ipaddress.IPv4Address(int(address) % 2**32))
        if any(inner is not None and not _is_public(inner) for inner in packed):
            return False
        if address in LOCAL_NAT64 or address.is_site_local:
            return False
        if address.ipv4_mapped is not None:
            return True
    return address.is_global and not address.is_multicast


def _is_local_name(host: str) -> bool:
    """True if the form of a name (not an address) shows that it is on this machine or its network.

    Resolvers look up names without a dot, such as `ip6-localhost`, in the local domain.
    """
    name = f".{host.lower().rstrip('.')}"
    return ":" not in name and (
        "." not in name[1:] or name.endswith(tuple(f".{suffix}" for suffix in LOCAL_SUFFIXES))
    )


class ConnectionGuard:
    """Checks every socket that one thread's session opens, and can shut all of them down."""

    def __init__(self, allow_private: bool) -> None:
        self.allow_private = allow_private
        self._lock = threading.Lock()
        self._controls: dict[int, socket.socket] = {}
        self._is_shut = False

    def open(self) -> None:
        """Allow the next transfer to open connections."""
        with self._lock:
            self._is_shut = False

    def check_name(self, host: str) -> None:
        """Raise ForbiddenAddressError for a host name or address that is not on the internet.

        A proxy looks up the name itself, so behind a proxy, nothing else can be checked.
        """
        self.check_address(host, host)
        if not self.allow_private and _is_local_name(host):
            raise ForbiddenAddressError(f"{host} is a name in the local network")

    def check_address(self, host: str, address: str) -> None:
        """Raise ForbiddenAddressError for an address that is not on the internet. Names pass."""
        try:
            parsed = ipaddress.ip_address(address.split("%", maxsplit=1)[0])
        except ValueError:
            try:
                # The resolver knows more spellings of an address: 2130706433, 0x7f.1
                parsed = ipaddress.ip_address(socket.inet_aton(address))
            except OSError:
                return
        if not self.allow_private and not _is_public(parsed):
            raise ForbiddenAddressError(f"{host} is at the local address {parsed}")

    def admit(self, connection: HTTPConnection, opened: socket.socket) -> None:
        """Check where `opened` leads, before a byte is sent. A proxy may be anywhere.

        Raises ForbiddenAddressError, and TimeoutError after `shut_down`.
        """
        if connection.proxy is None:
            self.check_address(connection.host, opened.getpeername()[0])
        # Keep a second descriptor of the connection, because TLS takes over the first one.
        with self._lock:
            if self._is_shut:  # while the name was looked up, or between two redirects
                raise TimeoutError("the time for this transfer is over")
            self._controls[id(connection)] = opened.dup()

    def forget(self, connection: HTTPConnection) -> None:
        """Stop watching a connection that was closed."""
        with self._lock:
            control = self._controls.pop(id(connection), None)
        if control is not None:
            control.close()

    def shut_down(self) -> None:
        """Close all connections of the session, and refuse new ones until `open` is called."""
        with self._lock:
            self._is_shut = True
            for control in self._controls.values():
                with suppress(OSError):  # closed by the peer in the meantime
                    control.shutdown(socket.SHUT_RDWR)


class _Guarded(HTTPConnection):
    """A connection that the guard checks."""

    def __init__(self, *args: Any, guard: ConnectionGuard, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._guard = guard

    def _new_conn(self) -> socket.socket:
        opened = super()._new_conn()
        try:
            self._guard.admit(self, opened)
        except BaseException:
            opened.close()
            raise
        return opened

    def close(self) -> None:
        super().close()
        self._guard.forget(self)


class _GuardedHTTPSConnection(_Guarded, HTTPSConnection):
    pass


class _GuardedHTTPPool(HTTPConnectionPool):
    ConnectionCls = _Guarded

    def __init__(self, *args: Any, guard: ConnectionGuard, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.conn_kw["guard"] = guard


class _GuardedHTTPSPool(HTTPSConnectionPool):
    ConnectionCls = _GuardedHTTPSConnection

    def __init__(self, *args: Any, guard: ConnectionGuard, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.conn_kw["guard"] = guard


class _GuardedAdapter(HTTPAdapter):
    """A transport whose connections are guarded and share one TLS context."""

    def __init__(self, guard: ConnectionGuard, tls: ssl.SSLContext) -> None:
        self._guard = guard
        self._tls = tls
        self._pools = {
            "http": partial(_GuardedHTTPPool, guard=guard),
            "https": partial(_GuardedHTTPSPool, guard=guard),
        }
        super().__init__(max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = self._pools

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        manager = super().proxy_manager_for(proxy, **kwargs)
        manager.pool_classes_by_scheme = self._pools
        return manager

    def build_connection_pool_key_attributes(
        self, request: requests.PreparedRequest, verify: Any, cert: Any = None
    ) -> Any:
        host, pool = super().build_connection_pool_key_attributes(request, True, cert)
        return host, {**pool, "ssl_context": self._tls}

    def send(
        self, request: requests.PreparedRequest, *args: Any, **kwargs: Any
    ) -> requests.Response:
        # Behind a proxy, the connected address is the proxy's, so check the host in the link.
        self._guard.check_name((urlsplit(str(request.url)).hostname or "").rstrip("."))
        response = super().send(request, *args, **kwargs)
        if response.is_redirect:
            # requests would read the whole body, which nobody needs and which may be endless.
            response.raw.close()
            response.raw = urllib3.HTTPResponse(BytesIO(), preload_content=False)
        return response

    def cert_verify(self, *args: Any) -> None:
        """Do nothing: the shared TLS context always verifies."""


def make_tls_context(ca_bundle: str | None) -> ssl.SSLContext:
    """Make a TLS context that verifies certificates.

    The certificate authorities come from `ca_bundle`, from the environment, or from certifi.
    `check_hostname` is off, because urllib3 then compares the names itself (it always does if
    certificates are required), and its message contains the names in the certificate. Raises
    ConfigError.
    """
    bundle = (
        ca_bundle
        or os.environ.get("REQUESTS_CA_BUNDLE")
        or os.environ.get("CURL_CA_BUNDLE")
        or certifi.where()
    )
    context = create_urllib3_context(cert_reqs=ssl.CERT_REQUIRED)
    context.check_hostname = False
    try:
        if Path(bundle).is_dir():
            context.load_verify_locations(capath=bundle)
        else:
            context.load_verify_locations(cafile=bundle)
    except (OSError, ssl.SSLError) as error:
        raise ConfigError(
            f"download.ca_bundle: {bundle} can't be read ({error}). "
            "Name a file of certificates in PEM format."
        ) from error
    return context


def load_cookies(path: str | None) -> MozillaCookieJar:
    """Load the cookies of a browser from `cookies.txt` (Netscape format). Raises ConfigError."""
    jar = MozillaCookieJar()
    if path:
        try:
            jar.load(path, ignore_discard=True, ignore_expires=True)
        except (OSError, UnicodeDecodeError):
            # Leave out the cause: it quotes the line, and so the cookie.
            raise ConfigError(
                f"download.cookies: {path} can't be read. "
                "Export it from the browser in the Netscape cookies.txt format."
            ) from None
    return jar


class _Session(requests.Session):
    """A session that never sends passwords from the user's `.netrc`."""

    def __init__(self) -> None:
        super().__init__()
        self.auth = lambda request: request

    def rebuild_auth(self, *_: Any) -> None:
        """Do nothing: a redirect has no password to remove or to add."""


def check_proxies(configured: str) -> None:
    """Raise ConfigError for an unusable proxy, from the configuration or the environment."""
    proxies = {"download.proxy": configured} if configured else getproxies()
    for name, proxy in proxies.items():
        parts = urlsplit(proxy)
        if name in ("no", "ftp") or (parts.scheme in ("http", "https") and parts.hostname):
            continue
        raise ConfigError(
            f"The proxy {parts.scheme}://{parts.hostname or ''} ({name}) can't be used. "
            "Enter the address of an HTTP proxy, such as http://127.0.0.1:8080."
        )


def parse_http_date(value: str | None) -> float | None:
    """Return the unix seconds of a date in a header, or None if it is no date."""
    try:
        return parsedate_to_datetime(value or "").timestamp()
    except (TypeError, ValueError, OverflowError):
        return None


def make_session(
    settings: Mapping[str, Any], tls: ssl.SSLContext, guard: ConnectionGuard
) -> requests.Session:
    """Make a session for one thread. settings: the `download` section of the configuration."""
    session = _Session()
    adapter = _GuardedAdapter(guard, tls)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    session.max_redirects = MAX_REDIRECTS
    # Ask for no compression: it makes no video smaller, and the length would not be the file's.
    session.headers.update({"Accept-Encoding": "identity", "User-Agent": settings["user_agent"]})
    if settings.get("referer"):
        session.headers["Referer"] = settings["referer"]
    session.cookies.update(load_cookies(settings.get("cookies")))
    return session


class Watchdog:
    """Calls `shut_down` when a phase of a transfer takes too long.

    expired: which phase took too long, in words; None if none did.
    """

    def __init__(self, shut_down: Callable[[], None]) -> None:
        self._shut_down = shut_down
        self._timer: threading.Timer | None = None
        self.expired: str | None = None

    def arm(self, seconds: float, phase: str) -> None:
        """Start the clock for `phase`, and stop it for the previous phase."""
        self.disarm()
        self._timer = threading.Timer(seconds, self._expire, args=(phase, seconds))
        self._timer.daemon = True
        self._timer.start()

    def disarm(self) -> None:
        """Stop the clock."""
        if self._timer is not None:
            self._timer.cancel()

    def _expire(self, phase: str, seconds: float) -> None:
        self.expired = f"{phase} took longer than {seconds:g} s"
        self._shut_down()

    def __enter__(self) -> "Watchdog":
        return self

    def __exit__(self, *_: object) -> None:
        self.disarm()
