"""Set the headers of every answer, and check those of requests."""

import re

from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_RANGE = re.compile("bytes=(?:[0-9]{1,18}-(?:[0-9]{1,18})?|-[0-9]{1,18})", re.ASCII)
# The page needs nothing from elsewhere. So, whatever text of the corpus it shows, nothing else can
# be loaded, run or sent.
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "media-src 'self'",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


# The report of the experiments is one complete file, so it has its own, stricter policy.
REPORT_POLICY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'unsafe-inline'",
        "img-src data:",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)


class SecurityHeaders:
    """Adds `HEADERS` to every answer, also to errors. An answer's own policy stays."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, send_with_headers if scope["type"] == "http" else send)


def require_same_origin(request: Request) -> None:
    """Raise HTTPException for a request from another site's page.

    Browsers let any site's form send other content types than JSON's without a check.
    """
    content_type = request.headers.get("content-type", "").partition(";")[0].strip()
    if content_type != "application/json":
        raise HTTPException(415, "Send it as application/json.")
    own = f"{request.url.scheme}://{request.headers['host']}"
    fetched_from = request.headers.get("sec-fetch-site", "same-origin")
    if request.headers.get("origin") != own or fetched_from != "same-origin":
        raise HTTPException(403, "Only the viewer's own page may send this.")


def is_range(value: str) -> bool:
    """True if a `Range` header asks for one part of a file, with its end not before its start."""
    if not _RANGE.fullmatch(value):
        return False
    first, _, last = value.removeprefix("bytes=").partition("-")
    return not (first and last) or int(first) <= int(last)


def has_tag(if_none_match: str, tag: str) -> bool:
    """True if an `If-None-Match` header names the `ETag` of an answer."""
    known = (one.strip().removeprefix("W/") for one in if_none_match.split(","))
    return any(one in (tag, "*") for one in known)
