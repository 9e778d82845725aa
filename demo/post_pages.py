"""The site as seen without a browser: pages of posts, short links, comments.

Each page contains the site's JSON, like a real one. `PostPages.states` says which posts are
private, removed or behind a challenge, by id. Their media need the cookie of the visit.
"""

import base64
import hashlib
import json
import re
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qs, urlsplit

from demo.resources import HTML, PAGE, Resource
from demo.web import data

SITE_HOSTS = ("www.tiktok.com", "tiktok.com", "m.tiktok.com", "vm.tiktok.com", "vt.tiktok.com")
MEDIA_HOST = "v16-webapp-session.tiktok.com"  # refuses requests without the cookie of a visit
COOKIE = "tt_chain_token"
CHALLENGE_COOKIE = "_wafchallengeid"
JSON = "application/json; charset=utf-8"

# The status in the site's JSON in place of a post.
STATUS_CODES = {
    "removed": 10204,
    "private": 10216,
    "private-account": 10222,
    "no-account": 10221,
    "region": 10231,
}
STATES = (
    *("ok", "no-data", "age-restricted", "challenge", "captcha", "login", "forbidden", "busy"),
    *STATUS_CODES,
)
_POST = re.compile(r"/@[^/]*/(video|photo)/([0-9]{1,20})/?")
_COMMENTS_PER_PAGE = 20


class PostPages:
    """The pages. `photos`: ids of posts that are photo posts. `short_links`: id by code."""

    def __init__(self) -> None:
        self.states: dict[str, str] = {}
        self.photos: set[str] = set()
        self.short_links: dict[str, str] = {}
        self.comments_answer = "ok"  # or "empty", the site's answer to requests without a signature
        self.visits: list[str] = []  # ids whose page was requested
        self.cookies: set[str] = set()  # that the site has set

    def find(self, link: str, cookie_header: str) -> Resource | None:
        """The answer to a request, or None if the link does not belong to the site."""
        parts = urlsplit(link)
        if parts.hostname == MEDIA_HOST:
            return self._refuse_without_cookie(cookie_header)
        if parts.hostname not in SITE_HOSTS:
            return None
        if parts.path.startswith("/api/comment/list/"):
            return self._comments(parse_qs(parts.query))
        if code := self._short_code(parts.hostname, parts.path):
            return self._follow(code)
        if match := _POST.fullmatch(parts.path):
            return self._page(match[2], cookie_header)
        return None

    def item(self, id: str) -> dict[str, Any]:
        """The post in the form of the site's JSON. Its media need the cookie."""
        photo = id in self.photos
        item = data.itemstruct(data.number_of(id), photo=photo)
        moved = json.dumps(item).replace("v16-webapp-prime.us.tiktok.com", MEDIA_HOST)
        moved = moved.replace("v19-webapp-prime.us.tiktok.com", MEDIA_HOST)
        return json.loads(moved)

    def _short_code(self, host: str, path: str) -> str:
        if host in ("vm.tiktok.com", "vt.tiktok.com"):
            return path.strip("/")
        return path.removeprefix("/t/").strip("/") if path.startswith("/t/") else ""

    def _follow(self, code: str) -> Resource:
        if code not in self.short_links:
            return Resource(HTML, status=404, content=PAGE)
        target = f"https://www.tiktok.com/@_/video/{self.short_links[code]}?_t=1&_r=1"
        return Resource(HTML, status=301, headers=(("Location", target),))

    def _page(self, id: str, cookie_header: str) -> Resource:
        self.visits.append(id)
        state = self.states.get(id, "ok")
        if state == "login":
            return Resource(HTML, status=302, headers=(("Location", "/login"),))
        if state == "forbidden":
            return Resource(HTML, status=403, content=PAGE)
        if state == "busy":
            return Resource(HTML, status=429, content=PAGE, headers=(("Retry-After", "3600"),))
        if state == "captcha":
            return Resource(HTML, content=_CAPTCHA)
        if state == "challenge" and not _has_solved(cookie_header):
            return Resource(HTML, content=_challenge(id))
        if state == "no-data":
            return Resource(HTML, content=PAGE, headers=self._give_cookie(cookie_header))
        content = _html(self._detail(id, state))
        return Resource(HTML, content=content, headers=self._give_cookie(cookie_header))

    def _detail(self, id: str, state: str) -> dict[str, Any]:
        if state in STATUS_CODES:
            return {"statusCode": STATUS_CODES[state], "statusMsg": state}
        item = self.item(id)
        if state == "age-restricted":
            item = {key: value for key, value in item.items() if key != "video"}
            item["isContentClassified"] = True
        return {"statusCode": 0, "statusMsg": "", "itemInfo": {"itemStruct": item}}

    def _give_cookie(self, cookie_header: str) -> tuple[tuple[str, str], ...]:
        if COOKIE in _cookies(cookie_header):
            return ()
        value = hashlib.sha256(b"visit %d" % len(self.cookies)).hexdigest()[:24]
        self.cookies.add(value)
        attributes = "Path=/; Domain=.tiktok.com; Secure; HttpOnly; Max-Age=15552000"
        return (("Set-Cookie", f"{COOKIE}={value}; {attributes}"),)

    def _refuse_without_cookie(self, cookie_header: str) -> Resource | None:
        known = _cookies(cookie_header).get(COOKIE) in self.cookies
        return None if known else Resource(HTML, status=403, content=PAGE)

    def _comments(self, query: dict[str, list[str]]) -> Resource:
        id = query.get("aweme_id", [""])[0]
        if self.comments_answer == "empty" or not id.isdecimal():
            return Resource(JSON)
        start = int(query.get("cursor", ["0"])[0])
        count = min(int(query.get("count", ["20"])[0]), _COMMENTS_PER_PAGE)
        all_of_them = data.comments(data.number_of(id))
        answer = {
            "status_code": 0,
            "comments": all_of_them[start : start + count] or None,
            "cursor": start + count,
            "has_more": 1,  # always: an empty page is the end
            "total": len(all_of_them),
        }
        return Resource(JSON, content=json.dumps(answer).encode())


