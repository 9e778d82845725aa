"""What a failed request means: from statuses and exceptions to a receipt's outcomes."""

import time
from datetime import UTC, datetime

import requests
from requests import exceptions as http
from urllib3.exceptions import NewConnectionError

from scripts.download.client import ForbiddenAddressError, parse_http_date
from scripts.rawinfo.links import redact
from scripts.store import receipts

MOST_REASON = 200
YEAR_S = 366 * 24 * 3600.0
RETRY_STATUSES = {408, 425, 429, *range(500, 600)}


class Failure(Exception):
    """One try failed.

    `asked`: a request was made. `reached`: the host was there. `retry_after_s`: the pause in
    seconds that the server asked for, if any.
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
        # Some of it is the server's own text, and goes to the screen.
        self.reason = "".join(char for char in reason[:MOST_REASON] if char.isprintable())
        self.asked = asked
        self.reached = reached
        self.http_status = http_status
        self.retry_after_s = retry_after_s

    def or_timeout(self, expired: str | None) -> "Failure":
        """This failure, or the time-out that brought it about."""
        if not expired:
            return self
        return Failure(receipts.TRANSIENT, expired, reached=self.reached)


def check_status(
    response: requests.Response, longest_pause_s: float, time_left_s: float = float("inf")
) -> None:
    """Raise the Failure that the status stands for, unless it is 200.

    A pause (Retry-After) beyond `longest_pause_s`, or beyond the life of the link, is for a later
    run: urllib3's own limit is six hours, the whole life of a link.
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
                f"{answer}, not before {pause_s:,.0f} s have passed",
                http_status=status,
                retry_after_s=pause_s,
            )
        raise Failure(receipts.TRANSIENT, answer, http_status=status, retry_after_s=pause_s)
    if status in (401, 403):
        reason = f"{answer}: the link isn't accepted any more"
        if 0 < time_left_s < float("inf"):
            reason = f"{answer} before the link's expiry: it may want download.cookies"
        raise Failure(receipts.EXPIRED, reason, http_status=status)
    if status in (404, 410):
        raise Failure(receipts.GONE, f"{answer}: it isn't there any more", http_status=status)
    raise Failure(receipts.REJECTED, f"{answer} in place of the file", http_status=status)


def _retry_after(response: requests.Response) -> float | None:
    """Seconds, from a number or a date; a date is read against the server's own clock."""
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
    """The Failure that an exception of `requests`, `urllib3` or a socket stands for."""
    cause = _root_cause(error)
    # Both libraries put the whole link into their messages: its query is a credential.
    reason = redact(str(cause).split("): ", 1)[-1]) or type(cause).__name__
    if isinstance(error, ForbiddenAddressError):
        return Failure(receipts.REJECTED, reason)
    if isinstance(error, http.TooManyRedirects):
        return Failure(receipts.REJECTED, "redirected too often")
    if isinstance(error, http.InvalidProxyURL):
        return Failure(receipts.TRANSIENT, reason, reached=False)
    if isinstance(error, http.InvalidSchema | http.MissingSchema | http.InvalidURL):
        return Failure(receipts.REJECTED, f"not a link that is followed: {reason}")
    if isinstance(error, http.SSLError):
        if "expired" in reason or "not yet valid" in reason:
            now = datetime.now(UTC).isoformat(sep=" ", timespec="minutes")
            reason += f"; check this machine's clock, it says {now}"
        return Failure(receipts.TRANSIENT, reason)
    unreached = isinstance(error, http.ProxyError | http.ConnectTimeout) or isinstance(
        cause, NewConnectionError
    )
    return Failure(receipts.TRANSIENT, reason, reached=not unreached)


def _root_cause(error: BaseException) -> BaseException:
    """What is at the bottom of wrapped exceptions."""
    while True:
        wrapped = (getattr(error, "reason", None), *error.args)
        causes = [cause for cause in wrapped if isinstance(cause, Exception)]
        if not causes:
            return error
        error = causes[-1]
