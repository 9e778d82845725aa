"""Build the demo corpus: `python -m demo [targets and options of snakemake]`.

Serves the demo's media as the site would, over HTTPS on loopback, and runs the workflow on the
demo's raw info in `demo/corpus/`. Three of its downloads fail on purpose.
"""

import json
import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from demo.site import Site

DEMO = Path(__file__).parent
CORPUS = DEMO / "corpus"
# Posts of `links.txt` (see `demo.post_pages`).
PHOTO_POST = "7195925627197728384"
SHORT_LINKS = {"ZMdemo123": "7195554545296513126"}


def main(arguments: list[str]) -> int:
    (CORPUS / "data").mkdir(parents=True, exist_ok=True)
    shutil.copytree(DEMO / "info", CORPUS / "data" / "info", dirs_exist_ok=True)
    shutil.copy(DEMO / "links.txt", CORPUS / "data" / "links.txt")
    with Site() as site:
        site.pages.photos.add(PHOTO_POST)
        site.pages.short_links |= SHORT_LINKS
        config = {
            "download": {"proxy": site.proxy_url, "ca_bundle": site.ca_file},
            "speech": {"engine": "pocketsphinx"},  # downloads no model
            "scrape": {"pause_s": 0.1},
        }
        (CORPUS / "config.yaml").write_text(json.dumps(config))
        command = [sys.executable, "-m", "snakemake"]
        command += ["--snakefile", str(DEMO.parent / "Snakefile"), "--directory", str(CORPUS)]
        # `--cores` ends the list of files; otherwise, targets would count as more of them.
        command += ["--configfile", str(CORPUS / "config.yaml"), "--cores", "4", *arguments]
        process = subprocess.Popen(command)
        # Ctrl-C also reaches the workflow, which shuts down properly.
        while True:
            with suppress(KeyboardInterrupt):
                return process.wait()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
