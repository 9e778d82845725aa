"""`python -m scripts.search "football dad musical"`: find a TikTok by what somebody remembers."""

import argparse
import json
import re
import sys
from contextlib import closing
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.text import Text

from scripts.errors import ConfigError, CorpusError
from scripts.rawinfo.ids import is_id
from scripts.search import NO_FILTERS, Filters, Hit, Results, Search, has_words, open_for_search
from scripts.search.fields import FIELDS
from scripts.search.operators import describe
from scripts.search.reranker import Reranker
from scripts.search.settings import CONFIG, read_reranker

# Characters that would control a terminal, or reverse its text.
_CONTROLS = re.compile("[\0-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]+")


def main(arguments: list[str] | None = None) -> int:
    """Print the results. Returns the exit status: 0, 1 if nothing was found, 2 after an error."""
    options = _parse(arguments)
    filters = Filters(
        tuple(options.field),
        options.posted_from,
        options.posted_to,
        options.creator,
        options.hashtag,
        tuple(options.not_these),
    )
    try:
        with closing(open_for_search(options.data / "tiktoks.db")) as db:
            query = " ".join(options.query)
            reranker = _reranker(options.config) if options.closer else None
            results = Search(db).find(query, options.limit, 0, filters, reranker)
    except CorpusError as error:
        print(error, file=sys.stderr)
        return 2
    if options.json:
        print(json.dumps(asdict(results), ensure_ascii=False, indent=1))
    else:
        _print(results, query, filters)
    return 0 if results.hits else 1


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = _parser()
    options, unknown = parser.parse_known_args(arguments)
    if unknown:
        parser.error(
            f"unknown option {unknown[0]}. If it belongs to the query, put the query into quotes, "
            "and -- before it."
        )
    return options


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m scripts.search",
        description="Find TikToks by words of their texts, even if half remembered or misspelt.",
    )
    parser.add_argument(
        "query",
        nargs="*",
        help="any words, and the operators in docs/search.md: -word, '\"a phrase\"', creator:, "
        "#tag, last spring, under 10 s. Without a query, the results are all TikToks that pass the "
        "filters. Write -- before a query that begins with a dash",
    )
    parser.add_argument("--limit", type=_positive, default=10, metavar="N", help="default: 10")
    parser.add_argument("--json", action="store_true", help="print JSON, for programs")
    parser.add_argument(
        "--field",
        action="append",
        default=[],
        choices=FIELDS,
        help="search only in this field; you can repeat the option",
    )
    parser.add_argument("--from", dest="posted_from", metavar="DATE", help="posted on or after")
    parser.add_argument("--to", dest="posted_to", metavar="DATE", help="posted on or before")
    parser.add_argument("--creator", metavar="HANDLE", help="posted by")
    parser.add_argument("--hashtag", metavar="TAG", help="with this hashtag")
    parser.add_argument(
        "--not-these",
        nargs="+",
        default=[],
        type=_id,
        metavar="ID",
        help="ids of TikToks to leave out, because you have seen them",
    )
    parser.add_argument(
        "--closer",
        action="store_true",
        help="let the model that `search.model` names sort the first results again",
    )
    parser.add_argument(
        "--config",
        type=Path,
        default=CONFIG,
        help="the configuration that names the model (default: config.yaml)",
    )
    parser.add_argument(
        "--data", type=Path, default=Path("data"), help="the corpus (default: data)"
    )
    return parser


def _reranker(config: Path) -> Reranker:
    reranker = read_reranker(config)
    if reranker is None:
        raise ConfigError(
            f"`search.model` names no model in {config}. Set it, for example to "
            "HuggingFaceTB/SmolLM2-135M-Instruct; docs/search.md says more."
        )
    return reranker


def _id(text: str) -> str:
    if not is_id(text):
        raise argparse.ArgumentTypeError(
            f"{text!r} is not the id of a TikTok. If it belongs to the query, put -- before it"
        )
    return text


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 up")
    return int(text)


def _remedy(results: Results, query: str, filters: Filters) -> str:
    if not query.strip():
        return "no TikTok passes all of these filters. Leave one out."
    if not has_words(query):
        if results.operators:
            return "no TikTok passes all of these conditions. Leave one out."
        return "the query has no word or sign that can be searched."
    if filters != NO_FILTERS:
        return "try other words, parts of them, or other filters."
    return "try other words, or parts of them."


def _print(results: Results, query: str, filters: Filters) -> None:
    console = Console(highlight=False)
    if results.operators:
        conditions = "; ".join(map(describe, results.operators))
        console.print(f"Only: {escape(_plain(conditions))}", style="dim")
    if results.suggestion:
        console.print(f"Did you mean: {escape(_plain(results.suggestion))}")
    for hit in results.hits:
        _print_hit(console, hit)
    if not results.hits:
        console.print(f"Nothing found: {_remedy(results, query, filters)}")
    elif results.total > len(results.hits):
        console.print(f"The best {len(results.hits)} of {results.total:,}.", style="dim")


def _print_hit(console: Console, hit: Hit) -> None:
    creator = f"{hit.creator or ''} {hit.nickname or ''}".strip()
    console.print(f"[bold]{hit.id}[/]  {hit.posted_date or '':10}  {escape(_plain(creator))}")
    for snippet in hit.snippets:
        line = Text(f"  {snippet.field:<11}  ", style="dim")
        for text, matched in snippet.parts:
            # The brackets are readable without colours, too.
            shown = f"[{_plain(text)}]" if matched else _plain(text)
            line.append(shown, style="bold green" if matched else "not dim")
        console.print(line, soft_wrap=not console.is_terminal)
    console.print()


def _plain(text: str) -> str:
    """The text on one line, without control characters."""
    return _CONTROLS.sub(" ", text)


if __name__ == "__main__":
    sys.exit(main())
