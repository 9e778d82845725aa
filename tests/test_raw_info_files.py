"""Every entry of data/info/ is read, or named with the reason; all parts of the project agree."""

import bz2
import csv
import gzip
import io
import json
import lzma
import os
import socket
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

import pytest
import yaml

from scripts.curation.removal import report_rest
from scripts.export.exporting import export_corpus
from scripts.rawinfo.catalogue import catalogue_folder, load_posts
from scripts.rawinfo.erasing import erase
from scripts.rawinfo.listing import list_raw_info
from scripts.store.manifest import read_manifest, write_manifest
from tests.support.small_corpus import Corpus, info, post_id
from tests.support.workflow import PROJECT, Workflow

NOT_UTF8 = os.fsdecode(b"donn\xe9es.json")


@pytest.fixture
def corpus(tmp_path):
    corpus = Corpus(tmp_path / "data")
    corpus.add_info("batch.json", [info(post_id(1))])
    return corpus


def add(corpus, name, number):
    path = corpus.folder / "info" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps([info(post_id(number))]))


@pytest.mark.parametrize(
    "name",
    [
        "BATCH.JSON",
        "batch.json.txt",
        "batch.ndjson",
        "batch",
        "batch.json~",
        "sub/folder/batch.json",
        NOT_UTF8,
        "a b.json",
        ".hidden.json",
        "ü.json",
    ],
)
def test_content_decides_and_not_the_name(corpus, name):
    add(corpus, name, 2)
    catalogue = catalogue_folder(corpus.folder / "info")
    assert [str(problem) for problem in catalogue.problems] == []
    assert list(catalogue.newest) == [post_id(1), post_id(2)]


def make_fifo(path):
    os.mkfifo(path)


def make_socket(path):
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))


def make_linked_folder(path):
    target = path.parent.parent / "elsewhere"
    target.mkdir()
    path.symlink_to(target)


ODD = [
    ("pipe.json", make_fifo, "not a file"),
    ("socket.json", make_socket, "not a file"),
    (
        "dangling.json",
        lambda path: path.symlink_to("nowhere"),
        "the target of this link is missing",
    ),
    ("circle.json", lambda path: path.symlink_to(path), "can't be read"),
    ("linked", make_linked_folder, "not followed"),
    ("parent", lambda path: path.symlink_to(".."), "not followed"),
    ("a{b}.json", lambda path: path.write_text("[]"), "braces"),
    ("a\nb.json", lambda path: path.write_text("[]"), "control characters"),
    (".git", lambda path: path.mkdir(), "hidden"),
]


@pytest.mark.parametrize(("name", "make", "reason"), ODD, ids=[name for name, *_ in ODD])
def test_unread_files_are_named_with_the_reason(corpus, name, make, reason):
    make(corpus.folder / "info" / name)
    catalogue = catalogue_folder(corpus.folder / "info")
    assert list(catalogue.newest) == [post_id(1)]
    (problem,) = catalogue.problems
    assert Path(problem.file).name == name
    assert reason in problem.message and problem.remedy
    assert "\n" not in str(problem)


RECORDS = [info(post_id(number)) for number in (2, 3)]
ONE, TWO = map(json.dumps, RECORDS)
TABLE = [["id", "author", "body", "unix_timestamp", "tiktok_url"]] + [
    [record["id"], "maker", 'a, "b"', "1669800000", record["permalink"]] for record in RECORDS
]


def table(delimiter, quote):
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, quoting=quote).writerows(TABLE)
    return text.getvalue()


def with_row_names(rows):
    """Rows as R's `write.csv` writes them."""
    named = [["", *rows[0]], *([str(n), *row] for n, row in enumerate(rows[1:], 1))]
    text = io.StringIO(newline="")
    csv.writer(text, quoting=csv.QUOTE_ALL).writerows(named)
    return text.getvalue()


IN_OTHER_WAYS = {
    "objects side by side": ONE + TWO,
    "lists side by side": f"[{ONE}][{TWO}]",
    "a list and an object": f"[{ONE}]\n{TWO}",
    "objects over many lines": "\n".join(json.dumps(record, indent=2) for record in RECORDS),
    "objects with tabs": "\r\n".join(json.dumps(record, indent="\t") for record in RECORDS),
    "lines of old Macs": f"{ONE}\r{TWO}\r",
    "a list of another name": f'{{"cursor": 5, "videos": [{ONE}, {TWO}]}}',
    "lists in a list": f"[[{ONE}], [{TWO}]]",
    "a quoted table": table(",", csv.QUOTE_ALL),
    "a quoted table with tabs": table("\t", csv.QUOTE_ALL),
    "a table of R": with_row_names(TABLE),
}


