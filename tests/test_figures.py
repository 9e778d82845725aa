"""The figures of the report: for any corpus, the same every time, also in threads."""

import csv
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from xml.etree import ElementTree

import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text

from scripts.report import figures
from scripts.report.figures import FIGURES, draw_downloads, draw_figures
from scripts.store.database import open_database
from scripts.store.receipts import CORRUPT, EXPIRED, GONE, LATER, REJECTED, TRANSIENT
from tests.support.small_corpus import POSTED_AT, Corpus, info, post_id

DAY_S = 86_400


@pytest.fixture
def corpus(tmp_path):
    return Corpus(tmp_path / "data")


def fill(corpus, posts):
    records = []
    for number in range(posts):
        id = post_id(number, POSTED_AT - number * number * DAY_S)
        likes = ("0", "7", "22.6K", "1.2M")[number % 4]
        records.append(info(id, **{"like-count": likes, "description": "text" * (number % 3)}))
        if number % 3:
            corpus.add_download("videos", id, facts={"duration_s": 1800.0, "has_audio": True})
            corpus.add_download("coverphotos", id)
            corpus.add_text("ocr", id, "words\n" if number % 2 else "\n")
        elif number % 2:
            corpus.add_download("videos", id, b"", outcome="gone", downloaded_at=None)
    corpus.add_info("a.json", records)
    return corpus.database()


def drawn(database, folder):
    draw_figures(database, folder)
    return {file.name: file.read_bytes() for file in sorted(folder.iterdir())}


def summary(files):
    return dict(csv.reader(files["summary.csv"].decode().splitlines()))


@pytest.mark.parametrize("posts", [0, 1])
def test_any_corpus_has_all_figures(corpus, tmp_path, posts):
    files = drawn(fill(corpus, posts), tmp_path / "report")
    assert set(files) == {*FIGURES, "summary.csv"}
    for name in FIGURES:
        root = ElementTree.fromstring(files[name])  # noqa: S314 — we drew it
        assert root.tag == "{http://www.w3.org/2000/svg}svg"
        assert len(list(root.iter("{http://www.w3.org/2000/svg}path"))) > 5
    assert summary(files)["TikToks"] == str(posts)


@pytest.mark.parametrize("downloaded", [True, False])
def test_a_corpus_of_photo_posts_has_all_figures(corpus, tmp_path, downloaded):
    id = post_id(1)
    slides = [{"url": "https://p16.example.com/1.jpeg"}]
    corpus.add_info("a.json", [info(id, photos=slides, **{"video-src": None})])
    if downloaded:
        corpus.add_download("photos", f"{id}/1")
        corpus.add_download("coverphotos", id)
    files = drawn(corpus.database(), tmp_path / "report")
    assert set(files) == {*FIGURES, "summary.csv"}
    assert summary(files)["videos"] == "0"


def test_a_corpus_of_unknowns_has_all_figures(corpus, tmp_path):
    unknown = {"like-count": None, "comments": [], "description": None, "video-src": None}
    corpus.add_info("a.json", [info(str(number), **unknown) for number in range(3)])
    files = drawn(corpus.database(), tmp_path / "report")
    assert set(files) == {*FIGURES, "summary.csv"}
    assert summary(files)["first post"] == ""


def test_the_summary_counts(corpus, tmp_path):
    counts = summary(drawn(fill(corpus, 10), tmp_path / "report"))
    assert counts == {
        "quantity": "value",
        "TikToks": "10",
        "with video and cover": "6",
        "videos": "6",
        "covers": "6",
        "videos without sound": "0",
        "minutes of video": "180.0",
        "megabytes downloaded": "",
        "covers with text": "3",
        "TikToks with speech": "0",
        "TikToks with on-screen text": "0",
        "TikToks with comments": "10",
        "comments": "10",
        "creators": "1",
        "hashtags": "0",
        "counts not understood": "0",
        "times of comments not understood": "0",
        "superseded scrapes": "0",
        "first post": "2022-09-10",
        "last post": "2022-11-30",
        "first scrape": "2022-12-02",
        "last scrape": "2022-12-02",
    }


def test_a_tiktok_without_any_request_is_counted_as_untried(corpus):
    """Its bars are only in "Not there", in the colours of videos and covers."""
    figure = Figure()
    corpus.add_info("a.json", [info(post_id(1)), info(post_id(2))])
    corpus.add_download("videos", post_id(1))
    with closing(open_database(corpus.database())) as db:
        draw_downloads(figure, db)
    there, missing = figure.axes
    assert [label.get_text() for label in missing.get_yticklabels()] == ["untried"]
    assert [bar.get_width() for bar in missing.patches] == [1, 2]
    assert [bar.get_width() for bar in there.patches][:3] == [2, 1, 0]
    colours = [{bar.get_facecolor() for bar in axes.patches} for axes in figure.axes]
    assert (len(colours[0]), len(colours[1]), colours[0] & colours[1]) == (1, 2, set())


def test_figures_are_the_same_every_time_and_in_threads(corpus, tmp_path):
    database = fill(corpus, 10)
    folders = [tmp_path / str(number) for number in range(2)]
    first = drawn(database, tmp_path / "report")
    with ThreadPoolExecutor(2) as pool:
        for files in pool.map(lambda folder: drawn(database, folder), folders):
            assert files == first
    assert b"<dc:date>" not in b"".join(first.values())


def test_no_label_is_cut_off(corpus, tmp_path, monkeypatch):
    """With every state of a download, whose names are labels, too."""
    for number, outcome in enumerate((EXPIRED, GONE, REJECTED, CORRUPT, TRANSIENT, LATER)):
        id = post_id(100 + number)
        corpus.add_info(f"{number}.json", [info(id)])
        corpus.add_download("videos", id, b"", outcome=outcome, downloaded_at=None)
    made: list[Figure] = []
    monkeypatch.setattr(figures, "svg", lambda figure: made.append(figure) or b"")
    draw_figures(fill(corpus, 30), tmp_path / "report")
    for figure in made:
        inches = figure.get_tightbbox()
        assert min(inches.x0, inches.y0) >= 0
        assert inches.x1 <= figure.get_figwidth()
        assert inches.y1 <= figure.get_figheight()
    there, missing = (axes.get_tightbbox() for axes in made[0].axes)
    assert there.x1 < missing.x0
    right = made[0].axes[1]
    (title,) = (
        text
        for text in right.get_children()
        if isinstance(text, Text) and text.get_text() == "Not there"
    )
    assert title.get_window_extent().x1 + 5 < right.get_legend().get_window_extent().x0


def test_figures_show_the_data(corpus, tmp_path):
    """For another corpus, every figure is different."""
    before = drawn(fill(corpus, 10), tmp_path / "before")
    id = post_id(99, POSTED_AT - 900 * DAY_S)
    corpus.add_info("b.json", [info(id, **{"like-count": "41.4M", "comments": []})])
    after = drawn(corpus.database(), tmp_path / "after")
    assert [name for name in before if before[name] == after[name]] == []
