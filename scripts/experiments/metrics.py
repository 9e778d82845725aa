"""Measure how well each system found what was meant: from ranks to metrics, intervals and tests.

In: the tables of ranks of `results.db`. Out: its tables `metrics` and `comparisons`.

The metrics are those of ir_measures and trec_eval (tests compare them). This module computes them
for all systems together. The libraries need a ranked list for each query and system, and the
bootstrap needs each metric thousands of times, which would take minutes instead of seconds.
"""

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from scripts.errors import CorpusError
from scripts.experiments.ranking import NDCG_DEPTH
from scripts.queries.query_file import BY_COVER_TEXT, BY_HASHTAG

MRR, MEAN_RANK, MEDIAN_RANK, NOT_FOUND = "MRR", "mean rank", "median rank", "not found"
SUCCESS = {f"success@{depth}": depth for depth in (1, 5, 10)}
MAP, NDCG = "MAP", f"nDCG@{NDCG_DEPTH}"  # of all relevant TikToks, if a query has several
METRICS = (MRR, *SUCCESS, MEAN_RANK, MEDIAN_RANK, NOT_FOUND, MAP, NDCG)

# The combined measure joins these collections: together, they rank systems as human queries do.
COMBINED_OF = (BY_HASHTAG, BY_COVER_TEXT)
COMBINED = " + ".join(COMBINED_OF)
Z_SCORE = "mean z-score"

SEED = 20221130
RESAMPLES = 10_000
# The smallest p, times the number of systems (Holm), has to be well below .05.
RANDOMISATIONS = 100_000
_BATCH = 5_000
LEVEL = 0.95
BEST, BASELINE = "best", "baseline"  # the roles of a system that others are compared with
_DIGITS = 9  # further digits depend on the processor

_TABLES = """
    DROP TABLE IF EXISTS metrics;
    DROP TABLE IF EXISTS comparisons;
    CREATE TABLE metrics (
        experiment_id INTEGER NOT NULL REFERENCES experiments,
        collection TEXT NOT NULL,       -- origin of its queries
        tag TEXT NOT NULL,              -- '': all queries
        metric TEXT NOT NULL,
        value REAL NOT NULL,
        low REAL NOT NULL,              -- 95 % interval
        high REAL NOT NULL,
        queries INTEGER NOT NULL,
        PRIMARY KEY (collection, tag, metric, experiment_id)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE comparisons (          -- of each system with another one, by MRR
        experiment_id INTEGER NOT NULL REFERENCES experiments,
        collection TEXT NOT NULL,
        role TEXT NOT NULL CHECK (role IN ('best', 'baseline')),    -- of the other one
        other_id INTEGER NOT NULL REFERENCES experiments (experiment_id),
        difference REAL NOT NULL,       -- of MRR to the other one
        low REAL NOT NULL,              -- 95 % interval
        high REAL NOT NULL,
        p REAL NOT NULL,                -- paired randomisation test, two-sided
        p_corrected REAL NOT NULL,      -- Holm
        PRIMARY KEY (collection, role, experiment_id)
    ) STRICT, WITHOUT ROWID;
"""


@dataclass(frozen=True, eq=False)
class Ranks:
    """How the relevant TikToks of a collection's queries rank.

    ranks: of the first one, systems by queries, from 1; infinite if none was found. graded: the
    average precision (`MAP`) and the `NDCG`, systems by queries. systems: their experiment_id.
    queries: their keys. tags: for each tag, which queries have it.
    """

    systems: list[int]
    queries: list[str]
    ranks: np.ndarray
    graded: dict[str, np.ndarray]
    tags: dict[str, np.ndarray]

    def reciprocal(self) -> np.ndarray:
        """Systems by queries: 1/rank; 0 if the target was not found."""
        return 1 / self.ranks

    def of(self, chosen: np.ndarray) -> "Ranks":
        """Only the chosen queries, without their tags. chosen: a truth value for each query."""
        return Ranks(
            self.systems,
            [query for query, is_chosen in zip(self.queries, chosen, strict=True) if is_chosen],
            self.ranks[:, chosen],
            {name: values[:, chosen] for name, values in self.graded.items()},
            {},
        )


def write_metrics(db: sqlite3.Connection, documents: int, baseline: str = "") -> None:
    """Fill `metrics` and `comparisons` from `ranking_results`.

    baseline: the name of an experiment to compare all others with, in addition to the best one.
    documents: their number in the corpus. In mean and median ranks, a target that was not found
    counts as the last document.

    Raises CorpusError if a system has no result for a query of a collection it was run on.
    """
    db.executescript(_TABLES)
    db.execute("BEGIN")
    collections = read_ranks(db)
    for name, found in collections.items():
        _write_metrics(db, name, "", found, documents)
        for tag, chosen in found.tags.items():
            _write_metrics(db, name, tag, found.of(chosen), documents)
        _write_comparisons(db, name, found, BEST, _best(found))
        for (system,) in db.execute(
            "SELECT experiment_id FROM experiments WHERE name = ?", (baseline,)
        ).fetchall():
            if system in found.systems:
                other = found.systems.index(system)
                _write_comparisons(db, name, found, BASELINE, other)
    if all(name in collections for name in COMBINED_OF):
        _write_combined(db, [collections[name] for name in COMBINED_OF])
    db.execute("COMMIT")


