"""The documentation is true: its commands run, and its lists are complete."""

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml

from demo.site import Site
from demo.tiktoks import INFO
from scripts.errors import ConfigError
from scripts.ocr.tesserocr_engine import TesserocrEngine
from scripts.speech.pocketsphinx_engine import PocketsphinxEngine
from scripts.version import VERSION
from tests.support.workflow import PROJECT, Workflow

README = (PROJECT / "README.md").read_text("utf-8")
BLOCKS = [
    textwrap.dedent(block) for block in re.findall(r"^ *```sh\n(.*?)^ *```$", README, re.M | re.S)
]


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project's own files, as a user gets them, with the environment set up."""
    folder = tmp_path_factory.mktemp("checkout") / "TikTok-Retrieval"
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listed, cwd=PROJECT, check=True, capture_output=True, text=True).stdout
    for name in filter(None, names.split("\0")):
        if (PROJECT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(PROJECT / name, folder / name)
    environment = Path(sys.prefix)
    (folder / ".venv").symlink_to(environment)
    return folder


@pytest.mark.timeout(5000)  # whole builds, one after the other
def test_every_command_of_the_readme_runs(checkout: Path) -> None:
    assert "make demo\n" in BLOCKS
    assert BLOCKS[-1] == "make test\n"
    # Few TikToks, because speech takes long.
    for file in (checkout / "demo" / "info").glob("*.json"):
        write_beginning(file, 2, file)
    write_beginning(INFO / "demo.json", 4, checkout / "data" / "info" / "demo.json")
    change_settings(checkout / "config.yaml", engine="pocketsphinx", mirror=str(checkout / "kept"))
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    with Site() as site:
        settings = {"HTTPS_PROXY": site.proxy_url, "REQUESTS_CA_BUNDLE": site.ca_file, "PATH": path}
        outputs = {
            block: subprocess.run(
                ["bash", "-euc", block],
                cwd=checkout,
                env=os.environ | settings,
                check=False,
                text=True,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                timeout=1200,
            )
            for block in BLOCKS
            if block not in ("make test\n", "make viewer\n")  # one runs this; one never ends
        }
        viewer = see_viewer(checkout, os.environ | settings)
    for block, done in outputs.items():
        assert done.returncode == 0, f"{block}\n{done.stdout}"
    queries = [done.stdout for block, done in outputs.items() if block.startswith("sqlite3")]
    assert all("sourdough" in answer.lower() for answer in queries), queries
    assert (checkout / "report.html").stat().st_size > 100_000
    assert viewer.json()["total"] > 0


def write_beginning(raw_info: Path, count: int, copy: Path) -> None:
    copy.write_text(json.dumps(json.loads(raw_info.read_text("utf-8"))[:count]), "utf-8")


# Other tests run what needs a package or a cluster.
NOT_PLANNED = re.compile("import|/path/to|--profile|--executor")


def test_every_run_on_the_pages_can_be_planned(workflow: Workflow, tmp_path: Path) -> None:
    """A dry-run of each command on the demo's raw info finds all that it names."""
    for file in INFO.glob("*.json"):
        shutil.copy(file, workflow.data / "info")
    (workflow.data / "queries.json").write_text("[]")  # as after a query in the viewer
    (tmp_path / "my_settings.yaml").write_text("retry: all")
    pages = "".join(page.read_text("utf-8") for page in (PROJECT / "docs").glob("*.md"))
    commands = sorted(set(re.findall(r"^ *snakemake (--cores .*)", pages, re.M)))
    planned = [command for command in commands if not NOT_PLANNED.search(command)]
    assert len(planned) > 10
    for command in planned:
        arguments = shlex.split(command, comments=True)
        if "--configfile" in arguments:
            at = arguments.index("--configfile") + 1
            shipped = PROJECT / arguments[at]
            arguments[at] = str(shipped if shipped.exists() else tmp_path / arguments[at])
        workflow.run("--dry-run", *arguments)


def see_viewer(checkout: Path, environment: dict[str, str]) -> requests.Response:
    """The answer of `make viewer` to a question about the corpus. Ctrl-C ends it."""
    assert "make viewer\n" in BLOCKS
    with subprocess.Popen(
        ["make", "viewer"],
        cwd=checkout,
        env=environment | {"BROWSER": "true"},
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as viewer:
        lines = iter(viewer.stdout.readline, "")
        address = next(filter(None, (re.search(r"http://127[.0-9:]+", line) for line in lines)))[0]
        try:
            with requests.Session() as session:
                session.trust_env = False
                return session.get(f"{address}/api/search?q=sourdough", timeout=600)
        finally:
            os.killpg(viewer.pid, signal.SIGINT)


def change_settings(config: Path, engine: str, mirror: str) -> None:
    """Make the edits that the text tells the user to make."""
    text = config.read_text("utf-8")
    for line, edited in (
        ("  engine: faster-whisper\n", f"  engine: {engine}\n"),
        ('mirror: ""\n', f"mirror: {mirror}\n"),
    ):
        assert text.count(line) == 1
        text = text.replace(line, edited)
    config.write_text(text, "utf-8")


def test_continuous_integration_runs_the_test_command() -> None:
    assert (PROJECT / ".ci" / "run").read_text().rstrip().endswith("\nmake test")


def test_the_container_has_what_the_makefile_installs() -> None:
    makefile = (PROJECT / "Makefile").read_text("utf-8")
    packages = re.search("^DEBIAN_PACKAGES := (.*)", makefile, re.M)[1].split()
    steps = (PROJECT / "Dockerfile").read_text("utf-8")
    installed, rest = steps.split("&& rm -rf", 1)
    assert set(packages) <= set(installed.split())
    assert rest.index("USER researcher") < rest.index("make setup")
    page = (PROJECT / "docs" / "install.md").read_text("utf-8")
    assert f"sudo apt-get install make {' '.join(packages)}" in page


@pytest.mark.parametrize("engine", [TesserocrEngine, PocketsphinxEngine])
def test_an_engine_that_is_not_installed_names_its_command(
    monkeypatch: pytest.MonkeyPatch, engine: Any
) -> None:
    name = engine.__name__.removesuffix("Engine").lower()
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(ConfigError, match=f"make {name}"):
        engine(settings=None).identity()
    makefile = (PROJECT / "Makefile").read_text("utf-8")
    assert name in re.search("^ENGINES := (.*)", makefile, re.M)[1].split()
    locks = {lock.name: lock.read_text("utf-8") for lock in (PROJECT / "envs").glob("*.txt")}
    pinned = [lock for lock, text in locks.items() if re.search(f"^{name}==", text, re.M)]
    assert pinned == [f"requirements-{name}.txt"]


@pytest.mark.parametrize(
    ("system", "said"),
    [
        ("Darwin", "Please install first: tesseract sqlite tesseract-lang. Type: brew install "),
        ("Linux", "Please install first what Debian calls: tesseract-ocr "),
    ],
)
def test_each_system_gets_a_command_to_type(tmp_path: Path, system: str, said: str) -> None:
    for name, line in {"uname": f"echo {system}", "id": "echo 1000", "python3": "exit 0"}.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{line}\n")
        (tmp_path / name).chmod(0o755)
    script = (PROJECT / "envs" / "require-debian-packages").read_text("utf-8")
    packages = [
        "python3-venv",
        "tesseract-ocr",
        "tesseract-ocr-eng",
        "sqlite3",
        "tesseract-ocr-deu",
    ]
    # Only these programs are there, and the shell's own commands.
    done = subprocess.run(
        ["/bin/sh", "-c", script.replace("PATH=$PATH:/usr/sbin:/sbin", ""), "sh", *packages],
        env={"PATH": str(tmp_path)},
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    lines = [line for line in done.stderr.splitlines() if "not found" not in line]
    assert len(lines) == 1 and lines[0].startswith(said), done.stderr


def test_the_index_has_every_page() -> None:
    index = (PROJECT / "docs" / "index.md").read_text("utf-8")
    linked = set(re.findall(r"\]\(([\w-]+\.md)\)", index))
    pages = {page.name for page in (PROJECT / "docs").glob("*.md")}
    reached_from_others = {"index.md", "ocr.md", "screen.md", "raw-info.md", "test-collections.md"}
    assert pages - linked <= reached_from_others


def test_links_between_pages_lead_somewhere() -> None:
    for page in (PROJECT / "README.md", *(PROJECT / "docs").glob("*.md")):
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text("utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_configuration_page_is_up_to_date() -> None:
    page = PROJECT / "docs" / "configuration.md"
    before = page.read_text("utf-8")
    made = subprocess.run(
        [
            sys.executable,
            "-c",
            "import make_configuration; print(make_configuration.page(), end='')",
        ],
        cwd=PROJECT / "docs",
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    assert before == made


def test_git_ignores_media_and_keeps_raw_info() -> None:
    """Media and databases are never offered to git; raw info is."""
    ignored_paths = ["data/videos/1.mp4", "data/tiktoks.db", "data/.lock", "data/pseudonyms.key"]
    paths = [*ignored_paths, "data/info/batch.json", "data/removed.txt"]
    ignored = subprocess.run(
        ["git", "check-ignore", "--no-index", *paths],
        cwd=PROJECT,
        check=False,
        capture_output=True,
        text=True,
    ).stdout.split()
    assert ignored == ignored_paths


def test_there_is_one_version_number() -> None:
    citation = yaml.safe_load((PROJECT / "CITATION.cff").read_text("utf-8"))
    assert citation["version"] == VERSION
    changes = (PROJECT / "CHANGELOG.md").read_text("utf-8")
    assert re.findall("^## (.*)", changes, re.M)[0] == VERSION


@pytest.mark.parametrize("module", ["scripts.search", "scripts.viewer", "demo"])
def test_a_command_without_the_environment_ends_in_a_sentence(module: str) -> None:
    # -S: without the packages of the environment.
    done = subprocess.run(
        [sys.executable, "-S", "-m", module, "bread"],
        cwd=PROJECT,
        env={},
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1 and "make setup" in done.stderr
