"""Run the page's searches, and prepare their results for it."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from scripts.rawinfo.ids import is_id
from scripts.search import Filters, Hit, has_words
from scripts.search.reranker import Reranker
from scripts.store.media_kinds import COVERPHOTOS
from scripts.viewer.corpus import is_there
from scripts.viewer.database import Opened

RESULTS_PAGE = 24


def search(
    opened: Opened, data: Path, parameters: Mapping[str, str], offset: int
) -> dict[str, Any]:
    """A page of results of `q`, filtered by `in`, `from`, `to`, `creator`, `tag` and `not`.

    Raises SearchError if a filter makes no sense.
    """
    query = parameters.get("q", "")
    found = opened.search.find(query, RESULTS_PAGE, offset, _filters(parameters))
    end = offset + len(found.hits)
    return {
        "total": found.total,
        "has_words": has_words(query),
        "operators": [asdict(operator) for operator in found.operators],
        "suggestion": found.suggestion,
        "hits": [_hit(hit, data) for hit in found.hits],
        "next": end if found.hits and end < found.total else None,
    }


def look_closer(opened: Opened, reranker: Reranker, parameters: Mapping[str, str]) -> list[str]:
    """The ids of the first results of the same search, in the order of the second pass.

    Raises SearchError, like `search`, and ConfigError if the model can't be loaded.
    """
    query = parameters.get("q", "")
    found = opened.search.find(query, reranker.rerank, 0, _filters(parameters), reranker)
    return [hit.id for hit in found.hits]


def _filters(parameters: Mapping[str, str]) -> Filters:
    return Filters(
        fields=tuple(filter(None, parameters.get("in", "").split(","))),
        posted_from=parameters.get("from"),
        posted_to=parameters.get("to"),
        creator=parameters.get("creator"),
        hashtag=parameters.get("tag"),
        seen=tuple(filter(is_id, parameters.get("not", "").split(","))),
    )


def _hit(hit: Hit, data: Path) -> dict[str, Any]:
    return {
        "id": hit.id,
        "creator": hit.creator,
        "nickname": hit.nickname,
        "posted_date": hit.posted_date,
        "has_cover": is_there(COVERPHOTOS, data, hit.id),
        "snippets": [{"field": snippet.field, "parts": snippet.parts} for snippet in hit.snippets],
    }
