"""The grid of the first study: `python -m benchmarks.experiments [folder] [ours|plain]`.

80 indexes x 12 weightings x 86 queries, from JSON to ranks, with 2 threads. folder: a collection
with `info.json` (raw info), `ocr.json`, `speech_to_text.json` (text by id) and `queries.json`;
without it, 1,462 TikToks are made up. If there are fewer than 86 queries, they are repeated.

The peer is the plain way with scipy: a matrix for each source and tokenisation, summed for each
index, weighted as a whole for each weighting, and all documents sorted for each query. Its ranks
are compared with ours. Each runs in its own process, and the start of the process counts.
"""

import itertools
import json
import random
import resource
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from subprocess import run
from typing import Any

WORK = Path(__file__).parent / "work" / "experiments"
GRID = Path(__file__).parents[1] / "experiments" / "first_study.yaml"
# The length of the n-grams; 0: words. Both sides use the project's own preparation of texts.
TOKENISATIONS = {"words": 0} | {f"{length}grams": length for length in range(4, 8)}
QUERIES = 86
THREADS = 2
Ranks = dict[tuple[str, ...], list[int | None]]


def main() -> None:
    arguments = [argument for argument in sys.argv[1:] if argument not in ("ours", "plain")]
    folder = Path(arguments[0]) if arguments else make_up()
    if "ours" in sys.argv or "plain" in sys.argv:
        find_ranks = rank_ours if "ours" in sys.argv else rank_plainly
        ranks = find_ranks(folder)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        json.dump(
            [time.process_time(), peak, sorted([list(key), found] for key, found in ranks.items())],
            sys.stdout,
        )
        return
    seconds, work, ranks = {}, {}, {}
    for name in ("plain", "ours"):
        start = time.perf_counter()
        command = [sys.executable, "-m", "benchmarks.experiments", folder, name]
        answer = run(command, check=True, capture_output=True).stdout
        work[name], peak, ranks[name] = json.loads(answer)
        seconds[name] = time.perf_counter() - start
        print(f"{name}: {seconds[name]:.1f} s, of processors {work[name]:.1f} s, {peak:.0f} MB")
    for kind, taken in (("time", seconds), ("processors' time", work)):
        print(f"ours / plain, {kind}: {taken['ours'] / taken['plain']:.2f}")
    compare(ranks["plain"], ranks["ours"])


def compare(plain: list[Any], ours: list[Any]) -> None:
    """Print how many ranks are the same, and the best system of the grid."""
    pairs = [
        pair
        for (key, expected), (same_key, found) in zip(plain, ours, strict=True)
        for pair in zip(expected, found, strict=True)
        if key == same_key
    ]
    print(f"{sum(a == b for a, b in pairs) / len(pairs):.4%} of {len(pairs):,} ranks are the same")
    best_key, best = max(ours, key=lambda row: sum(1 / rank for rank in row[1] if rank))
    figures = [sum(1 / rank for rank in best if rank)]
    figures += [sum(rank is not None and rank <= depth for rank in best) for depth in (1, 10)]
    shown = ", ".join(f"{figure / len(best):.3f}" for figure in figures)
    print(f"best: {' '.join(best_key)}: MRR, success@1, @10: {shown}")


def read_queries(folder: Path) -> list[dict[str, str]]:
    queries = json.loads((folder / "queries.json").read_text("utf-8"))
    return list(itertools.islice(itertools.cycle(queries), QUERIES))


# ---- Ours ----


def rank_ours(folder: Path) -> Ranks:
    """Rank with the project's own readers and components."""
    import yaml

    from scripts.experiments.cells import CellStore
    from scripts.experiments.grid import make_grid
    from scripts.experiments.run import JudgedQuery, Run

    collection = read_corpus(folder)
    settings = yaml.safe_load(GRID.read_text("utf-8"))["experiments"]
    grid = make_grid(settings | {"tokenisation": list(TOKENISATIONS)})
    asked = [
        JudgedQuery(str(number), query["text"], {collection.numbers[query["target"]]: 1})
        for number, query in enumerate(read_queries(folder))
    ]
    with tempfile.TemporaryDirectory() as cells, CellStore(Path(cells, "cells.db")) as store:
        made = Run(grid, collection, asked, store)
        made.compute(Path(), THREADS)
        ranks: Ranks = {}
        for part in grid.experiments:
            found = store.ranks(made.keys.of(part))
            index = part.tokenisation, "+".join(part.sources), str(part.attribution)
            weighting = part.term_weighting, part.collection_weighting, part.normalisation
            ranks[*index, *weighting] = [found[query.key] for query in asked]
        return ranks


def read_corpus(folder: Path) -> Any:
    """The collection as `tiktoks.db` would contain it."""
    from scripts.experiments.corpus import Corpus
    from scripts.rawinfo.catalogue import build_catalogue, load_posts

    catalogue = build_catalogue([folder / "info.json"])
    texts: dict[str, list[list[str]]] = {name: [] for name in ("basic", "comments")}
    for post in load_posts(catalogue.newest.values()):
        basic = post.creator_username, post.creator_nickname, post.description, post.music_title
        texts["basic"].append([field for field in basic if field])
        comments = "\n".join(comment.comment_text or "" for comment in post.comments)
        texts["comments"].append([comments] if comments else [])
    for source, name in (("cover", "ocr"), ("speech", "speech_to_text")):
        by_id = json.loads((folder / f"{name}.json").read_text("utf-8"))
        texts[source] = [[by_id[id]] if by_id.get(id) else [] for id in catalogue.newest]
    return Corpus(list(catalogue.newest), texts)


