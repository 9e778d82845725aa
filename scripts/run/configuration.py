"""Complete the configuration with the defaults of its schema, and check it."""

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from scripts.errors import ConfigError

if TYPE_CHECKING:
    from jsonschema import ValidationError

SCHEMA = Path(__file__).parents[2] / "schemas" / "config.schema.yaml"
# These characters would end a header or a line of a log, and no setting needs them.
CONTROL_CHARACTERS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")

LARGEST = 10**9  # larger numbers overflow timers, and no setting needs them


def check_configuration(
    config: dict[str, Any], from_command_line: Mapping[str, Any] | None = None
) -> None:
    """Set missing settings to their defaults. Raise ConfigError with a line for each wrong one.

    from_command_line: what `--config` set (all of `config` unless given). In
    `--config 'export={texts: false}'`, Snakemake reads the values of a section as text; numbers and
    booleans among them get their types here.
    """
    schema = _read_yaml(SCHEMA.read_text("utf-8"))
    typed_by_hand = config if from_command_line is None else from_command_line
    for section, part in schema["properties"].items():
        if "properties" in part and isinstance(config.get(section), dict):
            _restore_types(config[section], part["properties"], typed_by_hand.get(section))
    _set_defaults(config, schema)
    lines = [*_find_unusable(config, ""), *_find_errors(config, schema)]
    if lines:
        raise ConfigError("\n".join([*lines, "All settings are in docs/configuration.md."]))


def check_files(files: Iterable[Path | str]) -> None:
    """Raise ConfigError for settings that occur twice in one file: YAML keeps only the last one."""
    lines = [
        f"{file}, line {line}: the setting `{setting}` occurs twice; keep one of them."
        for file in files
        for setting, line in _find_duplicates(_compose(Path(file)), "")
    ]
    if lines:
        raise ConfigError("\n".join(lines))


def _compose(file: Path) -> yaml.Node | None:
    return yaml.compose(file.read_text("utf-8"), Loader=yaml.CSafeLoader)


def _find_duplicates(node: yaml.Node | None, prefix: str) -> Iterator[tuple[str, int]]:
    """Every repeated key with its line, counted from 1."""
    if isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _find_duplicates(item, prefix)
    if not isinstance(node, yaml.MappingNode):
        return
    seen = set()
    for key, value in node.value:
        setting = f"{prefix}{key.value}"
        if setting in seen:
            yield setting, key.start_mark.line + 1
        seen.add(setting)
        yield from _find_duplicates(value, f"{setting}.")


def _restore_types(section: dict[str, Any], settings: Mapping[str, Any], typed: Any) -> None:
    for name, setting in settings.items():
        value = section.get(name)
        is_typed = isinstance(typed, Mapping) and typed.get(name) == value
        if is_typed and isinstance(value, str) and not _takes_text(setting):
            section[name] = _from_text(value)


def _takes_text(setting: Mapping[str, Any]) -> bool:
    values = setting.get("enum")
    return all(isinstance(v, str) for v in values) if values else setting["type"] == "string"


def _from_text(value: str) -> Any:
    """The number or truth value that YAML reads in a text, or else the text itself."""
    try:
        read = _read_yaml(value)
    except yaml.YAMLError:
        return value
    return read if isinstance(read, bool | int | float) else value


def _set_defaults(config: dict[str, Any], schema: Mapping[str, Any]) -> None:
    for name, part in schema["properties"].items():
        if "properties" not in part:
            config.setdefault(name, part["default"])
            continue
        # In YAML, a section without settings is null.
        if config.get(name) is None:
            config[name] = {}
        if isinstance(config[name], dict):
            _set_defaults(config[name], part)


def _find_unusable(value: Any, setting: str) -> Iterator[str]:
    """Errors that the schema can't express: infinite numbers, and control characters."""
    if isinstance(value, dict):
        for name, part in value.items():
            yield from _find_unusable(part, f"{setting}.{name}" if setting else str(name))
    elif isinstance(value, list):
        for part in value:
            yield from _find_unusable(part, setting)
    elif isinstance(value, float) and not math.isfinite(value):
        yield f"`{setting}` is {_shown(value)}: it has to be a finite number."
    elif isinstance(value, int | float) and abs(value) > LARGEST:
        yield f"`{setting}` is {_shown(value)}: it can't be larger than {LARGEST:,}."
    elif isinstance(value, str) and CONTROL_CHARACTERS.search(value):
        yield f"`{setting}` is {value!a}: it can't have line breaks or control characters."


def _find_errors(config: dict[str, Any], schema: Mapping[str, Any]) -> Iterator[str]:
    defaults: dict[str, Any] = {}
    _set_defaults(defaults, schema)
    if _is_same(config, defaults):
        return
    # Imported here: it takes 0.2 s to load.
    from jsonschema import Draft202012Validator
    from jsonschema.validators import extend

    # JSON takes 8.0 for an integer, but no counter does.
    types = Draft202012Validator.TYPE_CHECKER.redefine("integer", lambda _, n: type(n) is int)
    validator = extend(Draft202012Validator, type_checker=types)  # type: ignore[no-untyped-call]
    errors = validator(schema).iter_errors(config)
    for error in sorted(errors, key=lambda error: list(error.path)):
        yield from _explain(error)


def _is_same(value: Any, other: Any) -> bool:
    """True if two values are equal and of equal types: to Python, true is 1, and 8.0 is 8."""
    if isinstance(value, dict) and isinstance(other, dict):
        return value.keys() == other.keys() and all(_is_same(value[k], other[k]) for k in value)
    if isinstance(value, list) and isinstance(other, list):
        return len(value) == len(other) and all(map(_is_same, value, other))
    return type(value) is type(other) and bool(value == other)


def _explain(error: "ValidationError") -> list[str]:
    schema: Any = error.schema
    value: Any = error.instance
    setting = ".".join(str(part) for part in error.path)
    if error.validator == "additionalProperties":
        known = schema["properties"]
        prefix = f"{setting}." if setting else ""
        return [
            f"There is no setting `{prefix}{name}`" + _suggestion(name, list(known))
            for name in sorted(map(str, set(value) - set(known)))
        ]
    if error.validator == "enum":
        values = ", ".join(map(str, schema["enum"]))
        return [f"`{setting}` is {_shown(value)}; it can be: {values}."]
    return [f"`{setting}` is {_shown(value)}: {_wanted(error)}."]


def _wanted(error: "ValidationError") -> str:
    if error.validator == "type":
        return f"it has to be of the type {error.validator_value}"
    return error.message


def _suggestion(name: str, known: list[str]) -> str:
    close = get_close_matches(name, known, n=1)
    return f"; did you mean `{close[0]}`?" if close else "."


def _shown(value: Any) -> str:
    """The value as it is written in YAML."""
    return yaml.safe_dump(value, default_flow_style=True).removesuffix("...\n").strip()


def _read_yaml(text: str) -> Any:
    return yaml.load(text, Loader=yaml.CSafeLoader)
