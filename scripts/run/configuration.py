"""Check the configuration against its schema, with errors for people who write YAML."""

from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator, ValidationError

from scripts.errors import ConfigError

SCHEMA = Path(__file__).parents[2] / "schemas" / "config.schema.yaml"


def check_configuration(config: dict[str, Any]) -> None:
    """Raise ConfigError with one line for each setting that is wrong.

    In `--config 'export={texts: false}'`, Snakemake reads all values of a section as text: those
    of numbers and yes or no get their types here.
    """
    schema = yaml.safe_load(SCHEMA.read_text("utf-8"))
    for section, part in schema["properties"].items():
        given = config.get(section)
        for name, setting in part.get("properties", {}).items():
            value = given.get(name) if isinstance(given, dict) else None
            if isinstance(value, str) and not _takes_text(setting):
                given[name] = _from_text(value)
    errors = sorted(Draft202012Validator(schema).iter_errors(config), key=lambda e: list(e.path))
    if errors:
        lines = [line for error in errors for line in _explain(error)]
        raise ConfigError("\n".join([*lines, "All settings are in docs/configuration.md."]))


def _takes_text(setting: Mapping[str, Any]) -> bool:
    values = setting.get("enum")
    return all(isinstance(v, str) for v in values) if values else setting["type"] == "string"


def _from_text(value: str) -> Any:
    """As YAML reads it; other texts stay, to be shown as they are."""
    try:
        read = yaml.safe_load(value)
    except yaml.YAMLError:
        return value
    return read if isinstance(read, bool | int | float) else value


def _explain(error: ValidationError) -> list[str]:
    setting = ".".join(str(part) for part in error.path)
    if error.validator == "additionalProperties":
        known = error.schema["properties"]
        prefix = f"{setting}." if setting else ""
        return [
            f"There is no setting `{prefix}{name}`" + _suggestion(name, list(known))
            for name in sorted(map(str, set(error.instance) - set(known)))
        ]
    if error.validator == "enum":
        values = ", ".join(map(str, error.validator_value))
        return [f"`{setting}` is {_shown(error.instance)}; it can be: {values}."]
    return [f"`{setting}` is {_shown(error.instance)}: {_wanted(error)}."]


def _wanted(error: ValidationError) -> str:
    if error.validator == "type":
        return f"it has to be of the type {error.validator_value}"
    return error.message


def _suggestion(name: str, known: list[str]) -> str:
    close = get_close_matches(name, known, n=1)
    return f"; did you mean `{close[0]}`?" if close else "."


def _shown(value: Any) -> str:
    """As it would be written in YAML."""
    return yaml.safe_dump(value, default_flow_style=True).removesuffix("...\n").strip()
