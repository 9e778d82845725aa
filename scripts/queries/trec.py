"""Queries as TREC topics and qrels, for other systems, and from other collections.

    python -m scripts.queries.trec export data/queries.json FOLDER
    python -m scripts.queries.trec import TOPICS QRELS data/queries.json

The export writes `topics.tsv` (the number of the topic, a tab, the query) and `qrels.txt`
(`7 0 7052… 1`): the queries that the experiments evaluate, and no others. The import reads topics
in any form (`scripts/queries/topics.py`). Both read the database of the corpus, to name queries
whose TikTok it does not contain: the `tiktoks.db` next to the file of queries, or `--database`.
"""

import argparse
import re
import sys
from collections.abc import Collection, Sequence
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from scripts.counts import counted
from scripts.errors import CorpusError, examples
from scripts.files import write_atomic
from scripts.queries.query_file import (
    HIGHEST_GRADE,
    HUMAN,
    Query,
    add_queries,
    choose_queries,
    make_query,
    read_queries,
)
from scripts.queries.topics import TrecError, lines, read_text, read_topics
from scripts.rawinfo.ids import is_id, looks_rounded
from scripts.store.database import open_database

TOPICS, QRELS = "topics.tsv", "qrels.txt"


class Exported(NamedTuple):
    """The number of topics that were written, and the judged ids that are not in the corpus."""

    topics: int
    lost: list[str]


def export_queries(
    file: Path, folder: Path, ids: Collection[str] | None = None, origin: str = HUMAN
) -> Exported:
    """Write the queries of one origin that experiments evaluate as topics, numbered from 1.

    ids: the ids in the corpus, or None if they are unknown; then no query is left out.

    Raises TrecError if there are no such queries, or if a file that exists has other contents: it
    may be the only copy of somebody's judgements.
    """
    chosen, lost = read_exported(file, ids, origin)
    topics, qrels = topics_and_qrels(chosen)
    contents = {folder / TOPICS: topics, folder / QRELS: qrels}
    for output, content in contents.items():
        if output.exists() and output.read_bytes() != content.encode():
            raise TrecError(
                f"{output} exists and has other contents, so nothing was written. "
                "Name another folder, or delete the file."
            )
    for output, content in contents.items():
        write_atomic(output, content)
    return Exported(len(chosen), lost)


def read_exported(
    file: Path, ids: Collection[str] | None, origin: str = HUMAN
) -> tuple[list[Query], list[str]]:
    """Return the queries to export, and the judged ids that are not in the corpus.

    Raises TrecError if there are no such queries, or if they withhold something.
    """
    if not file.exists():
        raise TrecError(
            f"There are no queries to export, because {file} doesn't exist: write some into it, or "
            "judge results in the viewer."
        )
    queries = read_queries(file)
    of_origin = [query for query in queries if query.origin == origin]
    if not of_origin:
        origins = examples(sorted({query.origin for query in queries}), most=10) or "none at all"
        raise TrecError(
            f"{file}: no query has the origin `{origin}`. Choose one of these with --origin: "
            f"{origins}."
        )
    if any(query.withheld for query in of_origin):
        raise TrecError(
            f"{file}: the queries of origin `{origin}` withhold texts, which TREC's formats can't "
            "express. Use them in this project's experiments."
        )
    chosen, lost = choose_queries(of_origin, ids)
    if not chosen:
        raise TrecError(
            f"{file}: the corpus contains none of the targets of its queries. Check that the "
            "queries and the database belong together."
        )
    return chosen, lost


def topics_and_qrels(queries: Sequence[Query]) -> tuple[str, str]:
    """Return the contents of both files. Topics are numbered from 1."""
    texts = (" ".join(query.text.split()) for query in queries)
    return (
        "".join(f"{number}\t{text}\n" for number, text in enumerate(texts, 1)),
        "".join(
            f"{number} 0 {id} {grade}\n"
            for number, query in enumerate(queries, 1)
            for id, grade in query.judged.items()
        ),
    )


