"""Queries as TREC topics and qrels, for other systems, and from other collections.

    python -m scripts.queries.trec export data/queries.json FOLDER
    python -m scripts.queries.trec import TOPICS QRELS data/queries.json

Out go `topics.tsv` (the number of the topic, a tab, the query) and `qrels.txt` (`7 0 7052… 1`). In
come these, and topics in TREC's own form (`<top> <num> 7 <title> … </top>`).
"""

import argparse
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from scripts.errors import CorpusError, examples
from scripts.files import write_atomic
from scripts.queries.query_file import HUMAN, Query, add_queries, is_id, read_queries

TOPICS, QRELS = "topics.tsv", "qrels.txt"
_TOP = re.compile(r"<top>(.*?)</top>", re.I | re.S)
_FIELD = re.compile(r"<(num|title)>([^<]*)", re.I)
_LABEL = re.compile(r"\s*(?:Number|Topic)\s*:", re.I)


class TrecError(CorpusError):
    """Topics or qrels can't be read, or can't say what a query says."""


def export_queries(file: Path, folder: Path, origin: str = HUMAN) -> int:
    """Write the queries of one origin as topics, numbered from 1. Says how many there are.

    Raises TrecError where there are none, where they withhold something, or where a file that is
    there says something else: it may be all that is left of somebody's judgements.
    """
    queries = read_queries(file)
    chosen = [query for query in queries if query.origin == origin]
    if not chosen:
        origins = examples(sorted({query.origin for query in queries}), most=10) or "none at all"
        raise TrecError(f"{file}: there are no queries of origin `{origin}` (but of: {origins}).")
    if any(query.withheld for query in chosen):
        raise TrecError(
            f"{file}: the queries of origin `{origin}` withhold texts of the corpus, which TREC's "
            "formats can't say. They mean something in this project's experiments only."
        )
    texts = (" ".join(query.text.split()) for query in chosen)
    topics = "".join(f"{number}\t{text}\n" for number, text in enumerate(texts, 1))
    qrels = "".join(f"{number} 0 {query.target} 1\n" for number, query in enumerate(chosen, 1))
    contents = {folder / TOPICS: topics, folder / QRELS: qrels}
    for output, content in contents.items():
        if output.exists() and output.read_bytes() != content.encode():
            raise TrecError(
                f"{output}: it is there, with other contents, so nothing was written. "
                "Name another folder, or delete the file."
            )
    for output, content in contents.items():
        write_atomic(output, content)
    return len(chosen)


def import_queries(topics: Path, qrels: Path, file: Path, origin: str = HUMAN) -> int:
    """Add each topic and its one relevant document to `file`. Says how many were new.

    Raises TrecError that names the file and the line or the topic.
    """
    targets = read_qrels(qrels)
    texts = read_topics(topics)
    for number in texts:
        if number not in targets:
            raise TrecError(f"{qrels}: topic {number} has no relevant document. Remove the topic.")
    for number in targets:
        if number not in texts:
            raise TrecError(f"{qrels}: topic {number} is not in {topics}. Remove its lines.")
    return add_queries(
        file, [Query(text, targets[number], origin=origin) for number, text in texts.items()]
    )


def read_topics(file: Path) -> dict[str, str]:
    """The text of each topic by its number (any word), in the file's order, in either form."""
    content = _read(file)
    found = (_tagged if content.lstrip().startswith("<") else _tabbed)(content, file)
    topics: dict[str, str] = {}
    for place, number, text in found:
        if not number or not text or len(number.split()) != 1:
            raise TrecError(f"{file}, {place}: it needs a number and a text. Correct or remove it.")
        if number in topics:
            raise TrecError(f"{file}, {place}: topic {number} was there before. Remove one.")
        topics[number] = text
    if not topics:
        raise TrecError(
            f"{file}: there is no topic in it: `<top>` … `</top>`, or number, tab, text."
        )
    return topics


def read_qrels(file: Path) -> dict[str, str]:
    """The relevant document of each topic. What was judged as not relevant (0, -1) is left out."""
    targets: dict[str, str] = {}
    for place, line in _lines(_read(file)):
        fields = line.split()
        if len(fields) != 4 or not re.fullmatch(r"-?[0-9]{1,9}", fields[3], re.ASCII):
            raise TrecError(
                f"{file}, {place}: it has to be `topic 0 document relevance`. Correct or remove it."
            )
        number, _, document, relevance = fields
        if int(relevance) <= 0:
            continue
        if not is_id(document):
            raise TrecError(
                f"{file}, {place}: {document[:40]!r} is not the id of a TikTok (1 to 20 digits)."
            )
        if targets.setdefault(number, document) != document:
            raise TrecError(
                f"{file}, {place}: topic {number} has several relevant documents. Known-item "
                "search looks for one: keep the one that was meant, or remove the topic."
            )
    return targets


def _tagged(content: str, file: Path) -> Iterator[tuple[str, str, str]]:
    """Place, number and title of each `<top>`."""
    if len(re.findall("<top>", content, re.I)) != len(_TOP.findall(content)):
        raise TrecError(f"{file}: a `<top>` has no `</top>`. Add it.")
    for place, top in enumerate(_TOP.findall(content), 1):
        fields = {name.lower(): _LABEL.sub("", text, 1) for name, text in _FIELD.findall(top)}
        number, title = fields.get("num", "").strip(), " ".join(fields.get("title", "").split())
        yield f"topic {place}", number, title


def _tabbed(content: str, file: Path) -> Iterator[tuple[str, str, str]]:
    for place, line in _lines(content):
        number, tab, text = line.partition("\t")
        if not tab:
            raise TrecError(f"{file}, {place}: there is no tab. Write number, tab, text.")
        yield place, number.strip(), " ".join(text.split())


def _lines(content: str) -> Iterator[tuple[str, str]]:
    """Lines that aren't empty, each with its place. Only newlines end a line: a query may have
    any other character that Unicode would break at."""
    for place, line in enumerate(content.split("\n"), 1):
        if line.strip():
            yield f"line {place}", line


def _read(file: Path) -> str:
    try:
        return file.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise TrecError(f"{file}: {error}. It has to be a text file in UTF-8.") from error


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m scripts.queries.trec", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    commands = parser.add_subparsers(dest="command", required=True)
    exported = commands.add_parser("export", help="from a file of queries to topics and qrels")
    exported.add_argument("queries", type=Path)
    exported.add_argument("folder", type=Path)
    imported = commands.add_parser("import", help="from topics and qrels into a file of queries")
    imported.add_argument("topics", type=Path)
    imported.add_argument("qrels", type=Path)
    imported.add_argument("queries", type=Path)
    for command in (exported, imported):
        command.add_argument("--origin", default=HUMAN, help="of the queries (default: human)")
    options = parser.parse_args(arguments)
    try:
        if options.command == "export":
            count = export_queries(options.queries, options.folder, options.origin)
            print(f"{count:,} topics in {options.folder / TOPICS} and {options.folder / QRELS}")
        else:
            count = import_queries(options.topics, options.qrels, options.queries, options.origin)
            print(f"{count:,} queries added to {options.queries}")
    except CorpusError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
