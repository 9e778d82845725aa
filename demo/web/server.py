"""The stand-in's answers for www.tiktok.com: the page of a post, and the endpoints it asks.

    with Site() as site:
        serve_pages(site)
        page.goto(address(count=20, selectors="old"))

`python -m demo.web` serves them to be opened by hand.
"""

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from demo.resources import HTML, Resource
from demo.site import Site
from demo.tiktoks import WEB_ID
from demo.web import data
from demo.web.options import DEFAULTS, Options

HOST = "www.tiktok.com"
FOLDER = Path(__file__).parent
FEED_PATH = "/foryou"
POSTS_PER_PAGE = 6
POST_PATH = re.compile(r"/@[^/]+/(?:video|photo)/(\d+)")
SCOPES = ("1", "brief", "items", "user-post")  # values of `rehydration`
TOKEN = "demo-token"  # noqa: S105 - of the query, which every request of the page holds
CSP = (
    "<meta http-equiv='Content-Security-Policy' content=\"require-trusted-types-for 'script'; "
    "script-src 'nonce-demo' 'strict-dynamic'; style-src 'nonce-demo'; object-src 'none'\">"
)


def serve_pages(site: Site) -> None:
    """Let `site` answer for the site's own pages, not only for its CDN."""
    opened = [DEFAULTS]

    def answer_like_the_page(link: str) -> Resource:
        parts = urlsplit(link)
        if parts.path == FEED_PATH or POST_PATH.fullmatch(parts.path):
            opened[0] = Options.from_query(parts.query)
        return answer(link, opened[0])

    site.answers[HOST] = answer_like_the_page


def address(**options: Any) -> str:
    """The address of a post, with these `Options`."""
    chosen = Options(**options)
    path = data.path(chosen.start, chosen.is_photo(chosen.start))
    if chosen.surface == "feed":
        path = FEED_PATH
    query = chosen.query()
    return f"https://{HOST}{path}{'?' if query else ''}{query}"


def answer(link: str, opened: Options = DEFAULTS) -> Resource:
    """What www.tiktok.com answers; `opened` are the options of the page that was opened last."""
    parts = urlsplit(link)
    options = Options.from_query(parts.query)
    post = POST_PATH.fullmatch(parts.path)
    if post or parts.path == FEED_PATH:
        number = data.number_of(post[1]) if post else options.start
        return Resource(HTML, content=_page(number, options).encode())
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
    return {"itemList": items, "cursor": str(stop), "hasMore": stop < options.count}


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
    "/api/recommend/item_list/": _item_list,
    "/api/comment/list/": _comments,
    "/api/comment/list/reply/": _replies,
}


def _page(number: int, options: Options) -> str:
    script = (FOLDER / "page.js").read_text()
    if options.surface in ("feed", "standalone", "cinema"):
        script += (FOLDER / "column.js").read_text()
    settings = {key: getattr(options, key) for key in Options.__slots__} | {
        "start": number,
        "faults": options.faults(),
        "webId": WEB_ID,
        "token": TOKEN,
        "inlined": None if options.api else _inlined(options),
    }
    parts = {
        "{csp}": CSP if options.csp else "",
        "{style}": (FOLDER / "page.css").read_text(),
        "{rehydration}": _rehydration(number, options),
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