def import_queries(topics: Path, qrels: Path, file: Path, origin: str = HUMAN) -> list[Query]:
    """Add each topic with its relevant documents to `file`. Returns the new queries.

    Raises TrecError that names the file and the line or the topic.
    """
    grades = read_qrels(qrels)
    texts = read_topics(topics)
    for number in texts:
        if number not in grades:
            raise TrecError(f"{qrels}: topic {number} has no relevant document. Remove the topic.")
    for number in grades:
        if number not in texts:
            raise TrecError(f"{qrels}: topic {number} is not in {topics}. Remove its lines.")
    return add_queries(
        file, [make_query(text, grades[number].items(), origin) for number, text in texts.items()]
    )


def read_qrels(file: Path) -> dict[str, dict[str, int]]:
    """Return the grades of the relevant documents of each topic. Grades up to 0: not relevant.

    Raises TrecError, which names the line, also if two lines contradict each other.
    """
    grades: dict[str, dict[str, int]] = {}
    judged: dict[tuple[str, str], tuple[int, str]] = {}
    for place, line in lines(read_text(file)):
        fields = line.split()
        if len(fields) != 4 or not re.fullmatch(r"-?[0-9]{1,9}", fields[3], re.ASCII):
            raise TrecError(
                f"{file}, {place}: it has to be `topic 0 document relevance`. Correct or remove it."
            )
        number, _, document, relevance = fields
        before, earlier = judged.setdefault((number, document), (int(relevance), place))
        if before != int(relevance):
            raise TrecError(
                f"{file}, {place}: it contradicts {earlier}, where the relevance of "
                f"{document[:40]} for topic {number} is {before}. Remove one of the two."
            )
        if int(relevance) <= 0:
            continue
        if int(relevance) > HIGHEST_GRADE:
            raise TrecError(
                f"{file}, {place}: the relevance {relevance} is above {HIGHEST_GRADE:,}. Correct "
                "it: 1 is relevant, and higher numbers are better."
            )
        if not is_id(document):
            raise TrecError(
                f"{file}, {place}: {document[:40]!r} is not the id of a TikTok (1 to 20 digits)."
            )
        grades.setdefault(number, {})[document] = int(relevance)
    return grades


def main(arguments: list[str] | None = None) -> None:
    options = _parse(arguments)
    try:
        if options.command == "export":
            _export(options)
        else:
            _import(options)
    except CorpusError as error:
        sys.exit(str(error))


def _parse(arguments: list[str] | None) -> argparse.Namespace:
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
        command.add_argument(
            "--database", type=Path, help="of the corpus (default: tiktoks.db beside the queries)"
        )
    return parser.parse_args(arguments)


def _export(options: argparse.Namespace) -> None:
    ids = _ids(options)
    count, lost = export_queries(options.queries, options.folder, ids, options.origin)
    if lost:
        _warn(f"Left out, because these TikToks are not in the corpus: {examples(lost, most=20)}")
    print(f"{counted(count, 'topics')} in {options.folder / TOPICS} and {options.folder / QRELS}")


def _import(options: argparse.Namespace) -> None:
    ids = _ids(options)
    added = import_queries(options.topics, options.qrels, options.queries, options.origin)
    rounded = [id for query in added for id in query.judged if looks_rounded(id)]
    if rounded:
        _warn(
            "A spreadsheet may have rounded these ids, so that they mean no TikTok: "
            f"{examples(rounded, most=20)}. Compare them with their source, and keep ids as text."
        )
    _, lost = choose_queries(added, ids)
    if lost:
        _warn(f"These TikToks are not in the corpus: {examples(lost, most=20)}")
    print(f"{counted(len(added), 'queries')} added to {options.queries}")


def _ids(options: argparse.Namespace) -> set[str] | None:
    """Return the ids in the corpus; None, with a warning, if there is no database."""
    database = options.database or options.queries.with_name("tiktoks.db")
    if not database.exists():
        _warn(
            f"{database} does not exist, so nothing checks that the targets are in the corpus. "
            "Build the database, or name it with --database."
        )
        return None
    with closing(open_database(database)) as db:
        return {id for (id,) in db.execute("SELECT id FROM tiktoks")}


def _warn(message: str) -> None:
    print(message, file=sys.stderr)


if __name__ == "__main__":
    main()
