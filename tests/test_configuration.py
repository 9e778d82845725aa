"""Wrong settings are explained; the defaults are right."""

import copy
from typing import Any

import pytest
import yaml

from scripts.errors import ConfigError
from scripts.run.configuration import check_configuration
from tests.support.workflow import PROJECT

DEFAULTS = yaml.safe_load((PROJECT / "config.yaml").read_text("utf-8"))


def changed(path: str, value: Any) -> dict[str, Any]:
    config = copy.deepcopy(DEFAULTS)
    *sections, name = path.split(".")
    part = config
    for section in sections:
        part = part[section]
    part[name] = value
    return config


def test_defaults_are_valid() -> None:
    check_configuration(DEFAULTS)


@pytest.mark.parametrize(
    ("path", "value", "explanation"),
    [
        ("downloads", {}, "There is no setting `downloads`; did you mean `download`?"),
        ("download.perhost", 3, "There is no setting `download.perhost`; did you mean"),
        ("ocr.engine", "tesseroc", "`ocr.engine` is tesseroc; it can be: pytesseract, tesserocr"),
        (
            "download.per_host",
            "many",
            "`download.per_host` is many: it has to be of the type integer",
        ),
        ("download.per_host", 0, "`download.per_host` is 0: 0 is less than the minimum of 1"),
        ("ocr.languages", "deu", "`ocr.languages` is deu: it has to be of the type array"),
        ("retry", False, "`retry` is false; it can be: failed, all"),
    ],
)
def test_a_wrong_setting_is_explained(path: str, value: Any, explanation: str) -> None:
    with pytest.raises(ConfigError) as caught:
        check_configuration(changed(path, value))
    assert explanation in str(caught.value)


def test_all_wrong_settings_are_named_at_once() -> None:
    config = changed("download.per_host", 0) | {"retry": "never"}
    with pytest.raises(ConfigError) as caught:
        check_configuration(config)
    assert "per_host" in str(caught.value)
    assert "retry" in str(caught.value)


def test_a_missing_setting_has_its_default() -> None:
    for config in ({}, {"ocr": {}, "download": None}, {"ocr": {"languages": ["eng"]}}):
        check_configuration(config)
        assert config == DEFAULTS


def test_values_of_a_section_on_the_command_line_have_their_types() -> None:
    config = changed("export.texts", "false")
    config["export"]["media"] = "auto"
    config["download"]["backoff_s"] = "0.5"
    check_configuration(config)
    assert config["export"]["texts"] is False
    assert config["export"]["media"] == "auto"
    assert config["download"]["backoff_s"] == 0.5
