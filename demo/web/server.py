"""The stand-in's answers for www.tiktok.com: the page of a post, and the endpoints it asks.

    with Site() as site:
        serve_pages(site)
        page.goto(address(count=20, selectors="old"))

`python -m demo.web` serves them to be opened by hand.
"""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from demo.resources import HTML, Resource
from demo.site import Site
from demo.tiktoks import WEB_ID
from demo.web import data
from demo.web.options import DEFAULTS, GRIDS, Options

HOST = "www.tiktok.com"
FOLDER = Path(__file__).parent
FEED_PATH = "/foryou"
# The address of each kind of page without a post in it.
PATHS = {
    "feed": FEED_PATH,
    "profile": "/@crumb.lab",
    "liked": "/@crumb.lab",
    "collection": "/@crumb.lab/collection/bread-7100000000000000001",
    "hashtag": "/tag/bread",
    "search": "/search",
    "explore": "/explore",
}
# What its lists come from, and the key that they have in the answer.
LISTS = {
    "profile": ("/api/post/item_list/", "itemList"),
    "liked": ("/api/favorite/item_list/", "itemList"),
    "collection": ("/api/collection/item_list/", "itemList"),
    "hashtag": ("/api/challenge/item_list/", "itemList"),
    "search": ("/api/search/general/full/", "data"),
    "explore": ("/api/explore/item_list/", "item_list"),
}
FEED_LIST = ("/api/recommend/item_list/", "itemList")
POSTS_PER_PAGE = 6
POST_PATH = re.compile(r"/@[^/]+/(?:video|photo)/(\d+)")
SCOPES = ("1", "brief", "items", "user-post")  # values of `rehydration`
TOKEN = "demo-token"  # noqa: S105 - of the query, which every request of the page holds
COOKIE = "tt_chain_token"
MEDIA_HOSTS = (
    *("v16-webapp-prime.us.tiktok.com", "v19-webapp-prime.us.tiktok.com"),
    *("v16-webapp.tiktok.com", "v19-webapp.tiktok.com"),
    *("p16-sign.tiktokcdn-us.com", "p19-sign.tiktokcdn-us.com"),
)
# Videos may be asked for with the session's cookie. Images may be asked for by all, but without.
CORS = (
    ("Access-Control-Allow-Origin", f"https://{HOST}"),
    ("Access-Control-Allow-Credentials", "true"),
)
CORS_FOR_ALL = (("Access-Control-Allow-Origin", "*"),)
POLICIES = (
    (
        "Content-Security-Policy",
        "default-src 'self' 'unsafe-eval' 'unsafe-inline' blob: data: *.tiktok.com"
        " *.tiktokcdn-us.com",
    ),
    ("Content-Security-Policy-Report-Only", "script-src 'self' 'nonce-demo' 'report-sample'"),
)
CSP = (
    "<meta http-equiv='Content-Security-Policy' content=\"require-trusted-types-for 'script'; "
    "script-src 'nonce-demo' 'strict-dynamic'; style-src 'nonce-demo'; object-src 'none'\">"
)


def serve_pages(site: Site) -> None:
    """Let `site` answer for the site's own pages, and for its CDN as the page's requests see it."""
    opened = [DEFAULTS]

    def answer_like_the_page(link: str, cookies: str) -> Resource:
        parts = urlsplit(link)
        if parts.path in PATHS.values() or POST_PATH.fullmatch(parts.path):
            opened[0] = Options.from_query(parts.query)
        return answer(link, opened[0])

    def answer_like_the_cdn(link: str, cookies: str) -> Resource:
        if opened[0].session and "/video/" in link and COOKIE not in cookies:
            return Resource(HTML, status=403, headers=CORS)
        is_image = "tiktokcdn" in (urlsplit(link).hostname or "")
        headers = CORS_FOR_ALL if is_image else CORS
        return replace(site.library.find(link), headers=headers)

    site.answers[HOST] = answer_like_the_page
    for host in MEDIA_HOSTS:
        site.answers[host] = answer_like_the_cdn


def address(**options: Any) -> str:
    """The address of a post, with these `Options`."""
    chosen = Options(**options)
    path = data.path(chosen.start, chosen.is_photo(chosen.start))
    path = PATHS.get(chosen.surface, path)
    query = chosen.query()
    return f"https://{HOST}{path}{'?' if query else ''}{query}"


def answer(link: str, opened: Options = DEFAULTS) -> Resource:
    """What www.tiktok.com answers; `opened` are the options of the page that was opened last."""
    parts = urlsplit(link)
    options = Options.from_query(parts.query)
    post = POST_PATH.fullmatch(parts.path)
    if post or parts.path in PATHS.values():
        number = data.number_of(post[1]) if post else options.start
        content = _page(number, options, bool(post)).encode()
        return Resource(HTML, content=content, headers=_headers(options))
    if parts.path == "/favicon.ico":  # or else a browser logs an error, now or later
        return Resource("image/x-icon")
    endpoint = ENDPOINTS.get(parts.path)
    if not endpoint:
        return Resource(HTML, status=404)
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    if "msToken" not in query:  # not asked by the page, nor as it asks
        options = opened
    # As the site does with a request that it doesn't like: 200, and nothing in it.
    found = endpoint(query, options) if _is_accepted(query, options) else None
    content = json.dumps(found).encode() if found else b""
    return Resource("application/json", content=content)


def _is_accepted(query: dict[str, str], options: Options) -> bool:
    if not options.signed:
        return query.get("msToken") == TOKEN
    return query.get("X-Gnarly") == TOKEN or "msToken" not in query


