"""The viewer's routes: the page, the answers to its requests, and media by id.

Only this machine can reach the server, but any page that is open in the browser can, too. So the
server checks the host name of each request (a foreign name could point here), answers no other
origin, and lets only its own origin write.
"""

import json
import re
import time
from functools import cache
from pathlib import Path
from sqlite3 import Connection
from typing import Any

from starlette.applications import Starlette
from starlette.convertors import Convertor, register_url_convertor
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from scripts.errors import CorpusError
from scripts.queries.query_file import Query, add_query, other_targets, remove_query
from scripts.rawinfo.ids import ID_PATTERN, is_id
from scripts.search import SearchError
from scripts.search.reranker import Reranker
from scripts.store.media_kinds import COVERPHOTOS, PHOTOS, VIDEOS, MediaKind
from scripts.viewer import corpus
from scripts.viewer.database import LiveDatabase, NoDatabaseError, Opened
from scripts.viewer.figures import REPORT, figures, list_figures
from scripts.viewer.headers import (
    REPORT_POLICY,
    SecurityHeaders,
    has_tag,
    is_range,
    require_same_origin,
)
from scripts.viewer.page_files import SERVER, page_files
from scripts.viewer.searching import look_closer, search

PAGE_TYPES = {
    ".html": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
}
MEDIA_TYPES = {".mp4": "video/mp4", ".jpg": "image/jpeg"}
LONGEST_QUERY = 500
LONGEST_BODY = 20_000
FAST_S = 1.0  # a second pass that takes less runs without a request
_STATUS = {NoDatabaseError: 503, SearchError: 400}


class _IdConvertor(Convertor[str]):
    """An id in a path: only digits, so it can lead only to a file with that name."""

    regex = ID_PATTERN

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


register_url_convertor("id", _IdConvertor())


def create_app(data: Path, reranker: Reranker | None = None) -> Starlette:
    """The viewer of the corpus in the folder `data`. Raises NoDatabaseError.

    reranker: the second pass of the search, if there is a model.
    """
    app = Starlette(
        routes=[
            *(
                Route(path, _page)
                for path in (
                    "/",
                    "/v/{id:id}",
                    "/v/{other:path}",
                    "/search",
                    "/history",
                    "/figures",
                )
            ),
            Route("/page/{name}", _page),
            Route("/media/videos/{id:id}.mp4", _media(VIDEOS)),
            Route("/media/coverphotos/{id:id}.jpg", _media(COVERPHOTOS)),
            Route("/media/photos/{id:id}/{number:id}.jpg", _media(PHOTOS)),
            Route("/media/report/{figure}.svg", _figure),
            Route("/media/report/experiments.html", _report),
            Route("/api/feed", _feed),
            Route("/api/posts", _posts),
            Route("/api/posts/{id:id}/comments", _comments),
            Route("/api/search", _search),
            Route("/api/closer", _look_closer),
            Route("/api/figures", _figures),
            Route("/api/queries", _judge, methods=["POST"]),
            Route("/api/queries", _take_back, methods=["DELETE"]),
        ],
        middleware=[
            Middleware(SecurityHeaders),
            Middleware(TrustedHostMiddleware, allowed_hosts=["localhost", "127.0.0.1"]),
        ],
        exception_handlers={HTTPException: _http_error, CorpusError: _corpus_error},
    )
    app.state.data = data
    app.state.added = set()  # queries that came from the page, which may take them back
    app.state.reranker, app.state.reranker_s = reranker, None  # how long it took the last time
    app.state.database = LiveDatabase(data / "tiktoks.db")
    app.state.database.check()
    # In a thread of its own: other requests don't wait for the model.
    app.state.reranker_database = LiveDatabase(data / "tiktoks.db")
    return app


async def _page(request: Request) -> Response:
    """The page, or one of its files. They are few and small, so memory keeps them."""
    name = request.path_params.get("name", "index.html")
    id = request.path_params.get("id", request.path_params.get("other"))
    is_known = id is None or await _ask(request, lambda db: corpus.exists(db, id))
    return _page_file(name, 200 if is_known else 404, _first_request(request))


