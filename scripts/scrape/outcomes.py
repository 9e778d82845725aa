"""Turn the status codes and errors of the site's answers about posts into outcomes."""

from yt_dlp.networking.exceptions import HTTPError, TransportError
from yt_dlp.utils import DownloadError, ExtractorError, YoutubeDLError

from scripts.scrape.states import (
    AGE_RESTRICTED,
    BLOCKED,
    GONE,
    LOGIN,
    PRIVATE,
    REGION,
    TRANSIENT,
    Refusal,
)

# The `statusCode` in the page's JSON, in place of a post.
_STATUSES = {
    10204: Refusal(GONE, "the site says that the post is not available"),
    10216: Refusal(PRIVATE, "the post is private"),
    10221: Refusal(GONE, "the account does not exist"),
    10222: Refusal(PRIVATE, "the account is private"),
    10231: Refusal(REGION, "the post is not available in this region"),
}

CAPTCHA = Refusal(BLOCKED, "the site answers with a captcha")
UNSOLVED = Refusal(BLOCKED, "the site answers with a challenge that yt-dlp cannot solve")
NO_DATA = Refusal(TRANSIENT, "the page does not contain the post's data")

# Words in yt-dlp's messages about pages, and what they mean.
_PAGES = (
    ("not be comfortable", Refusal(AGE_RESTRICTED, "the site shows it only after a log-in")),
    ("requiring login", Refusal(LOGIN, "the site demands a log-in")),
    ("Unexpected response from webpage", NO_DATA),
    ("JS challenge", UNSOLVED),
    ("challenge data", UNSOLVED),
    ("universal data", NO_DATA),
)
_HTTP = {
    403: Refusal(BLOCKED, "the site refuses to answer (HTTP 403)"),
    404: Refusal(GONE, "the page does not exist (HTTP 404)"),
    410: Refusal(GONE, "the page does not exist any more (HTTP 410)"),
    429: Refusal(BLOCKED, "the site demands a pause (HTTP 429)"),
}


def of_status(code: int) -> Refusal:
    """Return the refusal that a status code in the page's JSON means."""
    return _STATUSES.get(code, Refusal(TRANSIENT, f"the site answers with the status {code}"))


def of_error(error: YoutubeDLError | TransportError | HTTPError) -> Refusal:
    """Return the refusal that an error of yt-dlp means. The reason never quotes a link."""
    cause = _cause(error)
    if isinstance(cause, HTTPError):
        other = Refusal(TRANSIENT, f"the site answers with HTTP {cause.status}")
        return _HTTP.get(cause.status, other)
    if isinstance(cause, TransportError):
        return Refusal(TRANSIENT, f"the site cannot be reached ({type(cause).__name__})")
    message = str(error)
    for words, refusal in _PAGES:
        if words in message:
            return refusal
    return Refusal(TRANSIENT, "yt-dlp cannot read the site's answer; update it")


def _cause(error: BaseException) -> BaseException:
    """The innermost of the errors that yt-dlp wraps around each other."""
    if isinstance(error, DownloadError) and error.exc_info:
        wrapped = error.exc_info[1]
        return error if wrapped in (None, error) else _cause(wrapped)
    if isinstance(error, ExtractorError) and isinstance(error.cause, BaseException):
        return _cause(error.cause)
    return error
