"""The manifest is shared, so every line of it is untrusted."""

import pytest

from scripts.errors import ConfigError
from scripts.store.manifest import HEADER, read_manifest, write_manifest
from scripts.store.receipts import read_receipt
from scripts.store.texts import read_facts
from tests.support.small_corpus import Corpus

HASH = "0" * 64
DEEP = '{"a":' * 100_000 + "1" + "}" * 100_000


def line(path, sha256=HASH, size="5", time="1669966000", receipt='{"outcome":"ok"}'):
    return "\t".join((path, sha256, size, time, receipt))


def read(tmp_path, *lines, header=HEADER):
    file = tmp_path / "manifest.tsv"
    file.write_bytes(
        "".join(f"{text}\n" for text in (header, *lines)).encode("utf-8", "surrogateescape")
    )
    return read_manifest(file).lines


@pytest.mark.parametrize(
    "path",
    [
        "videos/1.mp4",
        "coverphotos/12345678901234567890.jpg",
        "photos/1/12.jpg",
        "captions/1.vtt",
        "speech/1.txt",
        "speech/1.vtt",
        "master.json",
        "speech_to_text.json",
        "tiktoks.db",
    ],
)
def test_paths_of_a_corpus_are_read(tmp_path, path):
    assert list(read(tmp_path, line(path))) == [path]


@pytest.mark.parametrize(
    "path",
    [
        "../../secret",
        "../secret.json",
        "/etc/passwd",
        "/master.json",
        "videos/../../secret.mp4",
        "videos/..",
        "videos/../1.mp4",
        "videos/./1.mp4",
        "videos//1.mp4",
        "./master.json",
        "videos\\1.mp4",
        "..\\secret",
        "C:\\secret",
        "c:secret.json",
        "videos/1.mp4\0",
        "\0",
        "",
        " ",
        "videos/1.mp4 ",
        "videos/1.mp4\r",
        "unknown/1.mp4",
        "info/1.json",
        "receipts/videos/1.json",
        "videos/x.mp4",
        "videos/1.jpg",
        "videos/1",
        "videos/123456789012345678901.mp4",
        "videos/\u0661.mp4",
        "videos/1/1.mp4",
        "photos/1.jpg",
        "photos/1/12345.jpg",
        "photos/../1.jpg",
        "~/secret.json",
        "$HOME.json",
        ".json",
        ".lock",
        "MASTER.JSON",
        "a" * 100_000 + ".json",
    ],
)
@pytest.mark.parametrize("receipt", ['{"outcome":"ok"}', '{"versions":{}}'])
def test_any_other_path_is_refused_with_the_line(tmp_path, path, receipt):
    with pytest.raises(
        ConfigError, match=r"manifest\.tsv, line 3: a corpus can't contain the file"
    ) as caught:
        read(tmp_path, line("videos/1.mp4"), line(path, receipt=receipt))
    assert len(str(caught.value)) < 1_000


@pytest.mark.parametrize(
    "bad",
    [
        "",
        "videos/2.mp4",
        line("videos/2.mp4") + "\tmore",
        line("videos/2.mp4", sha256="x" * 64),
        line("videos/2.mp4", sha256="../" + "0" * 61),
        line("videos/2.mp4", sha256=""),
        line("videos/2.mp4", size=""),
        line("videos/2.mp4", size="-1"),
        line("videos/2.mp4", size="1e9"),
        line("videos/2.mp4", size="٣"),
        line("videos/2.mp4", size="9" * 5000),
        line("videos/2.mp4", time="yesterday"),
        line("videos/2.mp4", receipt="{"),
        line("videos/2.mp4", receipt="[]"),
        line("videos/2.mp4", receipt=DEEP),
        line("videos/2.mp4", receipt='{"a":' * 500 + "1" + "}" * 500),
        line("videos/2.mp4", receipt="[" * 100_000),
        line("master.json", receipt='{"versions":5}'),
        line("videos/1.mp4"),
        "<<<<<<< HEAD",
        line("videos/2.mp4", receipt='{"a":"\udcff"}'),
    ],
)
def test_a_bad_line_is_named(tmp_path, bad):
    with pytest.raises(ConfigError, match=r"line 3: .*version control"):
        read(tmp_path, line("videos/1.mp4"), bad)


def test_a_manifest_without_its_header_loses_no_line(tmp_path):
    with pytest.raises(ConfigError, match="line 1"):
        read(tmp_path, header=line("videos/1.mp4"))


def test_other_files_among_the_receipts_get_no_line(tmp_path):
    corpus = Corpus(tmp_path / "data")
    corpus.add_download("videos", "1")
    receipt = (corpus.folder / "receipts/videos/1.json").read_bytes()
    for name in ("videos/copy of 1.json", "videos/sub/1.json", "photos/1.json"):
        file = corpus.folder / "receipts" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(receipt)
    manifest = corpus.folder / "manifest.tsv"
    write_manifest(corpus.folder, {}, manifest)
    assert list(read_manifest(manifest).lines) == ["videos/1.mp4"]


@pytest.mark.parametrize("content", [DEEP, "[" * 100_000, f'{{"outcome":"ok","facts":{DEEP}}}'])
def test_a_deeply_nested_receipt_is_ignored(tmp_path, content):
    file = tmp_path / "1.json"
    file.write_text(content)
    assert read_receipt(file) is None
    assert read_facts(file) == {}
