"""Write docs/configuration.md from the schema: `python docs/make_configuration.py`."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

PROJECT = Path(__file__).parents[1]
PAGE = PROJECT / "docs" / "configuration.md"
INTRODUCTION = """\
# Configuration

`config.yaml` holds every setting with its default. Change it there, or for one run:

```sh
snakemake --cores 8 --config retry=all
snakemake --cores 8 --config 'ocr={engine: tesserocr}'
snakemake --cores 8 --configfile my_settings.yaml
```

where `my_settings.yaml` holds only the settings that differ. A wrong name or value is reported
before anything starts. A change of `ocr` reads all covers again. How Snakemake itself runs is set
in `profiles/default/config.yaml`.

| setting | default | meaning |
|---|---|---|
"""


def main() -> None:
    PAGE.write_text(page(), encoding="utf-8")


def page() -> str:
    schema = yaml.safe_load((PROJECT / "schemas" / "config.schema.yaml").read_text("utf-8"))
    defaults = yaml.safe_load((PROJECT / "config.yaml").read_text("utf-8"))
    return INTRODUCTION + "".join(rows(schema, defaults, ""))


def rows(schema: dict[str, Any], defaults: Any, prefix: str) -> Iterator[str]:
    """One line of the table for each setting, sections first to last."""
    for name, part in schema["properties"].items():
        if "properties" in part:
            yield from rows(part, defaults[name], f"{prefix}{name}.")
        else:
            shown = yaml.safe_dump(defaults[name], default_flow_style=True, width=1000)
            shown = shown.removesuffix("...\n").strip()
            default = f"`{shown}`" if defaults[name] != "" else "empty"
            yield f"| `{prefix}{name}` | {default} | {part['description'].strip()} |\n"


if __name__ == "__main__":
    main()
