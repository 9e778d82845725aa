"""The time and memory for writing the tables: `python -m benchmarks.tables --posts 100000`.

The corpus is made up: posts with transcripts, and comments as full as the site's own JSON gives.
"""

import argparse
import random
import resource
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.many import FIRST_POST, post_id, write_database
from benchmarks.spoken import says
from scripts.tables.names import outputs
from scripts.tables.writing import write_tables_of

COMMENTS_OF_POST = 20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--posts", type=int, default=100_000)
    parser.add_argument("--folder", type=Path, help="where to keep the database, for other runs")
    arguments = parser.parse_args()
    with TemporaryDirectory() as temporary:
        folder = arguments.folder or Path(temporary)
        database = folder / "tiktoks.db"
        if not database.exists():
            write_database(database, arguments.posts)
            add_comments(database, arguments.posts)
            print("The database is there: run this again for the figures of the tables alone.")
        before_s, cpu_s = time.perf_counter(), time.process_time()
        write_tables_of(database, folder / "tables", "database")
        elapsed_s, cpu_s = time.perf_counter() - before_s, time.process_time() - cpu_s
        size_mb = sum(Path(file).stat().st_size for file in outputs(folder / "tables")) / 1e6
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{elapsed_s:.1f} s, {cpu_s:.1f} s of CPU time, {peak_mb:.0f} MB of memory, "
        f"{size_mb:.0f} MB written"
    )


def add_comments(database: Path, posts: int) -> None:
    """Replace the few comments of each post."""
    with closing(sqlite3.connect(database)) as db:
        db.execute("DELETE FROM comments")
        rows = made_comments(posts)
        first = next(rows)
        statement = (
            f"INSERT INTO comments ({', '.join(first)}) "  # noqa: S608 (names from below)
            f"VALUES ({', '.join(':' + name for name in first)})"
        )
        db.execute(statement, first)
        db.executemany(statement, rows)
        db.commit()


def made_comments(posts: int) -> Iterator[dict[str, Any]]:
    chance = random.Random(4)
    for number in range(1, posts + 1):
        for position in range(1, COMMENTS_OF_POST + 1):
            likes = chance.randrange(1000)
            yield {
                "video_id": post_id(number),
                "position": position,
                "comment_id": str(int(post_id(number)) + position),
                "commenter_name": f"@viewer {position}",
                "commenter_username": f"viewer.{chance.randrange(10**6)}",
                "commenter_id": str(6800000000000000000 + chance.randrange(10**12)),
                "comment_text": says(chance, 8),
                "language": "en",
                "like_count": likes,
                "like_count_shown": str(likes),
                "replies_count": 0,
                "replies_count_shown": "",
                "time_posted": "3d ago",
                "posted_at": FIRST_POST + number,
                "is_creator": 0,
            }


if __name__ == "__main__":
    main()