def read_ranks(db: sqlite3.Connection) -> dict[str, Ranks]:
    """The ranks of each collection, by name. Systems and queries are sorted by their keys."""
    return {
        name: _read_collection(db, name)
        for (name,) in db.execute(
            "SELECT DISTINCT collection FROM queries "
            "WHERE query_key IN (SELECT query_key FROM ranking_results) ORDER BY 1"
        )
    }


def measure(
    ranks: np.ndarray, graded: Mapping[str, np.ndarray], weights: np.ndarray, documents: int
) -> dict[str, np.ndarray]:
    """Each metric of each system (rows), for each way to weigh the queries (columns).

    ranks, graded: systems by queries, as in `Ranks`. weights: ways by queries, how often each query
    counts. In mean and median rank, a target that was not found counts as the last document.
    """
    there = np.isfinite(ranks)
    counted = weights.sum(axis=1)
    # The smallest type that fits, because the medians move these numbers around.
    largest = max(int(counted.max()), ranks.shape[1])
    times = np.ascontiguousarray(weights.T, np.min_scalar_type(largest))

    def mean(of_queries: np.ndarray) -> np.ndarray:
        # Convert to float: NumPy has a fast matrix product only for floating-point numbers.
        return np.asarray(of_queries.astype(float) @ weights.T.astype(float) / counted)

    placed = np.where(there, ranks, documents)
    return {
        MRR: mean(1 / ranks),
        **{name: mean(ranks <= depth) for name, depth in SUCCESS.items()},
        MEAN_RANK: mean(placed),
        MEDIAN_RANK: np.stack([_medians(row, times) for row in placed]),
        NOT_FOUND: mean(~there),
        **{name: mean(values) for name, values in graded.items()},
    }


def resamples(queries: int, seed: int = SEED) -> np.ndarray:
    """RESAMPLES by queries: how often a bootstrap sample contains each query. Always the same."""
    generator = np.random.default_rng(seed)
    return generator.multinomial(queries, np.full(queries, 1 / queries), size=RESAMPLES)


