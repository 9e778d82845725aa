"""The page about the experiments: true, safe to open, legible, the same every time."""

import json
import re
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from scripts.experiments.analysis import Experiments
from scripts.experiments.effects import by_length, find_effect, interactions, read_systems
from scripts.experiments.metrics import read_ranks, write_metrics
from scripts.experiments.report import FIGURES, write_report
from scripts.experiments.texts import Document, marked, missing
from scripts.queries.query_file import BY_COVER_TEXT, BY_HASHTAG, Query, write_queries
from scripts.store.database import open_database
from tests.support.small_corpus import Corpus, comment, info, post_id
from tests.support.small_results import Results
from tests.support.tiktoks import tiktok
from tests.support.workflow import Workflow

pytest_plugins = ["tests.support.browser"]

HOSTILE = "<script>alert(1)</script> $x_$ \"><img src=x onerror=alert(2)> \u202eevil & 'q'"


def index(sources="basic", tokenisation="words", attribution=0):
    sizes = {"documents": 6, "vocabulary": 90, "postings": 120, "size_bytes": 988}
    names = {"sources": sources, "tokenisation": tokenisation, "attribution": attribution}
    return names | sizes


class Made:
    """Results and a corpus of six posts; a system is added by the ranks of all queries."""

    def __init__(self, folder: Path, queries: list[Query]) -> None:
        self.data = folder / "data"
        self.corpus = Corpus(self.data)
        self.posts = [post_id(number) for number in range(6)]
        self.queries = sorted(queries, key=lambda query: query.key)
        self.results = folder / "results.db"
        self.made = Results(self.results)
        self.made.add_queries(self.queries)

    def add_posts(self, **changes):
        self.corpus.add_info("a.json", [info(id, **changes) for id in self.posts])

    def add_system(self, ranks, top=None, **values):
        by_key = dict(zip((query.key for query in self.queries), ranks, strict=True))
        tops = {key: [top] for key in by_key} if top else {}
        return self.made.add_system(by_key, tops, **values)

    def experiments(self, baseline=""):
        write_metrics(self.made.db, 100, baseline)
        return Experiments(open_database(self.results), open_database(self.corpus.database()))

    def report(self, name="report", baseline=""):
        write_metrics(self.made.db, 100, baseline)
        folder = self.data / name
        write_report(self.results, self.corpus.database(), self.data / "timings.json", folder)
        return (folder / "experiments.html").read_text("utf-8")


@pytest.fixture
def made(tmp_path):
    queries = [Query(f"query {n}", post_id(n), tags=("visual",) * (n % 2)) for n in range(4)]
    made = Made(tmp_path, queries)
    made.add_posts()
    return made


def fill_grid(made, sources=("basic", "basic+cover"), tokenisations=("words", "stems", "4grams")):
    """A full grid: each step along any factor improves the last query's rank."""
    for n, (source, tokenisation) in enumerate(product(sources, tokenisations)):
        ranks = [1, 2, None, 12 - n]
        made.add_system(
            ranks, top=made.posts[5], index=index(source, tokenisation), term_weighting="bm25"
        )


# ---- Effects ----


def effect_of(made, factor):
    systems = read_systems(made.made.db)
    return find_effect(systems, read_ranks(made.made.db)["human"], factor)


def test_a_source_is_worth_the_mean_difference_of_systems_that_differ_in_it_only(made):
    made.add_system([2, 2, 2, 2], index=index("basic"))
    made.add_system([1, 1, 2, 2], index=index("basic+cover"))
    made.add_system([4, 4, 4, 4], index=index("basic", "stems"))
    made.add_system([2, 2, 4, 4], index=index("basic+cover", "stems"))
    made.add_system([1, 1, 1, 1], index=index("basic", "4grams"))  # nothing to compare it with
    effect = effect_of(made, "cover")
    assert (effect.levels, effect.blocks) == (["without", "with"], 2)
    assert effect.values == pytest.approx([(0.5 + 0.25) / 2, (0.75 + 0.375) / 2])
    value, low, high = effect.difference
    assert value == pytest.approx(0.1875)
    assert 0 <= low < value < high <= 0.375