@pytest.mark.parametrize("content", IN_OTHER_WAYS.values(), ids=IN_OTHER_WAYS)
def test_records_are_read_however_they_follow_on_each_other(corpus, content):
    path = corpus.folder / "info" / "other"
    path.write_bytes(content.encode())
    catalogue = catalogue_folder(corpus.folder / "info")
    assert [str(problem) for problem in catalogue.problems] == []
    assert list(catalogue.newest) == [post_id(number) for number in (1, 2, 3)]
    assert len(list(load_posts(catalogue.newest.values()))) == 3
    erase(path, frozenset({post_id(2)}))
    after = catalogue_folder(corpus.folder / "info")
    assert [str(problem) for problem in after.problems] == []
    assert list(after.newest) == [post_id(1), post_id(3)]


@pytest.mark.parametrize("links", ['"url"\n"{}"\n"{}"\n', '["{}", "{}"]'])
def test_lists_of_links_may_be_quoted(corpus, links):
    addresses = [record["permalink"] for record in RECORDS]
    (corpus.folder / "info" / "links").write_text(links.format(*addresses))
    catalogue = catalogue_folder(corpus.folder / "info")
    assert [str(problem) for problem in catalogue.problems] == []
    assert catalogue.inventory.wanted(catalogue.newest) == [post_id(2), post_id(3)]


def tar(content):
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        member = tarfile.TarInfo(f"{RECORDS[0]['permalink']}/a.json")
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))
    return packed.getvalue()


LIST = f"[{ONE}]".encode()
UNREAD = [
    (bz2.compress(LIST), "compressed with bzip2"),
    (lzma.compress(LIST), "compressed with xz"),
    (b"\x28\xb5\x2f\xfd" + LIST, "compressed with Zstandard"),
    (gzip.compress(gzip.compress(LIST)), "a gzipped file in a gzipped file"),
    (gzip.compress(tar(LIST)), "a tar archive"),
    (b"SQLite format 3\0" + bytes(84), "an SQLite database"),
    (b"PAR1" + bytes(40), "a Parquet file"),
    (b"%PDF-1.7\n" + RECORDS[0]["permalink"].encode(), "a PDF"),
    (b"\xef\xbb\xbf", "the file is empty"),
    (b"\n \n", "the file is empty"),
    (b"callback(" + LIST + b");", "text before its JSON"),
    (b")]}'\n" + LIST, "text before its JSON"),
    (b"// saved today\n" + LIST, "text before its JSON"),
    (b"var posts = " + LIST + b";", "text before its JSON"),
]


@pytest.mark.parametrize(("content", "reason"), UNREAD, ids=[reason for _, reason in UNREAD])
def test_a_file_of_another_kind_is_named_with_the_reason(corpus, content, reason):
    (corpus.folder / "info" / "other").write_bytes(content)
    catalogue = catalogue_folder(corpus.folder / "info")
    assert list(catalogue.newest) == [post_id(1)]
    assert catalogue.inventory.mentions == {}
    (problem,) = catalogue.problems
    assert reason in problem.message and problem.remedy


@pytest.mark.parametrize(
    ("damage", "ids"),
    [(lambda packed: packed + b"garbage", [2, 3]), (lambda packed: packed[:-9], [2, 3])],
    ids=["garbage behind it", "its end is missing"],
)
@pytest.mark.parametrize("content", [f"[{ONE}, {TWO}]", f"{ONE}\n{TWO}\n"], ids=["list", "lines"])
def test_damage_to_a_gzipped_file_costs_only_what_follows(corpus, content, damage, ids):
    path = corpus.folder / "info" / "batch.json.gz"
    path.write_bytes(damaged := damage(gzip.compress(content.encode())))
    catalogue = catalogue_folder(corpus.folder / "info")
    assert list(catalogue.newest) == [post_id(number) for number in (1, *ids)]
    (problem,) = catalogue.problems
    assert "the compressed file is damaged or was cut" in problem.message
    erase(path, frozenset({post_id(2)}))
    assert path.read_bytes() == damaged
    assert len(report_rest(corpus.folder, frozenset({post_id(2)}), None)) == 1