# ---- The plain way ----


def rank_plainly(folder: Path) -> Ranks:
    """Rank with scipy's sparse matrices, in the most direct way."""
    import numpy as np
    from scipy import sparse

    documents = {
        source: [[plain_text(field) for field in fields] for fields in texts]
        for source, texts in plain_texts(folder).items()
    }
    ids = sorted((p["id"] for p in json.loads((folder / "info.json").read_text())), key=int)
    queries = read_queries(folder)
    targets = [ids.index(query["target"]) for query in queries]
    combinations = [
        ("basic", *chosen)
        for size in range(4)
        for chosen in itertools.combinations(("comments", "cover", "speech"), size)
    ]
    ranks: Ranks = {}
    for name, length in TOKENISATIONS.items():
        vocabulary: dict[str, int] = {}
        counts = {
            source: plain_counts([plain_terms(fields, length) for fields in texts], vocabulary)
            for source, texts in documents.items()
        }
        asked = [Counter(set(plain_terms([plain_text(q["text"])], length))) for q in queries]
        known = [Counter({t: 1 for t in terms if t in vocabulary}) for terms in asked]
        asking = plain_counts(known, vocabulary)
        for matrix in (*counts.values(), asking):
            matrix.resize(matrix.shape[0], len(vocabulary))
        for sources, attribution in itertools.product(combinations, (False, True)):
            chosen = [counts[source] for source in sources]
            matrix = sparse.hstack(chosen, "csr") if attribution else sum(chosen[1:], chosen[0])
            query = sparse.hstack([asking] * len(chosen), "csr") if attribution else asking
            having = (matrix > 0).astype(float)
            frequencies = np.maximum(having.sum(axis=0), 1)
            total = len(ids)
            factors = {
                "none": np.ones(matrix.shape[1]),
                "idf": np.log2(total / frequencies),
                "probabilistic": np.log2(np.maximum(total - frequencies, 0.5) / frequencies),
            }
            for term, weights in (("binary", having), ("raw", matrix.astype(float))):
                for collection, factor in factors.items():
                    weighted = weights @ sparse.diags_array(factor)
                    lengths = np.sqrt(weighted.multiply(weighted).sum(axis=1))
                    for normalisation in ("none", "cosine"):
                        divisor = lengths if normalisation == "cosine" else np.ones(total)
                        scores = (weighted @ query.T).toarray() / np.maximum(divisor, 1e-9)[:, None]
                        key = (name, "+".join(sources), str(attribution))
                        found = [
                            plain_rank(scores[:, number], target)
                            for number, target in enumerate(targets)
                        ]
                        ranks[*key, term, collection, normalisation] = found
    return ranks


def plain_texts(folder: Path) -> dict[str, list[list[str]]]:
    posts = json.loads((folder / "info.json").read_text("utf-8"))
    posts.sort(key=lambda post: int(post["id"]))
    names = "creator-username", "creator-nickname", "description", "music-title"
    texts = {
        "basic": [[post[name] or "" for name in names] for post in posts],
        "comments": [
            ["\n".join(comment["comment-text"] or "" for comment in post["comments"])]
            for post in posts
        ],
    }
    for source, name in (("cover", "ocr"), ("speech", "speech_to_text")):
        by_id = json.loads((folder / f"{name}.json").read_text("utf-8"))
        texts[source] = [[by_id.get(post["id"]) or ""] for post in posts]
    return texts


def plain_text(text: str) -> str:
    import re

    from anyascii import anyascii

    return " ".join(re.findall("[a-z0-9]+", anyascii(text).lower().replace("'", "")))


def plain_terms(fields: list[str], length: int) -> Counter[str]:
    terms: Counter[str] = Counter()
    for field in fields:
        starts = range(len(field) - length + 1)
        terms.update([field[i : i + length] for i in starts] if length else field.split())
    return terms


def plain_counts(documents: list[Counter[str]], vocabulary: dict[str, int]) -> Any:
    from scipy import sparse

    columns, data, ends = [], [], [0]
    for terms in documents:
        columns += [vocabulary.setdefault(term, len(vocabulary)) for term in terms]
        data += terms.values()
        ends.append(len(data))
    return sparse.csr_array((data, columns, ends), (len(documents), len(vocabulary)))


def plain_rank(scores: Any, target: int) -> int | None:
    import numpy as np

    if scores[target] == 0:
        return None
    order = np.argsort(np.where(scores == 0, np.inf, -scores), kind="stable")
    return int(np.flatnonzero(order == target)[0]) + 1


# ---- A made-up collection ----


def make_up() -> Path:
    """1,462 TikToks with comments, whose words are as frequent as real ones."""
    from benchmarks.spoken import record, says
    from benchmarks.workflow import ids

    if not (WORK / "queries.json").exists():
        chance = random.Random(1)
        info = [record(chance, id) for id in ids(1_462)]
        WORK.mkdir(parents=True, exist_ok=True)
        for name, content in (
            ("info", info),
            ("ocr", {post["id"]: says(chance, 10) for post in info}),
            ("speech_to_text", {post["id"]: says(chance, 30) for post in info}),
            ("queries", [made_query(post, chance) for post in chance.sample(info, 43)]),
        ):
            (WORK / f"{name}.json").write_text(json.dumps(content), "utf-8")
    return WORK


def made_query(post: dict[str, Any], chance: random.Random) -> dict[str, str]:
    words = f"{post['description']} {post['comments'][0]['comment-text']}".split()
    return {"text": " ".join(chance.sample(words, 3)), "target": post["id"]}


if __name__ == "__main__":
    main()