def test_levels_are_compared_over_the_same_systems(made):
    """In an incomplete grid, levels that only one part has are left out, and named."""
    for tokenisation in ("words", "stems"):
        for weighting, rank in (("raw", 4), ("log", 2)):
            made.add_system(
                [rank] * 4, index=index(tokenisation=tokenisation), term_weighting=weighting
            )
    made.add_system([1] * 4, index=index("basic+cover"), term_weighting="bm25")
    effect = effect_of(made, "term_weighting")
    assert dict(zip(effect.levels, effect.values, strict=True)) == {"log": 0.5, "raw": 0.25}
    assert (effect.blocks, effect.left_out) == (2, ["bm25"])


def test_without_two_systems_to_compare_there_is_no_effect(made):
    made.add_system([1] * 4, index=index("basic"), term_weighting="raw")
    made.add_system([1] * 4, index=index("cover"), term_weighting="log")
    made.add_system([1] * 4, fusion="score-sum")
    assert effect_of(made, "term_weighting") is None
    assert effect_of(made, "cover") is None


def test_factors_that_add_up_do_not_interact(made):
    """MRR is .5 or .25 by tokenisation; weighting halves it with words, and not with stems."""
    for tokenisation, weighting, rank in (
        ("stems", "raw", 2),
        ("stems", "log", 2),
        ("words", "raw", 4),
        ("words", "log", 2),
    ):
        made.add_system(
            [rank] * 4, index=index(tokenisation=tokenisation), term_weighting=weighting
        )
    systems, found = read_systems(made.made.db), read_ranks(made.made.db)["human"]
    (pair,) = interactions(systems, found, ["tokenisation", "term_weighting"])
    assert pair.levels == (["stems", "words"], ["log", "raw"])
    assert np.allclose(pair.values, [[0.5, 0.5], [0.5, 0.25]])
    assert pair.size == pytest.approx(0.0625)


# ---- What it says ----


def test_the_best_system_leads_and_its_misses_are_failures(made):
    made.add_system([1, 1, 1, 11], index=index(), top=made.posts[5])
    made.add_system([10, None, 10, 10], index=index(tokenisation="stems"))
    (found,) = made.experiments().collections
    assert [line.system.id for line in found.standings] == [1, 2]
    assert (found.best.values["MRR"].value, found.missed) == (pytest.approx(0.772727273), 1)
    (failure,) = found.failures
    assert failure.question.text == made.queries[3].text
    assert (failure.rank, failure.target.id) == (11, made.queries[3].target)
    assert failure.top.id == made.posts[5]


def test_queries_are_won_and_lost_by_the_best_system_with_a_source(made):
    made.add_system([1, 5, 3, None], index=index("basic"))
    made.add_system([9, 9, 9, 9], index=index("basic", "stems"))
    made.add_system([1, 1, 4, None], index=index("basic+cover"))
    (found,) = made.experiments().collections
    (pair,) = found.pairs
    best = pair.with_source.system.id, pair.without.system.id
    assert (pair.source, best) == ("cover", (3, 1))
    assert [(row.question.text, row.with_source, row.without) for row in pair.won] == [
        (made.queries[1].text, 1, 5)
    ]
    assert [(row.with_source, row.without) for row in pair.lost] == [(4, 3)]
    assert pair.difference.value == pytest.approx((4 / 5 - 1 / 12) / 4)


def test_each_tag_has_its_own_best_system(made):
    tagged = [bool(query.tags) for query in made.queries]
    made.add_system([2 if tag else 1 for tag in tagged])
    made.add_system([1 if tag else 9 for tag in tagged])
    (found,) = made.experiments().collections
    (line,) = found.tags
    assert (line.tag, line.queries, line.values["MRR"].value) == ("visual", 2, 0.5)
    assert (line.first.system.id, line.first.mrr.value, line.first.ties) == (2, 1, 0)


