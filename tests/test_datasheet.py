"""The datasheet: how the corpus is cited, how it was collected, and what it lacks."""

import hashlib

from scripts.report.datasheet import formats, write_datasheet
from scripts.version import VERSION
from tests.support.small_corpus import Corpus, info, post_id


def test_it_cites_and_describes_the_corpus(tmp_path):
    corpus = Corpus(tmp_path / "data")
    posts = [info(post_id(1), language="en"), info(post_id(2), description="")]
    corpus.add_info("a.json", posts)
    corpus.add_download("videos", post_id(1))
    corpus.add_download("videos", post_id(2), b"", outcome="gone", downloaded_at=None)
    corpus.add_text("ocr", post_id(1), "FOLD HERE")
    corpus.add_text("speech", post_id(1), "ja", language="de | <b>")
    manifest = tmp_path / "manifest.tsv"
    manifest.write_bytes(b"path\n")
    catalogue, output = corpus.catalogue(), tmp_path / "datasheet.md"
    write_datasheet(corpus.database(), manifest, catalogue, 3, output)
    sheet = output.read_text()
    checksum = hashlib.sha256(b"path\n").hexdigest()
    assert (
        "> A corpus of 2 TikToks, posted on 2022-11-30 and collected on 2022-12-02 [data set]. "
        f"Built with TikTok-Retrieval {VERSION}. SHA-256 of its manifest: {checksum}."
    ) in sheet
    (format,) = formats(catalogue)
    for line in (
        "| posts that were removed on request | 3 |",
        "| 2022-12 | 2 |",
        f"| {format} | 1 |",
        "| videos | gone | 1 |",
        "| en | 1 |",
        "| de \\| <b> | 1 |",
        "| description | 1 | 1 | 0 |",
        "| text on covers and slides | 1 | 0 | 1 |",
    ):
        assert line in sheet.splitlines(), line


def test_a_corpus_without_posts_has_one(tmp_path):
    corpus = Corpus(tmp_path / "data")
    corpus.add_info("a.json", [])
    manifest = tmp_path / "manifest.tsv"
    manifest.write_bytes(b"")
    write_datasheet(corpus.database(), manifest, corpus.catalogue(), 0, tmp_path / "sheet.md")
    assert "A corpus of 0 TikToks, posted at unknown times" in (tmp_path / "sheet.md").read_text()
