"""Searches as the page asks for them, and results as it shows them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from scripts.search import Filters, Hit, has_words
from scripts.store.media_kinds import COVERPHOTOS
from scripts.viewer.corpus import is_there
from scripts.viewer.database import Opened

RESULTS_PAGE = 24


def search(
    opened: Opened, data: Path, parameters: Mapping[str, str], offset: int
) -> dict[str, Any]:
    """A page of results of `q`, filtered by `in`, `from`, `to`, `creator` and `tag`.

    Raises SearchError where a filter makes no sense.
    """
    filters = Filters(
        fields=tuple(filter(None, parameters.get("in", "").split(","))),
        posted_from=parameters.get("from"),
        posted_to=parameters.get("to"),
        creator=parameters.get("creator"),
        hashtag=parameters.get("tag"),
    )
    query = parameters.get("q", "")
    found = opened.search.find(query, RESULTS_PAGE, offset, filters)
    end = offset + len(found.hits)
    return {
        "total": found.total,
        "has_words": has_words(query),
        "hits": [_hit(hit, data) for hit in found.hits],
        "next": end if found.hits and end < found.total else None,
    }


def _hit(hit: Hit, data: Path) -> dict[str, Any]:
    return {
        "id": hit.id,
        "creator": hit.creator,
        "nickname": hit.nickname,
        "posted_date": hit.posted_date,
        "has_cover": is_there(COVERPHOTOS, data, hit.id),
        "snippets": [{"field": snippet.field, "parts": snippet.parts} for snippet in hit.snippets],
    }
