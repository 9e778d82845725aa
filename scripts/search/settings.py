"""Read `search` in the configuration: which model sorts the first results again, and how many."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from scripts.errors import ConfigError
from scripts.search.reranker import Reranker

NONE = "none"
CONFIG = Path("config.yaml")
_SCHEMA = Path(__file__).parents[2] / "schemas" / "config.schema.yaml"


def make_reranker(settings: Mapping[str, Any], threads: int = 0) -> Reranker | None:
    """The second pass of the search; None if `model` is `none`. threads: 0 means all cores.

    The first use loads the model, and raises ConfigError if that fails.
    """
    if settings["model"] == NONE:
        return None
    # Imported here, because most searches need no model.
    from scripts.search.language_model import LanguageModel

    model = LanguageModel(
        settings["model"], settings["revision"], settings["model_folder"], threads
    )
    return Reranker(model, settings["rerank"], settings["weight"])


def read_reranker(file: Path) -> Reranker | None:
    """The second pass that a configuration file names; None without a model or a file.

    Raises ConfigError for a file that can't be read.
    """
    if not file.exists():
        return None
    # Imported here, because not every search reads a configuration.
    import yaml
    from jsonschema import Draft202012Validator

    try:
        config = yaml.safe_load(file.read_bytes()) or {}
        settings = config.get("search") or {}
    except (OSError, yaml.YAMLError, AttributeError) as error:
        reason = " ".join(str(error).split())
        raise ConfigError(f"{file} can't be read: {reason}. Correct the file.") from error
    schema = yaml.safe_load(_SCHEMA.read_bytes())["properties"]["search"]
    for problem in Draft202012Validator(schema).iter_errors(settings):
        setting = ".".join(["search", *map(str, problem.path)])
        raise ConfigError(f"{file}: `{setting}`: {problem.message}. Correct the setting.")
    defaults = {name: part["default"] for name, part in schema["properties"].items()}
    return make_reranker(defaults | settings)
