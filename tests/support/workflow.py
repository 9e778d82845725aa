"""A corpus in its own folder, which the real workflow builds from a real HTTPS server."""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

from demo.site import Site
from tests.support.preloaded import Run, preloaded_snakemake

PROJECT = Path(__file__).parents[2]
RUN_S = 900  # no run takes longer, even on a busy machine

# Settings of all tests: a retry follows soon, and files are small.
PATIENT = {"tries": 2, "backoff_s": 0.05, "longest_pause_s": 3, "keep_free_mb": 0, "max_size_mb": 3}

# For tests of servers that hang. Nothing else should depend on the machine's speed.
QUICK = PATIENT | {
    "connect_timeout_s": 10,
    "header_timeout_s": 30,
    "read_timeout_s": 10,
    "deadline_s": 60,
}


class Workflow:
    """The workflow in its own folder: add raw info, run it, and check the results."""

    def __init__(self, folder: Path, site: Site | None = None) -> None:
        self.folder = folder
        self.data = folder / "data"
        (self.data / "info").mkdir(parents=True)
        self.site = site
        # Recognition takes longest, so only its own tests turn it on.
        self.config: dict[str, Any] = {"download": dict(PATIENT), "speech": {"engine": "none"}}
        self.config["screen"] = {"engine": "none"}
        self.environment: dict[str, str] = {}
        if site is not None:
            self.config["download"] |= {"proxy": site.proxy_url, "ca_bundle": site.ca_file}

    def add(self, records: list[dict[str, Any]], name: str = "batch_1.json") -> Path:
        file = self.data / "info" / name
        file.write_text(json.dumps(records))
        return file

    def arguments(self, *arguments: str) -> list[str]:
        """Return Snakemake's command-line arguments."""
        config = self.folder / "test_config.yaml"
        config.write_text(yaml.safe_dump(self.config))
        return [
            *("--cores", "8", "--configfile", str(config), "--directory", str(self.folder)),
            *("--snakefile", str(PROJECT / "Snakefile"), *arguments),
        ]

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "snakemake", *self.arguments(*arguments)]

    @property
    def variables(self) -> dict[str, str]:
        """Return the environment variables of a run."""
        return os.environ | {"COLUMNS": "200"} | self.environment

    def start(self, *arguments: str) -> Run:
        """Start a run. Use it as a context, which ends it."""
        return preloaded_snakemake().start(self.arguments(*arguments), self.variables)

    def start_anew(self, *arguments: str) -> "subprocess.Popen[str]":
        """Start a run in a new process, with nothing preloaded."""
        return subprocess.Popen(
            self.command(*arguments),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=self.variables,
        )

    def run(self, *arguments: str, succeeds: bool = True) -> str:
        """Run the workflow and return all its output."""
        exit_code, output = preloaded_snakemake().run(
            self.arguments(*arguments), self.variables, RUN_S
        )
        assert (exit_code == 0) == succeeds, output
        return output

    def pending(self) -> set[str]:
        """Return the media and text files that a dry-run would make."""
        output = self.run("--dry-run")
        return {
            word.strip(",")
            for line in output.splitlines()
            if line.startswith("    output: ")
            for word in line.split()
            if word.startswith(("data/videos/", "data/coverphotos/", "data/ocr/"))
            and not word.strip(",").endswith(".json")
        }

    def receipt(self, kind: str, id: str) -> dict[str, Any]:
        return json.loads((self.data / "receipts" / kind / f"{id}.json").read_text())

    def merged(self, name: str) -> dict[str, Any]:
        return json.loads((self.data / name).read_text())

    def hashes(self, *folders: str) -> dict[str, str]:
        """Return the SHA-256 of each file in these folders of `data`, by path."""
        return {
            str(file.relative_to(self.data)): hashlib.sha256(file.read_bytes()).hexdigest()
            for folder in folders
            for file in sorted((self.data / folder).rglob("*"))
            if file.is_file()
        }
