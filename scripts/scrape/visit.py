"""One visit to the site through yt-dlp: its extractor, its connection, its cookies.

The yt-dlp project keeps up with the site's changes. One private method of its extractor returns the
page's own item, which says more than yt-dlp's result. If that method fails, the result is used.
"""

import json
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any, TypeVar

import yt_dlp
from yt_dlp.networking import HEADRequest, Request
from yt_dlp.networking.exceptions import RequestError
from yt_dlp.utils import YoutubeDLError
from yt_dlp.version import __version__

from scripts.errors import ConfigError
from scripts.files import storage_errors
from scripts.scrape.outcomes import CAPTCHA, NO_DATA, of_error, of_status
from scripts.scrape.states import TRANSIENT, Refusal

HOME = "https://www.tiktok.com"
REFERER = {"Referer": f"{HOME}/"}
SOCKET_TIMEOUT_S = 20
DEADLINE_S = 90  # for one whole question, because a server may send a byte a second
MAX_ANSWER_BYTES = 16 << 20
# The endpoint that answers requests without a signature.
COMMENTS = HOME + "/api/comment/list/?aid=1988&aweme_id={id}&count={count}&cursor={cursor}"
_POST_PATH = re.compile(r"https://(?:www\.|m\.)?tiktok\.com/@[^/?#]*/(?:video|photo)/([0-9]{1,20})")
# The variables in which yt-dlp's libraries look for a CA bundle.
CA_VARIABLES = ("SSL_CERT_FILE", "CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE")

NO_COMMENTS = Refusal(TRANSIENT, "the comment endpoint gives no comments without a signature")

T = TypeVar("T")