def _page_file(name: str, status: int, first: str | None = None) -> Response:
    if name not in _page_files():
        raise HTTPException(404, "There is no such file.")
    content, media_type = _page_files()[name]
    headers = {"Cache-Control": "no-cache"}
    if first:
        headers["Link"] = f"<{first}>; rel=preload; as=fetch; crossorigin"
    return Response(content, status, headers, media_type)


def _first_request(request: Request) -> str | None:
    """The page's first request. Browsers can send it before they have the page's scripts."""
    if request.url.path == "/":
        return f"/api/feed?direction={corpus.OLDER}"
    id = request.path_params.get("id")
    return id and f"/api/posts?ids={id}"


@cache
def _page_files() -> dict[str, tuple[bytes, str]]:
    return {
        name: (content, PAGE_TYPES[Path(name).suffix])
        for name, content in page_files(SERVER).items()
    }


def _media(kind: MediaKind) -> Any:
    """Serves files of one kind, or parts of them (`Range`), but no placeholders."""

    async def give(request: Request) -> Response:
        name = "/".join(request.path_params.values())
        file = kind.media(request.app.state.data, name)
        return _file(request, file, MEDIA_TYPES[kind.suffix])

    return give


async def _figure(request: Request) -> Response:
    known = {figure["name"]: figure for figure in list_figures(request.app.state.data)}
    if request.path_params["figure"] not in known:
        raise HTTPException(404, "There is no such figure.")
    file = request.app.state.data / "report" / f"{request.path_params['figure']}.svg"
    return _file(request, file, "image/svg+xml")


async def _report(request: Request) -> Response:
    """The report of the experiments."""
    file = request.app.state.data / "report" / REPORT
    response = _file(request, file, "text/html")
    response.headers["Content-Security-Policy"] = REPORT_POLICY
    return response


def _file(request: Request, path: Path, media_type: str) -> Response:
    """A file of the corpus, or the parts that the request asks for; 304 if the browser has it."""
    file = corpus.inside(request.app.state.data, path)
    if file is None or not (status := file.stat()).st_size or not file.is_file():
        raise HTTPException(404, "There is no such file.")
    headers = {"Cache-Control": "private, no-cache"}
    response = FileResponse(file, media_type=media_type, stat_result=status, headers=headers)
    if has_tag(request.headers.get("if-none-match", ""), response.headers["etag"]):
        kept = {name: response.headers[name] for name in ("etag", "cache-control", "last-modified")}
        return Response(status_code=304, headers=kept)
    if not is_range(request.headers.get("range", "")):
        # RFC 9110: a server ignores a Range header that it can't read.
        request.scope["headers"] = [
            header for header in request.scope["headers"] if header[0] != b"range"
        ]
    return response


async def _feed(request: Request) -> Response:
    start = request.query_params.get("from")
    direction = request.query_params.get("direction", corpus.OLDER)
    if direction not in (corpus.OLDER, corpus.NEWER) or not (start is None or is_id(start)):
        raise HTTPException(400, "`from` has to be an id, and `direction` older or newer.")
    data = request.app.state.data

    def answer(db: Connection) -> dict[str, Any]:
        ids = corpus.feed(db, start, direction, corpus.FEED_PAGE)
        posts = corpus.posts(db, data, ids[:2]) if start is None else []  # shown first
        return {"ids": ids, "posts": posts}

    try:
        return JSONResponse(await _ask(request, answer))
    except KeyError:
        raise HTTPException(404, "There is no such TikTok in this corpus.") from None


async def _posts(request: Request) -> Response:
    ids = request.query_params.get("ids", "").split(",")
    if len(ids) > corpus.POSTS_AT_ONCE or not all(map(is_id, ids)):
        raise HTTPException(400, f"`ids` has to be up to {corpus.POSTS_AT_ONCE} ids with commas.")
    data = request.app.state.data
    return JSONResponse({"posts": await _ask(request, lambda db: corpus.posts(db, data, ids))})


async def _comments(request: Request) -> Response:
    id, after = request.path_params["id"], _number(request, "after")
    page = corpus.THREADS_PAGE
    return JSONResponse(await _ask(request, lambda db: corpus.comments(db, id, after, page)))


