"""Turn the statuses and exceptions of failed requests into the outcomes of receipts."""

import re
import time
from http.client import IncompleteRead as ClientIncompleteRead

import requests
from requests import exceptions as http
from urllib3.exceptions import (
    ConnectTimeoutError,
    IncompleteRead,
    NameResolutionError,
    NewConnectionError,
    ReadTimeoutError,
)

from scripts.download.client import ForbiddenAddressError, parse_http_date
from scripts.rawinfo.links import redact
from scripts.store import receipts

MOST_REASON = 200
NO_DATA = "no data within the time limit"
YEAR_S = 366 * 24 * 3600.0
# Parts of messages that differ from run to run, or name folders of this machine.
NOISE = [
    (re.compile(r"<[^<>]{1,200}>(?:[:,] )?"), ""),
    (re.compile(r"\bHTTPS?Connection(?:Pool)?\([^()]{0,300}\)(?:: )?"), ""),
    (re.compile(r"\b0x[0-9a-fA-F]{6,16}\b"), ""),
    (re.compile(r" ?\(_ssl\.c:[0-9]+\)"), ""),
    (re.compile(r"\[Errno -?[0-9]+\] "), ""),
    (re.compile(r"""(['"])(?:file:|[A-Za-z]:[/\\]|~|\.{0,2}/)[^'"]*\1"""), r"\1…\1"),
    (re.compile(r"(?<=path: )/.*"), "…"),
    (re.compile(r"(?<!\w)(?:file://|[A-Za-z]:\\)[^\s'\"]*"), "…"),
    (re.compile(r"(?<![\w:/.])/[\w.@+-]{1,255}(?:/[\w.@+-]{1,255}){1,50}"), "…"),
]
RETRY_STATUSES = {408, 425, 429, *range(500, 600)}


class Failure(Exception):
    """One try failed.

    asked: a request was made. reached: the host accepted a connection. retry_after_s: the pause
    that the server asked for, if it did (seconds).
    """

    def __init__(
        self,
        outcome: str,
        reason: str,
        *,
        asked: bool = True,
        reached: bool = True,
        http_status: int | None = None,
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(f"{outcome}: {reason}")
        self.outcome = outcome
        self.reason = _clean(reason)
        self.asked = asked
        self.reached = reached
        self.http_status = http_status
        self.retry_after_s = retry_after_s

    def or_timeout(self, expired: str | None) -> "Failure":
        """Return this failure, or the time-out that caused it."""
        if not expired:
            return self
        return Failure(receipts.TRANSIENT, expired, reached=self.reached)


def _clean(reason: str) -> str:
    """Remove what differs between two equal failures, or belongs to this machine or run.

    The text may come from the server and appears on the screen, so control characters go, too.
    """
    shown = "".join(char for char in reason[: 10 * MOST_REASON] if char.isprintable())
    for pattern, replacement in NOISE:
        shown = pattern.sub(replacement, shown)
    return shown.strip()[:MOST_REASON]


def check_status(
    response: requests.Response, longest_pause_s: float, time_left_s: float = float("inf")
) -> None:
    """Raise the Failure that the status of a response means, unless it is 200.

    If the server asks for a pause (Retry-After) that is longer than `longest_pause_s`, or than the
    life of the link, a later run tries again. urllib3's own limit is six hours, the whole life of a
    link.
    """
    status = response.status_code
    if status == 200:
        return
    answer = f"HTTP {status}"
    if status in RETRY_STATUSES:
        pause_s = _retry_after(response)
        if pause_s is not None and pause_s > min(longest_pause_s, time_left_s):
            raise Failure(
                receipts.LATER,
                f"{answer}: the server asked for a pause",
                http_status=status,
                retry_after_s=pause_s,
            )
        raise Failure(receipts.TRANSIENT, answer, http_status=status, retry_after_s=pause_s)
    if status in (401, 403):
        reason = f"{answer}: the server no longer accepts the link"
        if 0 < time_left_s < float("inf"):
            reason = f"{answer} before the link expired: the site may require download.cookies"
        raise Failure(receipts.EXPIRED, reason, http_status=status)
    if status in (404, 410):
        raise Failure(receipts.GONE, f"{answer}: the file was removed", http_status=status)
    raise Failure(receipts.REJECTED, f"{answer} instead of the file", http_status=status)


def _retry_after(response: requests.Response) -> float | None:
    """Return the pause in seconds. A date is compared with the server's own clock."""
    value = response.headers.get("Retry-After")
    if value is None:
        return None
    if value.strip().isdecimal():
        return min(float(value), YEAR_S)
    until = parse_http_date(value)
    if until is None:
        return None
    now = parse_http_date(response.headers.get("Date")) or time.time()
    return min(max(until - now, 0.0), YEAR_S)


def failure_of_error(error: Exception) -> Failure:
    """Return the Failure that an exception of `requests`, `urllib3` or a socket means."""
    cause = _root_cause(error)
    reason = _describe(cause)
    if isinstance(error, ForbiddenAddressError):
        return Failure(receipts.REJECTED, reason)
    if isinstance(error, http.TooManyRedirects):
        return Failure(receipts.REJECTED, "redirected too often")
    if isinstance(error, http.InvalidProxyURL):
        return Failure(receipts.TRANSIENT, reason, reached=False)
    if isinstance(error, http.InvalidSchema | http.MissingSchema | http.InvalidURL):
        return Failure(receipts.REJECTED, f"the link can't be followed: {reason}")
    if isinstance(error, http.SSLError):
        if "expired" in reason or "not yet valid" in reason:
            reason += "; check this machine's clock"
        return Failure(receipts.TRANSIENT, reason)
    unreached = isinstance(error, http.ProxyError | http.ConnectTimeout) or isinstance(
        cause, NewConnectionError
    )
    return Failure(receipts.TRANSIENT, reason, reached=not unreached)


def _describe(cause: BaseException) -> str:
    """Describe an exception. The same event always gives the same words."""
    # Messages of the libraries contain the whole link, and its query is a credential.
    text = redact(str(cause))
    if isinstance(cause, NameResolutionError):
        host = re.search(r"resolve '([^']*)'", text)
        return f"the name {host[1] if host else 'of the host'} can't be resolved"
    if isinstance(cause, ReadTimeoutError | TimeoutError) or "timed out" in text:
        is_connecting = isinstance(cause, ConnectTimeoutError)
        return "no connection within the time limit" if is_connecting else NO_DATA
    if isinstance(cause, NewConnectionError):
        return "no connection: " + text.rpartition("] ")[2]
    if isinstance(cause, IncompleteRead | ClientIncompleteRead):
        return "the connection ended before the file did"
    return text.split("): ", 1)[-1] or type(cause).__name__


def _root_cause(error: BaseException) -> BaseException:
    """Return the innermost of wrapped exceptions."""
    while True:
        wrapped = (getattr(error, "reason", None), *error.args)
        causes = [cause for cause in wrapped if isinstance(cause, Exception)]
        if not causes:
            return error
        error = causes[-1]