def test_the_report_compares_with_a_baseline(made):
    made.add_system([1, 1, 1, 1])
    second = made.add_system([2, 2, 2, 2])
    made.add_system([4, 4, 4, 4])
    assert "Compared with the baseline" not in made.report()
    (name,) = made.made.db.execute(
        "SELECT name FROM experiments WHERE experiment_id = ?", (second,)
    ).fetchone()
    page = made.report(baseline=name)
    assert "Compared with the baseline" in page
    (found,) = made.experiments(name).collections
    assert [line.system.id for line in found.against_baseline] == [second - 1, second + 1]
    assert [line.difference.number for line in found.against_baseline] == [0.5, -0.25]


def test_several_judgements_add_two_measures_to_the_report(made):
    made.add_system([1, 2, None, 4], index=index())
    page = made.report()
    assert "<dt>nDCG@10</dt>" not in page.split("How to read it")[-2]
    key = made.queries[1].key
    made.made.db.execute("INSERT INTO judgements VALUES (?, ?, 1)", (key, made.posts[5]))
    made.made.db.execute(
        "UPDATE ranking_results SET average_precision = .25, ndcg = .375 WHERE query_key = ?",
        (key,),
    )
    made.made.db.commit()
    page = made.report()
    tiles = dict(re.findall(r"<dt>(.+?)</dt>\s*<dd>(\S+) <small>", page))
    assert tiles["MAP"] == ".375"  # (1 + .25 + 0 + .25) / 4
    assert tiles["nDCG@10"] == ".451"  # (1 + .375 + 0 + 1 / log2 5) / 4
    assert tiles["MRR"] == ".438"
    assert re.search(r"<th[^>]*>nDCG@10<br>", page)
    assert re.search(r"<th[^>]*>MAP<br>", page)


def test_systems_that_tie_for_the_best_are_named(made):
    """Also if they tie on different queries. The first one in the grid is shown."""
    tagged = [bool(query.tags) for query in made.queries]
    made.add_system([3] * 4, index=index("basic"))
    made.add_system([2 if tag else 1 for tag in tagged], index=index("basic", "stems"))
    made.add_system([1 if tag else 2 for tag in tagged], index=index("basic+cover"))
    made.add_system([1 if tag else 2 for tag in tagged], index=index("basic+cover", "stems"))
    (found,) = made.experiments().collections
    places = [(line.place, line.system.id) for line in found.standings]
    assert places == [(1, 2), (1, 3), (1, 4), (4, 1)]
    assert (found.tied, found.equals) == (3, 1)
    (tag,), (pair,) = found.tags, found.pairs
    assert (tag.first.system.id, tag.first.ties) == (3, 1)
    assert (pair.with_source.system.id, pair.with_source.ties, pair.without.ties) == (3, 1, 0)
    page = " ".join(made.report().split())
    assert "3 of 4 systems tie for the best." in page
    assert "not differ significantly from them with 4 queries." in page


def test_systems_that_queries_were_not_asked_are_named(made):
    query = Query("cat", made.queries[0].target, origin="hashtag", withheld="hashtags")
    made.made.add_queries([query])
    made.add_system([1] * 4, index=index("basic"))
    made.made.add_system({query.key: 1}, name="another")
    human, generated = made.experiments().collections
    assert (human.not_run, generated.not_run) == (["another"], ["system 1"])
    assert "Not run on these queries: another." in made.report()


def test_posts_that_left_the_corpus_are_counted_and_not_shown(made):
    gone = made.queries[2].target
    made.add_system([11, 11, None, 11], index=index("basic+cover"), top=gone)
    made.add_system([11, 11, 11, 12], index=index("basic"), top=gone)
    made.posts.remove(gone)
    made.add_posts()
    (found,) = made.experiments().collections
    assert (found.left_out, found.missed, len(found.failures)) == (1, 4, 3)
    page = made.report()
    assert "1 target is no longer in the corpus" in page
    assert gone not in page
    assert made.queries[2].text not in page