def yt_dlp_version() -> str:
    return str(__version__)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the site says about a post: the page's own item, or else yt-dlp's result."""

    item: dict[str, Any] | None
    result: dict[str, Any] | None


class Visit:
    """Asks one question at a time. Call `close` at the end: it keeps the cookies."""

    def __init__(
        self, *, cookie_file: Path, proxy: str, ca_bundle: str, browser: str, impersonate: str
    ) -> None:
        self._cookie_file = cookie_file
        options: dict[str, Any] = {
            "ignoreconfig": True,
            "cachedir": False,
            "quiet": True,
            "no_warnings": True,
            "logger": _Silence(),
            "retries": 1,
            "extractor_retries": 0,
            "socket_timeout": SOCKET_TIMEOUT_S,
            "cookiefile": str(cookie_file) if cookie_file.exists() else None,
        }
        if proxy:
            options["proxy"] = proxy
        if ca_bundle:
            options["compat_opts"] = {"no-certifi"}
            os.environ |= dict.fromkeys(CA_VARIABLES, ca_bundle)
        try:
            if browser:
                options["cookiesfrombrowser"] = (browser,)
            if impersonate:
                options["impersonate"] = yt_dlp.networking.impersonate.ImpersonateTarget.from_str(
                    impersonate
                )
            self._ydl = yt_dlp.YoutubeDL(options)
            self._ydl.cookiejar  # noqa: B018 (reads the browser's cookies, or fails to)
        except (YoutubeDLError, ValueError, OSError) as error:
            raise ConfigError(
                f"yt-dlp cannot start with the settings under `scrape`: {error}. "
                "Check `scrape.cookies_from_browser` and `scrape.impersonate`."
            ) from None
        self._extractor = self._ydl.get_info_extractor("TikTok")

    def ask(self, id: str) -> Answer | Refusal:
        """The site's answer about the post."""
        return _within_deadline(lambda: self._ask(id))

    def resolve(self, short_link: str) -> str | Refusal:
        """The id of the post that a short link leads to."""
        return _within_deadline(lambda: self._resolve(short_link))

    def comments(self, id: str, count: int) -> list[dict[str, Any]] | Refusal:
        """The first `count` comments, as the site's endpoint sends them."""
        return _within_deadline(lambda: self._comments(id, count))

    def save_cookies(self) -> None:
        """Keep the cookies for the next visit and for downloads; only the owner may read them."""
        draft = self._cookie_file.with_name(f".{self._cookie_file.name}.part")
        with storage_errors(self._cookie_file):
            draft.unlink(missing_ok=True)
            os.close(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
            self._ydl.cookiejar.save(str(draft))
            draft.replace(self._cookie_file)

    def close(self) -> None:
        self.save_cookies()
        self._ydl.close()

    def _ask(self, id: str) -> Answer | Refusal:
        link = f"{HOME}/@_/video/{id}"
        try:
            item, status = self._extractor._extract_web_data_and_status(link, id)
        except (YoutubeDLError, RequestError) as error:
            refusal = of_error(error)
            return self._look_for_captcha(link) if refusal == NO_DATA else refusal
        except (AttributeError, TypeError, ValueError):
            return self._ask_publicly(link)  # yt-dlp changed its private method
        if status:
            return of_status(status)
        if not isinstance(item, dict) or str(item.get("id")) != id:
            return self._ask_publicly(link)
        return Answer(item, None)

    def _look_for_captcha(self, link: str) -> Refusal:
        """Distinguish a captcha (it stops the scrape) from a page without data (it does not)."""
        try:
            with self._ydl.urlopen(Request(link)) as response:
                page = response.read(MAX_ANSWER_BYTES)
        except (YoutubeDLError, RequestError) as error:
            return of_error(error)
        return CAPTCHA if b"captcha" in page.lower() else NO_DATA

    def _ask_publicly(self, link: str) -> Answer | Refusal:
        try:
            result = self._ydl.extract_info(link, download=False)
        except (YoutubeDLError, RequestError) as error:
            return of_error(error)
        if not result:
            return Refusal(TRANSIENT, "yt-dlp found nothing on the page; update it")
        return Answer(None, self._ydl.sanitize_info(result))

    def _resolve(self, short_link: str) -> str | Refusal:
        request = HEADRequest(short_link, headers={"User-Agent": "facebookexternalhit/1.1"})
        try:
            with self._ydl.urlopen(request) as response:
                match = _POST_PATH.match(response.url)
        except (YoutubeDLError, RequestError) as error:
            return of_error(error)
        return match[1] if match else Refusal(TRANSIENT, "the short link leads to no post")

    def _comments(self, id: str, count: int) -> list[dict[str, Any]] | Refusal:
        found: dict[str, dict[str, Any]] = {}
        while len(found) < count:
            link = COMMENTS.format(id=id, count=min(50, count), cursor=len(found))
            try:
                with self._ydl.urlopen(Request(link, headers=REFERER)) as response:
                    answer = json.loads(response.read(MAX_ANSWER_BYTES))
                    comments = answer["comments"] or []
                    new = {c["cid"]: c for c in comments if c["aweme_id"] == id}
            except (YoutubeDLError, RequestError) as error:
                return of_error(error)
            except (ValueError, KeyError, TypeError, RecursionError):
                return NO_COMMENTS
            if not new.keys() - found.keys():
                break  # an empty page means the end, whatever `has_more` says
            found |= new
        return list(found.values())[:count]


def _within_deadline(question: Callable[[], T]) -> T | Refusal:
    """The answer, or a refusal after the deadline; the thread then runs on unobserved."""
    answers: SimpleQueue[T | Exception] = SimpleQueue()

    def ask() -> None:
        try:
            answers.put(question())
        except Exception as error:  # to be raised in the thread that asked
            answers.put(error)

    Thread(target=ask, daemon=True).start()
    try:
        answer = answers.get(timeout=DEADLINE_S)
    except Empty:
        return Refusal(TRANSIENT, f"the site did not answer within {DEADLINE_S} s")
    if isinstance(answer, Exception):
        raise answer
    return answer


class _Silence:
    """Discards yt-dlp's messages, because they may quote links, which are credentials."""

    def debug(self, message: str) -> None: ...

    def info(self, message: str) -> None: ...

    def warning(self, message: str) -> None: ...

    def error(self, message: str) -> None: ...
