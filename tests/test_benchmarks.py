"""The benchmarks say what they need before they start."""

import pytest

from benchmarks import audio, download, mirror, verify


@pytest.mark.parametrize(
    ("benchmark", "program"),
    [(audio, "ffmpeg"), (download, "aria2c"), (mirror, "rsync"), (verify, "ffmpeg and ffprobe")],
)
def test_a_missing_program_is_named_in_one_sentence(
    benchmark, program: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(SystemExit) as caught:
        benchmark.main()
    assert str(caught.value) == (
        f"This benchmark needs {program}: run `make benchmark-tools` to install it."
    )