def test_collections_have_parts_of_their_own(tmp_path):
    origins = {"human": 2, BY_HASHTAG: 3, BY_COVER_TEXT: 4}
    queries = [
        Query(f"{origin} {n}", post_id(n), origin=origin)
        for origin, count in origins.items()
        for n in range(count)
    ]
    made = Made(tmp_path, queries)
    made.add_posts()
    for rank in (1, 2, 3):
        made.add_system([rank] * len(queries), index=index(tokenisation=f"{rank}grams"))
    experiments = made.experiments()
    found = {collection.name: collection.queries for collection in experiments.collections}
    assert found == origins
    assert next(iter(found)) == "human"
    assert [system.id for system, _, _ in experiments.combined] == [1, 2, 3]
    taus = {(one, other): tau for one, other, tau, _ in experiments.agreement}
    assert taus["human", "hashtag + cover text"] == 1
    page = made.report()
    titles = re.findall("<h2>(.*?)</h2>", page)
    assert titles[:4] == [
        "Human queries",
        "Generated queries: cover text",
        "Generated queries: hashtag",
        "Hashtag + cover text",
    ]
    assert page.count("These queries were generated.") == 2


def test_the_reason_for_a_missing_combined_measure_is_given(tmp_path):
    queries = [Query("a", post_id(0), origin=origin) for origin in (BY_HASHTAG, BY_COVER_TEXT)]
    made = Made(tmp_path, queries)
    made.add_posts()
    is_hashtag = [query.origin == BY_HASHTAG for query in made.queries]
    for number in (1, 2):
        made.add_system([1 if tag else number for tag in is_hashtag], index=index())
    assert "with the hashtag queries, all systems have the same MRR" in made.report()


def test_the_cost_of_choosing_the_best_of_many_is_reported(tmp_path):
    made = Made(tmp_path, [Query(f"query {n}", post_id(n % 6)) for n in range(40)])
    made.add_posts()
    rng = np.random.default_rng(1)
    for _ in range(40):
        made.add_system(rng.integers(1, 9, len(made.queries)).tolist(), index=index())
    (found,) = made.experiments().collections
    # Systems that differ by chance alone: the best is no better than the average on other queries.
    average = found.found.reciprocal().mean()
    assert abs(found.chosen.number - average) < found.best.values["MRR"].number - average
    assert f"Chosen on other queries, the best system has an MRR of {found.chosen.number:.3f}"[
        :60
    ] in (" ".join(made.report().split()).replace("of .", "of 0."))


def test_ngrams_are_in_the_order_of_their_length():
    names = ["words", "10grams", "4grams", "5grams-in-words", "4grams-in-words", "5grams"]
    assert sorted(names, key=by_length) == [
        *("4grams", "5grams", "10grams", "4grams-in-words", "5grams-in-words", "words")
    ]


def test_times_are_shown_where_they_are_known(made):
    fill_grid(made)
    assert "built in, s" not in made.report()
    timings = {"indexes": {"words basic": 12.375}}
    (made.data / "timings.json").write_text(json.dumps(timings))
    page = made.report()
    assert ">12.38<" in page


def test_words_of_the_query_are_marked_and_missing_ones_are_listed():
    assert marked("A Cat, cats", "cat dog") == [
        ("A", False),
        (" ", False),
        ("Cat", True),
        (", ", False),
        ("cats", False),
    ]
    document = Document("1", {"Speech": "a CAT", "Music": ""})
    assert missing("cat-dog!", document) == [
        ("cat", False),
        ("-", False),
        ("dog", True),
        ("!", False),
    ]


@pytest.mark.parametrize("before", [0, 300, 3_000])
def test_a_long_text_is_cut_around_the_wanted_words(before):
    text = "x " * before + "wanted" + " y" * 3_000
    shown = "".join(piece for piece, _ in marked(text, "wanted"))
    assert "wanted" in shown
    assert len(shown) < 440
    assert shown.endswith("y …")


# ---- The page ----