@pytest.fixture
def open_folder():
    """A folder that other users may enter."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


def test_a_file_without_read_permission_is_named(open_folder):
    corpus = Corpus(open_folder)
    add(corpus, "batch.json", 1)
    add(corpus, "secret.json", 2)
    (corpus.folder / "info" / "secret.json").chmod(0)
    program = (
        "import os, sys\n"
        "from pathlib import Path\n"
        "from scripts.rawinfo.listing import list_raw_info\n"
        "if os.getuid() == 0:\n"
        "    os.setuid(65534)\n"
        "listing = list_raw_info(Path(sys.argv[1]))\n"
        "print([file.name for file in listing.files])\n"
        "print(*listing.problems)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, corpus.folder / "info"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    files, problem = done.stdout.splitlines()
    assert files == "['batch.json']"
    assert "secret.json: it can't be read (Permission denied)" in problem


@pytest.mark.parametrize("name", [".gitkeep", ".DS_Store", "._batch.json", ".batch.json.x.part"])
def test_files_that_programs_leave_in_folders_are_ignored(corpus, name):
    (corpus.folder / "info" / name).write_bytes(b"\0\1")
    listing = list_raw_info(corpus.folder / "info")
    assert ([file.name for file in listing.files], listing.problems) == (["batch.json"], [])


def test_a_folder_that_does_not_exist_has_no_raw_info(tmp_path):
    listing = list_raw_info(tmp_path / "info")
    assert (listing.files, listing.problems) == ([], [])


def test_data_info_may_be_a_link_itself(corpus):
    moved = corpus.folder / "elsewhere"
    (corpus.folder / "info").rename(moved)
    (corpus.folder / "info").symlink_to(moved)
    assert list(catalogue_folder(corpus.folder / "info").newest) == [post_id(1)]


def test_folders_deeper_than_python_can_recurse_are_listed(corpus):
    deep = corpus.folder / "info"
    here = os.open(deep, os.O_RDONLY)
    for _ in range(1200):
        os.mkdir("d", dir_fd=here)
        deeper = os.open("d", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = deeper
    os.close(here)
    try:
        assert [file.name for file in list_raw_info(deep).files] == ["batch.json"]
    finally:
        subprocess.run(["rm", "-r", deep / "d"], check=True)


def test_the_manifest_depends_on_every_file_that_is_read(corpus):
    for name, make, _ in ODD:
        make(corpus.folder / "info" / name)
    (corpus.folder / "master.json").write_text("{}")

    def source_hash():
        manifest = corpus.folder / "manifest.tsv"
        results = {"master.json": {"settings": {}, "versions": {}}}
        write_manifest(corpus.folder, results, manifest)
        return read_manifest(manifest).lines["master.json"].receipt

    before = source_hash()
    assert source_hash() == before
    for number, name in enumerate((NOT_UTF8, "sub/batch.json", "BATCH.JSON"), 2):
        add(corpus, name, number)
        assert source_hash() != before
        before = source_hash()


@pytest.mark.parametrize("name", ["sub/batch.json", "export.ndjson", NOT_UTF8])
def test_removed_posts_are_found_in_every_file_that_is_read(corpus, name):
    add(corpus, name, 2)
    found = report_rest(corpus.folder, frozenset({post_id(2)}), None)
    assert found == [f"{corpus.folder / 'info' / name}, record 1"]


def test_a_package_has_the_records_of_every_file_that_is_read(corpus):
    """Also if two files have the same name, or a name that no package can have."""
    add(corpus, "sub/batch.json", 2)
    add(corpus, NOT_UTF8, 3)
    add(corpus, "export.ndjson", 4)
    config = yaml.safe_load((PROJECT / "config.yaml").read_text())
    export_corpus(catalogue_folder(corpus.folder / "info"), corpus.folder, config)
    package = corpus.folder / "export" / "corpus" / "data" / "info"
    assert all(file.name.endswith(".json") for file in package.iterdir())
    assert list(catalogue_folder(package).newest) == [post_id(number) for number in range(1, 5)]


def test_a_run_with_odd_entries_reads_the_others_and_names_them(tmp_path):
    workflow = Workflow(tmp_path)
    for number, name in enumerate(("batch.json", NOT_UTF8, "sub/x.json"), 1):
        (workflow.data / "info" / "sub").mkdir(exist_ok=True)
        workflow.add([info(post_id(number))], name)
    for name, make, _ in ODD:
        make(workflow.data / "info" / name)
    (workflow.data / "info" / "folder.json").mkdir()
    output = workflow.run()
    assert "3 TikToks" in output
    assert "pipe.json: it is a device, a pipe or a socket, not a file" in output
    assert all(reason in output for _, _, reason in ODD)
    assert len(workflow.merged("master.json")) == 3
    assert (workflow.data / "manifest.tsv").exists()
    assert "Nothing to be done" in workflow.run()
