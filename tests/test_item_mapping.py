"""The site's JSON becomes the same record in the browser and through the files of other tools."""

import json
import shutil
import subprocess
from typing import Any

import pytest

from scripts.rawinfo.formats import comments, item_struct
from scripts.rawinfo.validation import validate
from tests.support.workflow import PROJECT

EXAMPLES: dict[str, list[dict[str, Any]]] = json.loads(
    (PROJECT / "tests" / "items.json").read_text("utf-8")
)


@pytest.mark.parametrize("example", EXAMPLES["posts"], ids=lambda one: one["record"]["id"])
def test_an_item_becomes_the_record_of_its_example(example: dict[str, Any]) -> None:
    assert item_struct.recognises(example["item"])
    assert item_struct.item_record(example["item"]) == example["record"]
    assert validate(example["record"])[1] == []


@pytest.mark.parametrize(
    "example", EXAMPLES["comments"], ids=lambda one: one["record"]["comment-id"]
)
def test_a_comment_becomes_the_record_of_its_example(example: dict[str, Any]) -> None:
    record = comments.comment_record(example["item"], example["creator"])
    assert record == example["record"]
    assert validate({"id": "1", "comments": [record]})[1] == []


@pytest.mark.skipif(shutil.which("node") is None, reason="Node.js isn't here")
def test_the_scraper_makes_the_same_records() -> None:
    scraper = PROJECT / "scraper" / "src" / "record.js"
    done = subprocess.run(
        ["node", PROJECT / "tests" / "support" / "map_items.mjs", scraper],
        input=json.dumps(EXAMPLES),
        capture_output=True,
        text=True,
        check=True,
        timeout=600,
    )
    made = json.loads(done.stdout)
    for kind, examples in EXAMPLES.items():
        assert made[kind] == [example["record"] for example in examples]
        # JSON texts tell 1 from 1.0 and true.
        assert json.dumps(made[kind], sort_keys=True) == json.dumps(
            [example["record"] for example in examples], sort_keys=True
        )


@pytest.mark.parametrize("wrong", [None, 5, "x", [], {}, [None], True, 1e400])
@pytest.mark.parametrize("part", sorted(EXAMPLES["posts"][0]["item"].keys() - {"id", "desc"}))
def test_a_part_of_another_shape_costs_its_own_fields_only(part: str, wrong: Any) -> None:
    item = EXAMPLES["posts"][0]["item"] | {part: wrong}
    record = item_struct.item_record(item)
    assert record["description"] == EXAMPLES["posts"][0]["record"]["description"]
    assert validate(record)[0] is not None