async def _search(request: Request) -> Response:
    parameters, offset = _asked(request), _number(request, "offset")
    state = request.app.state
    found = await state.database.ask(lambda opened: search(opened, state.data, parameters, offset))
    # Tell the page if there is a second pass, and if it is fast enough to run by itself.
    is_fast = state.reranker_s is not None and state.reranker_s < FAST_S
    closer = None if state.reranker is None else "automatic" if is_fast else "manual"
    return JSONResponse(found | {"closer": closer})


async def _look_closer(request: Request) -> Response:
    """The first results in the order of the second pass."""
    parameters, state = _asked(request), request.app.state
    if state.reranker is None:
        raise HTTPException(404, "`search.model` names no model: see docs/search.md.")

    def measured(opened: Opened) -> list[str]:
        start = time.monotonic()
        ids = look_closer(opened, state.reranker, parameters)
        state.reranker_s = time.monotonic() - start
        return ids

    return JSONResponse({"ids": await state.reranker_database.ask(measured)})


def _asked(request: Request) -> dict[str, str]:
    """The query and the filters."""
    parameters = dict(request.query_params)
    if len(parameters.get("q", "")) > LONGEST_QUERY:
        raise HTTPException(400, f"A query can have up to {LONGEST_QUERY} characters.")
    return parameters


async def _figures(request: Request) -> Response:
    data = request.app.state.data
    return JSONResponse(await _ask(request, lambda db: figures(db, data)))


async def _judge(request: Request) -> Response:
    """Add `{"text", "target"}`, with `"author"` if given, to the queries of the corpus.

    If the same query already means another TikTok, `"confirmed"` has to be true.
    """
    query, is_confirmed = await _read_query(request)
    state = request.app.state
    known = await _ask(request, lambda db: corpus.exists(db, query.target))
    if not known:
        raise HTTPException(404, "There is no such TikTok in this corpus.")
    others = [] if is_confirmed else other_targets(state.data / "queries.json", query)
    if others:
        return JSONResponse({"added": False, "others": others})
    added = add_query(state.data / "queries.json", query)
    if added:
        state.added.add(query)
    return JSONResponse({"added": added}, status_code=201 if added else 200)


async def _take_back(request: Request) -> Response:
    """Remove a query that `_judge` added, unless somebody has changed it since."""
    query, _ = await _read_query(request)
    state = request.app.state
    if query not in state.added or not remove_query(state.data / "queries.json", query):
        raise HTTPException(404, "queries.json no longer contains this query as you saved it.")
    state.added.discard(query)
    return JSONResponse({})


async def _read_query(request: Request) -> tuple[Query, bool]:
    require_same_origin(request)
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > LONGEST_BODY:
            raise HTTPException(413, f"The request is longer than {LONGEST_BODY:,} bytes.")
    try:
        record = json.loads(body)
        text, target, author = (record.get(name) for name in ("text", "target", "author"))
        text, author = text.strip(), (author or "").strip()
        f"{text}{author}".encode()  # a lone surrogate can't be written
        if not 0 < len(text) <= LONGEST_QUERY or len(author) > LONGEST_QUERY:
            raise ValueError
        if not is_id(target) or not isinstance(
            is_confirmed := record.get("confirmed", False), bool
        ):
            raise ValueError
    except (ValueError, TypeError, AttributeError, RecursionError):
        raise HTTPException(400, "A query needs a `text` and the id of its `target`.") from None
    return Query(text, target, author or None), is_confirmed


async def _ask(request: Request, question: Any) -> Any:
    return await request.app.state.database.ask(lambda opened: question(opened.db))


def _number(request: Request, name: str) -> int:
    value = request.query_params.get(name, "0")
    if not re.fullmatch("[0-9]{1,9}", value, re.ASCII):
        raise HTTPException(400, f"`{name}` has to be a number.")
    return int(value)


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 (what it is registered for)
    is_for_person = "text/html" in request.headers.get("accept", "")
    if error.status_code == 404 and is_for_person and not request.url.path.startswith("/api/"):
        return _page_file("index.html", 404)
    return JSONResponse({"error": error.detail}, status_code=error.status_code)


async def _corpus_error(request: Request, error: Exception) -> Response:
    status = next((code for kind, code in _STATUS.items() if isinstance(error, kind)), 500)
    return JSONResponse({"error": str(error)}, status_code=status)
