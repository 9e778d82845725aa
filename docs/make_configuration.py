"""Write docs/configuration.md from the schema: `python docs/make_configuration.py`."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

PROJECT = Path(__file__).parents[1]
PAGE = PROJECT / "docs" / "configuration.md"
INTRODUCTION = """\
# Configuration

`config.yaml` lists every setting with its default. Change settings there, or for one run:

```sh
snakemake --cores 8 --config retry=all
snakemake --cores 8 --config 'ocr={engine: tesserocr}'
snakemake --cores 8 --configfile my_settings.yaml
```

In the last line, `my_settings.yaml` contains only the settings that you want to change. The others
keep their defaults. The run reports a wrong name or value before anything starts. If you change
`ocr` or `speech`, the next run makes those texts again; `--forcerun ocr` and `--forcerun speech` do
so without a change. [ocr.md](ocr.md) helps to choose an OCR engine. `profiles/default/config.yaml`
sets how Snakemake itself runs.

| setting | default | meaning |
|---|---|---|
"""


def main() -> None:
    PAGE.write_text(page(), encoding="utf-8")


def page() -> str:
    schema = yaml.safe_load((PROJECT / "schemas" / "config.schema.yaml").read_text("utf-8"))
    return INTRODUCTION + "".join(rows(schema, ""))


def rows(schema: dict[str, Any], prefix: str) -> Iterator[str]:
    """One line of the table for each setting, sections first to last."""
    for name, part in schema["properties"].items():
        if "properties" in part:
            yield from rows(part, f"{prefix}{name}.")
        else:
            shown = yaml.safe_dump(part["default"], default_flow_style=True, width=1000)
            shown = shown.removesuffix("...\n").strip()
            default = f"`{shown}`" if part["default"] != "" else "empty"
            yield f"| `{prefix}{name}` | {default} | {part['description'].strip()} |\n"


if __name__ == "__main__":
    main()
