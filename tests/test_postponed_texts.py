"""Without the engine or model that makes texts, downloads go on: links expire, texts can wait."""

from pathlib import Path

import pytest

from scripts.errors import ConfigError
from scripts.run.postponed import Postponed
from tests.support.tiktoks import served, tiktok
from tests.support.workflow import Workflow

RECORDS = [tiktok(0), tiktok(1)]


def last_lines(output: str) -> str:
    return " ".join(output.splitlines()[-4:])


def test_no_model_and_no_network(workflow: Workflow) -> None:
    workflow.add(RECORDS)
    models = workflow.folder / "models"
    workflow.config["speech"] = {"engine": "faster-whisper", "model_folder": str(models)}
    workflow.environment = {"HF_ENDPOINT": "http://127.0.0.1:9"}  # no one answers there
    output = workflow.run()
    assert workflow.hashes("videos", "coverphotos") == served(workflow.site, RECORDS)
    assert "2 transcripts are missing, and the next run makes them" in last_lines(output)
    assert "speech.engine: pocketsphinx" in last_lines(output), "the remedy"
    assert set(workflow.merged("speech_to_text.json").values()) == {None}
    assert None not in workflow.merged("ocr.json").values()
    assert not workflow.hashes("speech", "receipts/speech")

    workflow.config["speech"] = {"engine": "pocketsphinx"}
    workflow.run()
    assert None not in workflow.merged("speech_to_text.json").values()


def test_no_engine_for_covers(workflow: Workflow) -> None:
    """Texts that were made in another way stay until better ones exist."""
    workflow.add(RECORDS)
    workflow.run()
    before = workflow.merged("ocr.json")
    workflow.config["ocr"] = {"languages": ["xyz"]}
    output = workflow.run()
    assert "2 cover texts are missing" in last_lines(output)
    assert "xyz" in last_lines(output)
    assert workflow.merged("ocr.json") == before
    workflow.config["ocr"] = {}
    workflow.run()
    assert workflow.merged("ocr.json") == before


def fail(media: list[str], *arguments: object) -> None:
    raise ConfigError("no model")


def test_an_engine_that_was_there_at_the_start_must_stay(tmp_path: Path) -> None:
    """If an engine could run when the run began, it is an error if it no longer can."""
    files = [tmp_path / name for name in ("1.txt", "1.json")]
    postponed = Postponed()
    with pytest.raises(ConfigError):
        postponed.make_or_postpone("ocr", fail)([], *files)
    assert postponed.explain() == []
    assert not files[0].exists()

    postponed.check("ocr", lambda: fail([]))
    files[1].write_text("kept")
    postponed.make_or_postpone("ocr", fail)([], *files)
    assert files[0].read_bytes() == b""
    assert files[1].read_text() == "kept"
    (sentence,) = postponed.explain()
    assert sentence.startswith("1 cover text is missing")