def interval(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The bounds of the 95 % percentile interval. values: systems by resamples."""
    tails = [(1 - LEVEL) / 2, (1 + LEVEL) / 2]
    low, high = np.quantile(values, tails, axis=1)
    return low, high


def randomisation_test(differences: np.ndarray) -> np.ndarray:
    """Two-sided p of each row: how often the mean of paired differences is at least as far from 0
    if their signs are random. differences: systems by queries."""
    generator = np.random.default_rng(SEED)
    # Sums that differ only by rounding count as equal.
    observed = np.abs(differences.sum(axis=1)) - 1e-9
    reached = np.zeros(len(differences), int)
    sums = np.empty((len(differences), _BATCH))
    for _ in range(RANDOMISATIONS // _BATCH):
        signs = generator.integers(0, 2, (differences.shape[1], _BATCH)) * 2.0 - 1
        np.abs(np.matmul(differences, signs, out=sums), out=sums)
        reached += np.count_nonzero(sums >= observed[:, None], axis=1)
    return (reached + 1) / (RANDOMISATIONS + 1)


def holm(p: np.ndarray) -> np.ndarray:
    """Correct p values for the number of tests, with Holm's step-down method."""
    order = np.argsort(p, kind="stable")
    steps = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
    corrected = np.empty(len(p))
    corrected[order] = np.minimum(steps, 1)
    return corrected


def z_scores(collections: list[Ranks], weights: list[np.ndarray]) -> np.ndarray:
    """Systems by ways: the mean, over collections, of how many standard deviations the MRR of a
    system is above that of the average system. NaN where all systems tie on one of them."""
    scores = []
    for found, ways in zip(collections, weights, strict=True):
        values = found.reciprocal() @ ways.T / ways.sum(axis=1)
        spread = values.std(axis=0)
        with np.errstate(invalid="ignore"):
            scores.append((values - values.mean(axis=0)) / np.where(spread > 1e-12, spread, np.nan))
    return np.asarray(np.mean(scores, axis=0))


def _read_collection(db: sqlite3.Connection, name: str) -> Ranks:
    rows = db.execute(
        "SELECT experiment_id, query_key, rank, average_precision, ndcg "
        "FROM ranking_results JOIN queries USING (query_key) WHERE collection = ? ORDER BY 1, 2",
        (name,),
    ).fetchall()
    systems = sorted({system for system, *_ in rows})
    queries = sorted({query for _, query, *_ in rows})
    if len(rows) != len(systems) * len(queries):
        raise CorpusError(
            f"results.db: in the collection `{name}`, some systems lack the results of some "
            "queries. Delete the file, and run again to rebuild it."
        )
    values = np.array([[rank or np.inf, *graded] for _, _, rank, *graded in rows], float)
    ranks, *graded = values.T.reshape(3, len(systems), len(queries))
    tags: dict[str, np.ndarray] = {}
    places = {query: place for place, query in enumerate(queries)}
    for query, tag in db.execute("SELECT query_key, tag FROM query_tags ORDER BY tag, query_key"):
        if query in places:
            tags.setdefault(tag, np.zeros(len(queries), bool))[places[query]] = True
    return Ranks(systems, queries, ranks, dict(zip((MAP, NDCG), graded, strict=True)), tags)


def _medians(ranks: np.ndarray, times: np.ndarray) -> np.ndarray:
    """The weighted median of one system's ranks, for each way to weigh them (columns)."""
    order = np.argsort(ranks, kind="stable")
    small = times.dtype
    up_to = np.cumsum(times[order], axis=0, dtype=small)
    counted = up_to[-1].astype(int)
    # The middle rank, or the two in the middle.
    middle = []
    for place in ((counted - 1) // 2, counted // 2):
        before = (up_to <= place.astype(small)).sum(axis=0, dtype=small)
        middle.append(ranks[order[before]])
    return np.asarray(np.mean(middle, axis=0))


def _write_metrics(
    db: sqlite3.Connection,
    collection: str,
    tag: str,
    found: Ranks,
    documents: int,
) -> None:
    queries = len(found.queries)
    distinct, rows = _distinct(np.hstack([found.ranks, *found.graded.values()]))
    ranks, *graded = np.hsplit(distinct, 1 + len(found.graded))
    by_name = dict(zip(found.graded, graded, strict=True))
    values = measure(ranks, by_name, np.ones((1, queries), int), documents)
    sampled = measure(ranks, by_name, resamples(queries), documents)
    for metric in METRICS:
        numbers = [column[rows] for column in _with_interval(values[metric], sampled[metric])]
        _insert(db, collection, tag, metric, queries, found.systems, numbers)


def _distinct(systems: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The distinct rows, and the number of each system's row. Many systems have equal rows, such as
    those that differ only in a source that is withheld."""
    return np.unique(systems, axis=0, return_inverse=True)


def _write_combined(db: sqlite3.Connection, collections: list[Ranks]) -> None:
    """Write the combined measure of the systems that were run on all of these collections. If all
    systems tie on one collection, there is no such measure."""
    systems = sorted(set.intersection(*(set(found.systems) for found in collections)))
    shared = [_only(found, systems) for found in collections]
    sizes = [len(found.queries) for found in shared]
    values = z_scores(shared, [np.ones((1, size), int) for size in sizes])
    if np.isnan(values).all():
        return
    # Resample each collection separately: with the same draws, their errors would be related.
    drawn = [resamples(size, SEED + number) for number, size in enumerate(sizes)]
    sampled = z_scores(shared, drawn)
    _insert(db, COMBINED, "", Z_SCORE, sum(sizes), systems, _with_interval(values, sampled))


def _only(found: Ranks, systems: list[int]) -> Ranks:
    rows = [found.systems.index(system) for system in systems]
    graded = {name: values[rows] for name, values in found.graded.items()}
    return Ranks(systems, found.queries, found.ranks[rows], graded, found.tags)


def _with_interval(values: np.ndarray, sampled: np.ndarray) -> tuple[np.ndarray, ...]:
    """Value, low, high of each system. values: systems by 1. sampled: systems by resamples."""
    return values[:, 0], *interval(sampled)


def _insert(
    db: sqlite3.Connection,
    collection: str,
    tag: str,
    metric: str,
    queries: int,
    systems: list[int],
    numbers: Sequence[np.ndarray],
) -> None:
    """Insert a metric of all systems. numbers: value, low, high of each system."""
    db.executemany(
        "INSERT INTO metrics VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (system, collection, tag, metric, *map(_stored, row), queries)
            for system, *row in zip(systems, *numbers, strict=True)
        ],
    )


def _best(found: Ranks) -> int:
    """The row of the system with the highest MRR, or of the first such system."""
    return int(found.reciprocal().mean(axis=1).round(_DIGITS).argmax())


def _write_comparisons(
    db: sqlite3.Connection, collection: str, found: Ranks, role: str, other: int
) -> None:
    """Write the comparisons. other: the row of the system that all others are compared with."""
    rows = zip(*_comparisons(found, other), strict=True)
    db.executemany(
        "INSERT INTO comparisons VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (system, collection, role, found.systems[other], *row)
            for system, row in zip(found.systems, rows, strict=True)
        ],
    )


def _comparisons(found: Ranks, other: int) -> tuple[list[float | None], ...]:
    """For each system: the difference of its MRR to another one's, its interval, p, corrected p."""
    gains = found.reciprocal()
    differences, rows = _distinct(gains - gains[other])
    queries = differences.shape[1]
    low, high = interval(differences @ resamples(queries).T / queries)
    p = randomisation_test(differences)[rows]
    others = np.arange(len(gains)) != other
    corrected = np.ones(len(gains))
    corrected[others] = holm(p[others])
    return tuple(
        [_stored(number) for number in numbers]
        for numbers in (differences.mean(axis=1)[rows], low[rows], high[rows], p, corrected)
    )


def _stored(number: float) -> float | None:
    return None if np.isnan(number) else round(float(number), _DIGITS) + 0.0