@pytest.mark.parametrize("systems", [0, 1, 2])
@pytest.mark.parametrize("queries", [0, 1])
def test_any_results_have_a_page_and_all_figures(tmp_path, systems, queries):
    made = Made(tmp_path, [Query("a", post_id(n)) for n in range(queries)])
    made.add_posts()
    for number in range(systems):
        made.add_system([None] * queries, index=index() if number else None)
    page = made.report()
    assert "<h1>Experiments</h1>" in page
    folder = made.data / "report" / "experiments"
    assert {file.name for file in folder.iterdir()} == {f"{name}.svg" for name in FIGURES}


def test_the_page_is_the_same_every_time_and_in_threads(made):
    fill_grid(made)
    first = made.report()
    with ThreadPoolExecutor(2) as pool:
        folders = [made.data / str(number) for number in range(2)]
        arguments = made.results, made.data / "tiktoks.db", made.data / "timings.json"
        list(pool.map(lambda folder: write_report(*arguments, folder), folders))
    for folder in folders:
        assert (folder / "experiments.html").read_text("utf-8") == first
        for name in FIGURES:
            figure = Path("experiments", f"{name}.svg")
            assert (folder / figure).read_bytes() == (made.data / "report" / figure).read_bytes()


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page that is full of texts of strangers."""
    made = Made(
        tmp_path_factory.mktemp("hostile"),
        [Query(f"{HOSTILE} {n}", post_id(n), HOSTILE, (HOSTILE,)) for n in (0, 1)],
    )
    texts = {"description": HOSTILE, "music-title": HOSTILE, "comments": [comment(HOSTILE)]}
    made.add_posts(**texts, **{"creator-nickname": HOSTILE})
    for source, rank in (("basic", 40), ("basic+cover", 30)):
        made.add_system(
            [rank, None], top=made.posts[5], index=index(source), name=f"{HOSTILE} {rank}"
        )
    made.report()
    return made.data / "report" / "experiments.html"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_is_safe_legible_and_complete(
    hostile: Path, chromium: Browser, scheme: str
) -> None:
    """Texts of strangers do nothing, nothing is loaded, and everybody can read it."""
    page_text = hostile.read_text("utf-8")
    assert "<script" not in page_text
    assert "<img src=x" not in page_text
    context = chromium.new_context(color_scheme=scheme, viewport={"width": 1000, "height": 900})
    page = context.new_page()
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request.url.split(",")[0]))
    page.on("console", lambda message: said.append(message.text))
    page.on("dialog", lambda dialog: said.append(dialog.message))
    page.goto(hostile.as_uri())
    assert said == []
    assert {url.partition(":")[0] for url in asked} == {"file"}
    assert page.locator("mark").count() > 5
    assert page.evaluate("[...document.images].every(image => image.naturalWidth > 300)")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    width = page.evaluate("getComputedStyle(document.body).maxWidth")
    assert width == "1056px", "the style was refused"
    violations = Axe().run(page).response["violations"]
    assert violations == [], [(v["id"], [n["html"] for n in v["nodes"]]) for v in violations]
    context.close()


def test_the_rule_reports_on_real_experiments(workflow: Workflow) -> None:
    records = [tiktok(n, description=text) for n, text in enumerate(("sourdough bread", "cat"))]
    workflow.add(records)
    queries = [Query("bread dough", records[0]["id"]), Query("kitten", records[1]["id"])]
    write_queries(workflow.data / "queries.json", queries)
    workflow.run("data/report/experiments.html")
    page = (workflow.data / "report" / "experiments.html").read_text("utf-8")
    assert "Human queries" in page
    assert "It misses 1 of 2 targets" in page
    assert "kitten" in page
    assert "Nothing to be done" in workflow.run("data/report/experiments.html")
    workflow.run("--report", "report.html", "data/report/experiments.html")
    report = (workflow.folder / "report.html").read_text("utf-8")
    assert all(word in report for word in ("Experiments", "the best systems", "leader_board.svg"))
    with closing(open_database(workflow.data / "results.db")) as db:
        assert db.execute("SELECT count(*) > 20 FROM metrics").fetchone() == (1,)