def _item_list(query: dict[str, str], options: Options) -> dict[str, Any]:
    start = int(query["cursor"])
    stop = min(start + POSTS_PER_PAGE, options.count)
    items = [data.itemstruct(n, options.is_photo(n)) for n in range(start, stop)]
    _, key = LISTS.get(options.surface, FEED_LIST)
    entries = [{"type": 1, "item": item} for item in items] if key == "data" else items
    more = (
        {"hasMore": stop < options.count}
        if key == "itemList"
        else {"has_more": int(stop < options.count)}
    )
    return {key: entries, "cursor": str(stop), **more}


def _comments(query: dict[str, str], options: Options) -> dict[str, Any] | None:
    number = data.number_of(query["aweme_id"])
    if number in options.faults().get("no-comments", ()):
        return None
    found = _slice(data.comments(number), query) | {"total": data.comment_count(number)}
    if number in options.faults().get("foreign-comments", ()):
        found["comments"] = [*data.comments(number + 1)[:3], *(found["comments"] or [])]
    if "endless-comments" in options.faults():
        found |= {"has_more": 1, "cursor": int(query["cursor"]) + int(query["count"])}
    return found


def _replies(query: dict[str, str], options: Options) -> dict[str, Any]:
    number = data.number_of(query["item_id"])
    index = [comment["cid"] for comment in data.comments(number)].index(query["comment_id"])
    found = data.replies(number, index)
    return _slice(found, query) | {"total": len(found)}


def _slice(found: list[dict[str, Any]], query: dict[str, str]) -> dict[str, Any]:
    start = int(query["cursor"])
    stop = min(start + int(query["count"]), len(found))
    more = int(stop < len(found))
    return {"comments": found[start:stop] or None, "cursor": stop, "has_more": more}


ENDPOINTS = {
    **{path: _item_list for path, _ in (FEED_LIST, *LISTS.values())},
    "/api/comment/list/": _comments,
    "/api/comment/list/reply/": _replies,
}


def _headers(options: Options) -> tuple[tuple[str, str], ...]:
    cookie = f"{COOKIE}=demo; Domain=.tiktok.com; Path=/; Secure; SameSite=None"
    session = (("Set-Cookie", cookie),) if options.session else ()
    return (*session, *POLICIES) if options.csp == 2 else session


def _page(number: int, options: Options, has_post: bool) -> str:
    script = (FOLDER / "page.js").read_text()
    if options.player in ("feed", "standalone", "cinema"):
        script += (FOLDER / "column.js").read_text()
    grid = options.surface if options.surface in GRIDS and not has_post else None
    if grid:
        script += (FOLDER / "grid.js").read_text()
    list_path, list_key = LISTS.get(options.surface, FEED_LIST)
    settings = {key: getattr(options, key) for key in Options.__slots__} | {
        "surface": options.player,
        "grid": grid,
        "list": {"path": list_path, "key": list_key},
        "start": number,
        "faults": options.faults(),
        "webId": WEB_ID,
        "token": TOKEN,
        "inlined": None if options.api else _inlined(options),
    }
    parts = {
        "{csp}": CSP if options.csp == 1 else "",
        "{style}": (FOLDER / "page.css").read_text(),
        "{rehydration}": "" if grid else _rehydration(number, options),
        "{script}": f"((demo) => {{\n{script}\n}})({_json(settings)});",
    }
    page = (FOLDER / "page.html").read_text()
    # One pass, so that braces in the texts of posts mean nothing.
    return re.sub("|".join(map(re.escape, parts)), lambda match: parts[match[0]], page)


def _inlined(options: Options) -> dict[str, Any]:
    """All posts with all comments, for a page that asks no endpoint."""
    numbers = range(options.count)
    silent = options.faults().get("no-comments", ())
    top = {data.post_id(n): data.comments(n) for n in numbers if n not in silent}
    answers = {
        comment["cid"]: data.replies(data.number_of(id), index)
        for id, found in top.items()
        for index, comment in enumerate(found)
    }
    posts = [data.itemstruct(n, options.is_photo(n)) for n in numbers]
    return {"posts": posts, "comments": top, "replies": answers}


def _rehydration(number: int, options: Options) -> str:
    item = data.itemstruct(number, options.is_photo(number))
    item["createTime"] = str(item["createTime"])
    context = {"wid": WEB_ID, "language": options.words}
    if options.rehydration in SCOPES:
        scope = {"webapp.app-context": context, **_scope(item, options.rehydration)}
        return _json_script("__UNIVERSAL_DATA_FOR_REHYDRATION__", {"__DEFAULT_SCOPE__": scope})
    if options.rehydration == "sigi":
        module = {item["id"]: _old_item(item)}
        state = {"AppContext": {"appContext": context}, "ItemModule": module}
        return _json_script("SIGI_STATE", state)
    return ""


def _scope(item: dict[str, Any], rehydration: str) -> dict[str, Any]:
    """The post in the scope where this kind of page has it."""
    match rehydration:
        case "items":
            return {"webapp.updated-items": [item]}
        case "user-post":
            return {"webapp.user-post": {"itemList": {"video": {"list": [item]}}}}
        case _:
            return {"webapp.video-detail": {"itemInfo": {"itemStruct": item}, "statusCode": 0}}


def _old_item(item: dict[str, Any]) -> dict[str, Any]:
    """A post as SIGI_STATE had it: the author is a bare string, and there are no exact counts."""
    author = item["author"]
    flat = {
        "author": author["uniqueId"],
        "authorId": author["id"],
        "authorSecId": author["secUid"],
        "nickname": author["nickname"],
    }
    return {key: value for key, value in item.items() if key != "statsV2"} | flat


def _json_script(id: str, content: dict[str, Any]) -> str:
    return f'<script id="{id}" type="application/json">{_json(content)}</script>'


def _json(content: dict[str, Any]) -> str:
    """JSON that can stand in a script element."""
    return json.dumps(content).replace("<", "\\u003c")
