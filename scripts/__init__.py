"""Turn raw info about TikToks into a complete, verified, searchable corpus.

There is one package for each stage of the data: raw info → media → text → merged files → database.
Only `scripts.run` knows Snakemake.
"""

from importlib.util import find_spec

# Without the environment, every command would end in the traceback of some library.
if find_spec("snakemake") is None:
    raise SystemExit(
        "The project's environment is missing or not active. In the project's folder, type "
        "`make setup`, then `. .venv/bin/activate`, and then your command again."
    )
