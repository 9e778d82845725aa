"""Other workflows use this one as a module, from a folder or through snakedeploy."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from demo.site import Site
from tests.support.preloaded import preloaded_snakemake
from tests.support.tiktoks import served, tiktok
from tests.support.workflow import PROJECT, QUICK, RUN_S

RECORDS = [tiktok(number) for number in range(2)]
SOURCES = ("config", "profiles", "report", "rules", "schemas", "scripts")
LOCAL_MODULE = """
configfile: "config/config.yaml"

module tiktoks:
    snakefile: {snakefile!r}
    config: config

use rule * from tiktoks as tiktoks_*

onsuccess:
    print("the other workflow's handler", file=sys.stderr)
"""


def settings(site: Site) -> dict[str, object]:
    """The settings that differ from the defaults."""
    quick = QUICK | {"proxy": site.proxy_url, "ca_bundle": site.ca_file}
    none = {"engine": "none"}
    return {"download": quick, "speech": none, "screen": none}


def add_raw_info(folder: Path) -> None:
    (folder / "data" / "info").mkdir(parents=True)
    (folder / "data" / "info" / "batch.json").write_text(json.dumps(RECORDS))


def run(folder: Path, *arguments: str) -> str:
    """Run Snakemake in `folder`, without options for Snakefile and profile. Returns its output."""
    exit_code, output = preloaded_snakemake().run(
        ["--cores", "2", *arguments], dict(os.environ), RUN_S, folder
    )
    assert exit_code == 0, output
    return output


def run_anew(folder: Path, *arguments: str, **variables: str) -> str:
    """Do the same in a new process, because the modules are not those of this folder."""
    command = [sys.executable, "-m", "snakemake", "--cores", "2", *arguments]
    result = subprocess.run(
        command,
        cwd=folder,
        env=os.environ | variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert result.returncode == 0, result.stdout
    return result.stdout


def check_built(folder: Path, site: Site) -> None:
    media = {
        str(file.relative_to(folder / "data"))
        for kind in ("videos", "coverphotos")
        for file in (folder / "data" / kind).iterdir()
    }
    assert media == set(served(site, RECORDS))
    assert (folder / "data" / "tiktoks.db").exists()
    assert (folder / "data" / ".lock.owner").exists(), "the run's start was left out"


@pytest.mark.build
def test_a_module_with_other_names_of_rules(site: Site, tmp_path: Path) -> None:
    """Its handlers run in addition to those of the outer workflow, and no profile is needed."""
    folder = tmp_path / "other"
    (folder / "config").mkdir(parents=True)
    (folder / "config" / "config.yaml").write_text(yaml.safe_dump(settings(site)))
    snakefile = LOCAL_MODULE.format(snakefile=str(PROJECT / "Snakefile"))
    (folder / "Snakefile").write_text(f"import sys\n{snakefile}")
    add_raw_info(folder)
    output = run(folder)
    check_built(folder, site)
    assert "the other workflow's handler" in output
    assert "2 TikToks in 2 scrapes" in output
    assert "Nothing to be done" in run(folder)

    text = folder / "data" / "ocr" / f"{RECORDS[0]['id']}.txt"
    before = text.read_text()
    text.write_text("something else\n")
    run(folder, "--forcerun", "tiktoks_ocr")
    assert text.read_text() == before
    run(folder, "tiktoks_verify")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with this project, at an address that looks like one of GitHub's."""
    folder = tmp_path / "github.com" / "someone" / "tiktok-retrieval"
    for name in SOURCES:
        shutil.copytree(PROJECT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("Snakefile", "config.yaml", "LICENSE"):
        shutil.copy(PROJECT / name, folder / name)
    identity = ("-c", "user.name=test", "-c", "user.email=test@example.com")
    for command in (["init", "-q", "-b", "main"], ["add", "-A"], ["commit", "-q", "-m", "all"]):
        subprocess.run(["git", *identity, *command], cwd=folder, check=True)
    return folder


@pytest.mark.build
@pytest.mark.skipif(sys.version_info >= (3, 13), reason="snakedeploy needs Python 3.12 or older")
def test_snakedeploy(site: Site, repository: Path, tmp_path: Path) -> None:
    """The deployment names a branch on GitHub; git finds it in a folder here."""
    folder = tmp_path / "deployed"
    source = f"file://{repository}"
    program = Path(sys.executable).with_name("snakedeploy")
    subprocess.run(
        [program, "deploy-workflow", source, folder, "--branch", "main"],
        check=True,
        capture_output=True,
    )
    assert 'github("someone/tiktok-retrieval"' in (folder / "workflow" / "Snakefile").read_text()
    (folder / "config" / "config.yaml").write_text(yaml.safe_dump(settings(site)))
    add_raw_info(folder)
    variables = {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.file://{tmp_path}/github.com/.insteadOf",
        "GIT_CONFIG_VALUE_0": "https://github.com/",
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
    }
    run_anew(folder, **variables)
    check_built(folder, site)
    assert "Nothing to be done" in run_anew(folder, **variables)
