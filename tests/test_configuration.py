"""Wrong settings are explained; the defaults are right."""

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml

from docs.make_configuration import PAGE, page
from scripts.errors import ConfigError
from scripts.run.configuration import check_configuration, check_files
from tests.support.workflow import PROJECT, Workflow

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
        (
            "ocr.engine",
            "tesseroc",
            "`ocr.engine` is tesseroc; it can be: auto, rapidocr, pytesseract, tesserocr",
        ),
        (
            "download.per_host",
            "many",
            "`download.per_host` is many: it has to be of the type integer",
        ),
        ("download.per_host", 0, "`download.per_host` is 0: 0 is less than the minimum of 1"),
        ("ocr.languages", "deu", "`ocr.languages` is deu: it has to be of the type array"),
        ("retry", False, "`retry` is false; it can be: failed, all"),
        ("texts_per_job", True, "`texts_per_job` is true: it has to be of the type integer"),
        ("export.texts", 1, "`export.texts` is 1: it has to be of the type boolean"),
        ("download.tries", 3.0, "`download.tries` is 3.0: it has to be of the type integer"),
        ("download.tries", 10**22, "it can't be larger than 1,000,000,000"),
        ("download.deadline_s", 1e300, "it can't be larger than 1,000,000,000"),
        ("download.user_agent", "\u4f60\u597d", "does not match"),
        ("download.referer", "https://\u4f60/", "does not match"),
        ("download.referer", " https://www.tiktok.com/", "does not match"),
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


@pytest.mark.parametrize("value", [float("inf"), float("-inf"), float("nan")])
@pytest.mark.parametrize("path", ["download.deadline_s", "known_items.size"])
def test_numbers_are_finite(path: str, value: float) -> None:
    with pytest.raises(ConfigError, match=f"`{path}` is .*it has to be a finite number"):
        check_configuration(changed(path, value))


@pytest.mark.parametrize("path", ["user_agent", "referer", "proxy", "ca_bundle", "cookies"])
@pytest.mark.parametrize("value", ["a\r\nHost: b", "a\n", "\x00", "a\x85b", "a\u2028b"])
def test_text_has_no_line_breaks(path: str, value: str) -> None:
    with pytest.raises(ConfigError, match=f"`download.{path}` is .*line breaks"):
        check_configuration(changed(f"download.{path}", value))


def test_items_of_lists_are_checked() -> None:
    with pytest.raises(ConfigError, match=r"`experiments.queries` is .*line breaks"):
        check_configuration(changed("experiments.queries", ["data/a\nb.json"]))


@pytest.mark.parametrize(
    ("path", "value"),
    [("download.per_host", "8"), ("download.backoff_s", "0.5"), ("export.texts", "false")],
)
def test_text_in_a_file_is_no_number(path: str, value: str) -> None:
    with pytest.raises(ConfigError, match=f"`{path}` is .*it has to be of the type"):
        check_configuration(changed(path, value), from_command_line={})
    section, name = path.split(".")
    check_configuration(changed(path, value), from_command_line={section: {name: value}})


def test_a_repeated_setting_is_named_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "settings.yaml"
    file.write_text("retry: all\ndownload:\n  tries: 2\n  per_host: 3\n  tries: 4\nretry: failed\n")
    with pytest.raises(ConfigError) as caught:
        check_files([PROJECT / "config.yaml", file])
    assert "line 5: the setting `download.tries` occurs twice" in str(caught.value)
    assert "line 6: the setting `retry` occurs twice" in str(caught.value)
    check_files([PROJECT / "config.yaml"])


def test_the_workflow_checks_its_files(workflow: Workflow) -> None:
    """Even if Snakemake would turn text into a number, or drop one of two values."""
    workflow.config["download"] |= {"per_host": "8"}
    assert "`download.per_host` is '8'" in workflow.run("--dry-run", succeeds=False)
    twice = workflow.folder / "twice.yaml"
    twice.write_text("retry: all\nretry: failed\n")
    del workflow.config["download"]["per_host"]
    output = workflow.run("--dry-run", "--configfile", str(twice), succeeds=False)
    assert "`retry` occurs twice" in output


def test_the_configuration_that_ships_is_that_of_the_schema() -> None:
    config: dict[str, Any] = {}
    check_configuration(config)
    assert config == DEFAULTS
    assert PAGE.read_text("utf-8") == page()