def _html(detail: dict[str, Any]) -> bytes:
    scopes = {"webapp.app-context": {}, "webapp.video-detail": detail}
    text = json.dumps({"__DEFAULT_SCOPE__": scopes}).replace("</", "<\\/")
    return (
        "<!DOCTYPE html><html><head><title>TikTok</title></head><body>"
        '<script id="__UNIVERSAL_DATA_FOR_REHYDRATION__" type="application/json">'
        f"{text}</script></body></html>\n"
    ).encode()


_CAPTCHA = (
    b"<!DOCTYPE html><html><head><title>Verify</title></head>"
    b'<body><div class="captcha-verify-container">Drag the slider</div></body></html>\n'
)


def _challenge(id: str) -> bytes:
    """The page that makes the visitor find a number by its hash."""
    start = hashlib.sha256(id.encode()).digest()
    wanted = hashlib.sha256(start + b"3").digest()  # the visitor has to find the "3"

    def encoded(content: bytes) -> str:
        return base64.b64encode(content).decode()

    # The visitor hashes `a` and then the number, so `a` is the text before the number.
    challenge = {"v": {"a": encoded(start), "c": encoded(wanted)}, "s": "demo"}
    text = encoded(json.dumps(challenge).encode()).rstrip("=")
    return (
        "<!DOCTYPE html><html><head><title>Please wait...</title></head><body>"
        f'<p id="cs" class="{text}"></p><p id="wci" class="{CHALLENGE_COOKIE}"></p>'
        "</body></html>\n"
    ).encode()


def _has_solved(cookie_header: str) -> bool:
    value = _cookies(cookie_header).get(CHALLENGE_COOKIE, "")
    try:
        return base64.b64decode(json.loads(base64.b64decode(value + "==="))["d"]) == b"3"
    except (ValueError, KeyError, TypeError):
        return False


def _cookies(header: str) -> dict[str, str]:
    try:
        return {name: morsel.value for name, morsel in SimpleCookie(header).items()}
    except CookieError:
        return {}
