"""The speech in a video, from every engine and source, and null if it can't be read."""

import json
import os
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import ctranslate2
import jiwer
import numpy as np
import pytest
import webvtt
import yaml

from scripts import speech
from scripts.errors import ConfigError
from scripts.model_files import find_model
from scripts.run.configuration import SCHEMA, check_configuration
from scripts.speech import vad
from scripts.speech.audio import SAMPLES_PER_S, decode
from scripts.speech.engine import SpeechSettings
from scripts.speech.pocketsphinx_engine import PocketsphinxEngine
from scripts.speech.whisper_model import whisper_model
from tests.support.own_process import in_own_process
from tests.support.speech_media import make_video, make_whisper, music, noise, silence, speak

ROOT = SCHEMA.parents[1]
HELLO = "The weather is good today."
SHORT = "Good day."  # recognised in half the time
LONGER = (
    "My cat was afraid of the vacuum for one whole day. "
    "Thirty days have september, april, june, and november. "
    "The weather is good today. Heat turns it into steam. We went home by train last night."
)


def configuration(**changes: Any) -> dict[str, Any]:
    config = yaml.safe_load((ROOT / "config.yaml").read_text("utf-8"))
    config["speech"] |= changes
    return config


def settings(**changes: Any) -> dict[str, Any]:
    """The settings of config.yaml, except for the engine: this one needs no download."""
    return configuration(**({"engine": "pocketsphinx"} | changes))["speech"]


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_whisper(tmp_path_factory.mktemp("models") / "random")


@pytest.fixture(params=["pocketsphinx", "faster-whisper"])
def engine(request: pytest.FixtureRequest, model: Path) -> dict[str, Any]:
    """Settings of each engine."""
    return settings(engine=request.param, model=str(model))


def transcribe(
    video: Path, chosen: dict[str, Any], captions: Path | None = None
) -> tuple[bytes, bytes, dict[str, Any]]:
    """Text, WebVTT and receipt."""
    folder = video.parent / "made"
    paths = [folder / f"{video.stem}{ending}" for ending in (".txt", ".vtt", ".json")]
    speech.transcribe(video, captions, *paths, chosen)
    text, vtt, receipt = (path.read_bytes() for path in paths)
    return text, vtt, json.loads(receipt)


def words(text: str) -> str:
    return " ".join(re.findall("[a-z']+", text.lower()))


def write_captions(path: Path, text: str = "From the captions") -> Path:
    path.write_text(f"WEBVTT\nLanguage: en\n\n00:01.000 --> 00:02.000\n{text}\n", "utf-8")
    return path


# ---- Recognition ----


def test_clean_speech_is_recognised_with_its_times(tmp_path: Path) -> None:
    sound = np.concatenate([silence(2), speak(LONGER)])
    text, vtt, receipt = transcribe(make_video(tmp_path / "1.mp4", sound), settings())
    assert jiwer.wer(words(LONGER), words(text.decode())) <= 0.15
    assert (receipt["outcome"], receipt["source"], receipt["reason"]) == ("ok", "recognition", "")
    assert receipt["duration_s"] == pytest.approx(len(sound) / SAMPLES_PER_S, abs=0.2)
    assert receipt["speech_s"] == pytest.approx(receipt["duration_s"] - 2, abs=1)
    cues = webvtt.from_string(vtt.decode())
    assert text.decode() == " ".join(cue.text for cue in cues) + "\n"
    assert 1900 < cues[0].start_time.in_milliseconds() < 2500


FORMS: dict[str, dict[str, Any]] = {
    "mono": {},
    "stereo": {"rate": 44_100, "layout": "stereo"},
    "surround": {"rate": 48_000, "layout": "5.1"},
    "telephone": {"rate": 8_000},
    "opus": {"rate": 48_000, "audio_codec": "libopus"},
    "webm under mp4": {"rate": 48_000, "audio_codec": "libopus", "codec": "libvpx",
                       "container_format": "webm"},
    "sound only": {"codec": None},
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_sound_is_heard(tmp_path: Path, form: str) -> None:
    video = make_video(tmp_path / "1.mp4", speak(HELLO), **FORMS[form])
    text, _, receipt = transcribe(video, settings())
    assert receipt["outcome"] == "ok"
    assert jiwer.wer(words(HELLO), words(text.decode())) <= (0.5 if form == "telephone" else 0.2)


def test_sound_that_starts_late_keeps_its_time(tmp_path: Path) -> None:
    # Matroska keeps the start of each stream; in MP4 it would be an edit list.
    form = FORMS["webm under mp4"]
    video = make_video(tmp_path / "1.mp4", speak(HELLO), late_s=3, **form)
    _, vtt, _ = transcribe(video, settings())
    assert 2900 < webvtt.from_string(vtt.decode())[0].start_time.in_milliseconds() < 3600


def test_words_far_apart_are_in_separate_windows(tmp_path: Path) -> None:
    sound = np.concatenate([speak(HELLO), silence(4), speak(HELLO), silence(0.6), speak(HELLO)])
    heard = vad.listen(make_video(tmp_path / "1.mp4", sound))
    first, second = heard.windows
    assert first.end_s < 3 < 5 < second.start_s
    assert second.end_s - second.start_s > 3


def test_speech_without_pauses_is_cut_where_it_is_least_likely() -> None:
    probabilities = np.full(3000, 0.9, np.float32)
    probabilities[[700, 1500, 2200]] = 0.4
    spans = vad.find_speech(probabilities)
    assert spans == [(0, 700), (700, 1500), (1500, 2200), (2200, 3000)]
    for start, end in vad.join(spans):
        assert (end - start) * vad.FRAME < 30 * SAMPLES_PER_S


def test_the_detector_does_not_depend_on_blocks() -> None:
    sound = np.concatenate([silence(0.3), speak(HELLO)])
    found = []
    for parts in (1, 9):
        detector = vad.Detector()
        for block in np.array_split(sound, parts):
            detector.feed(block)
        found.append(detector.finish())
    assert np.allclose(*found, atol=1e-5)
    assert len(found[0]) == -(-len(sound) // vad.FRAME)


# ---- No words ----


SPEECHLESS: dict[str, tuple[np.ndarray | None, dict[str, Any]]] = {
    "silence": (silence(5), {}),
    "noise": (noise(8), {}),
    "music": (music(15), {}),
    "short": (silence(0.05), {}),
    "hevc": (None, {"codec": "libx265"}),
    "av1": (None, {"codec": "libsvtav1"}),
    "no audio": (None, {}),
    "empty track": (np.empty(0, np.float32), {}),
}


def make_speechless(folder: Path) -> None:
    for name, (sound, form) in SPEECHLESS.items():
        make_video(folder / f"{name}.mp4", sound, **form)


@pytest.fixture(scope="module")
def speechless(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("speechless")
    in_own_process(make_speechless, folder)
    return folder


@pytest.mark.parametrize("name", SPEECHLESS)
def test_without_speech_the_text_is_one_newline(
    speechless: Path, engine: dict[str, Any], name: str
) -> None:
    text, vtt, receipt = transcribe(speechless / f"{name}.mp4", engine)
    assert (text, vtt) == (b"\n", b"WEBVTT\n")
    assert (receipt["outcome"], receipt["source"]) == ("ok", "none")
    sound = SPEECHLESS[name][0]
    expected = "Nobody speaks." if sound is not None and len(sound) else "audio stream"
    assert expected in receipt["reason"]


def test_an_unreadable_file_has_an_empty_text(tmp_path: Path, engine: dict[str, Any]) -> None:
    whole = make_video(tmp_path / "whole.mp4", speak(HELLO)).read_bytes()
    middle = whole.index(b"mdat") + 1000
    cases = {
        "placeholder": b"",
        "page": b"<!doctype html><p>Log in</p>",
        "picture": b"\xff\xd8\xff\xe0" + bytes(100),
        "cut": whole[: len(whole) // 2],
        "cut late": whole[:-10],
        "cut early": whole[:40],
        "noise": whole[:middle] + np.random.default_rng(0).bytes(len(whole) - middle),
        "no index": whole.replace(b"moov", b"free"),
        "missing": None,
    }
    for name, data in cases.items():
        video = tmp_path / f"{name}.mp4"
        if data is not None:
            video.write_bytes(data)
        text, vtt, receipt = transcribe(video, engine)
        assert (text, vtt) == (b"", b""), name
        assert receipt["outcome"] == "unreadable", name
        assert receipt["reason"].endswith("."), name


# ---- Sources ----


@pytest.mark.parametrize(
    ("prefer", "source", "lines"),
    [("captions", "captions", ["From the captions"]),
     ("recognition", "recognition", ["good day"]),
     ("both", "both", ["From the captions", "good day"])],
)  # fmt: skip
def test_the_preferred_source_is_used(
    tmp_path: Path, prefer: str, source: str, lines: list[str]
) -> None:
    video = make_video(tmp_path / "1.mp4", speak(SHORT))
    captions = write_captions(tmp_path / "1.vtt")
    text, vtt, receipt = transcribe(video, settings(prefer=prefer), captions)
    assert text.decode().splitlines() == lines
    assert webvtt.from_string(vtt.decode())[0].text == lines[0]
    assert (receipt["outcome"], receipt["source"], receipt["language"]) == ("ok", source, "en")
    assert receipt["settings"]["prefer"] == prefer


@pytest.mark.parametrize("prefer", ["captions", "recognition", "both"])
def test_the_other_source_is_used_if_one_has_no_words(
    tmp_path: Path, model: Path, prefer: str
) -> None:
    chosen = settings(engine="faster-whisper", model=str(model), prefer=prefer)
    spoken = make_video(tmp_path / "spoken.mp4", speak(SHORT))
    captions = {"none": None, "placeholder": b"", "no words": b"WEBVTT\n", "page": b"<html>"}
    for name, data in captions.items():
        path = tmp_path / f"{name}.vtt"
        if data is not None:
            path.write_bytes(data)
        _, _, receipt = transcribe(spoken, chosen, path)
        assert receipt["source"] == "recognition", name
    track = write_captions(tmp_path / "track.vtt")
    for name, video in {
        "silent": make_video(tmp_path / "silent.mp4", silence(1)),
        "missing": tmp_path / "missing.mp4",
    }.items():
        text, _, receipt = transcribe(video, chosen, track)
        assert (text, receipt["source"]) == (b"From the captions\n", "captions"), name


def test_captions_need_no_engine(tmp_path: Path) -> None:
    chosen = settings(engine="faster-whisper", model="/nowhere/at/all")
    captions = write_captions(tmp_path / "1.vtt")
    text, _, receipt = transcribe(tmp_path / "1.mp4", chosen, captions)
    assert text == b"From the captions\n"
    assert (receipt["engine"], receipt["version"]) == (None, None)


def test_without_an_engine_there_are_captions_or_nothing(tmp_path: Path) -> None:
    chosen = settings(engine="none", prefer="both")
    check_configuration(configuration(engine="none"))
    assert speech.check_engine(chosen) == ""
    video = make_video(tmp_path / "1.mp4", silence(1))
    text, vtt, receipt = transcribe(video, chosen)
    assert (text, vtt, receipt["outcome"]) == (b"", b"", "unreadable")
    assert "speech.engine: none" in receipt["reason"]
    text, _, receipt = transcribe(video, chosen, write_captions(tmp_path / "1.vtt"))
    assert (text, receipt["source"]) == (b"From the captions\n", "captions")


# ---- Engines ----


def test_whisper_recognises_in_batches(tmp_path: Path, model: Path) -> None:
    sound = np.concatenate([np.concatenate([speak(HELLO), silence(3)]) for _ in range(5)])
    video = make_video(tmp_path / "1.mp4", sound)
    made = {}
    for size in (1, 2, 8):
        chosen = settings(engine="faster-whisper", model=str(model), batch_size=size, language="en")
        made[size] = transcribe(video, chosen)
    text, vtt, receipt = made[8]
    cues = list(webvtt.from_string(vtt.decode()))
    assert len(text.split()) >= 5
    # Every window has words, and their times are within it.
    starts = [cue.start_time.in_milliseconds() for cue in cues]
    windows = [(w.start_s * 1000, w.end_s * 1000) for w in vad.listen(video).windows]
    assert len(windows) == 5
    for first, last in windows:
        assert any(first - 1 <= start <= last + 1 for start in starts)
    assert all(any(a - 1 <= s <= b + 1 for a, b in windows) for s in starts)
    assert receipt["settings"] | {"batch_size": 8, "beam_size": 5} == receipt["settings"]
    assert receipt["settings"]["device"] in ("cpu", "cuda")
    assert receipt["settings"]["compute_type"] != "auto"
    assert made[2][0].split()[:1] == text.split()[:1]


def test_the_language_is_detected_or_configured(tmp_path: Path, model: Path) -> None:
    video = make_video(tmp_path / "1.mp4", speak(HELLO))
    whisper = {"engine": "faster-whisper", "model": str(model)}
    assert transcribe(video, settings(**whisper, language="de"))[2]["language"] == "de"
    found = transcribe(video, settings(**whisper))[2]
    assert re.fullmatch("[a-z]{2,3}", found["language"])
    assert found["settings"]["language"] == "auto"


def test_threads_get_the_texts_of_their_own_videos(tmp_path: Path, engine: dict[str, Any]) -> None:
    sounds = [speak(SHORT), silence(1), speak("Good.")]
    videos = [make_video(tmp_path / f"{n}.mp4", sounds[n % 3]) for n in range(6)]
    alone = [transcribe(video, engine)[:2] for video in videos[:3]]
    with ThreadPoolExecutor(3) as pool:
        together = list(pool.map(lambda video: transcribe(video, engine)[:2], videos))
    assert together == alone * 2
    assert len(set(alone)) == 3


def test_the_same_video_gives_the_same_files(tmp_path: Path, engine: dict[str, Any]) -> None:
    made = []
    for name in ("a", "b"):
        video = make_video(tmp_path / name / "7.mp4", speak(SHORT))
        made.append(transcribe(video, engine))
    assert made[0] == made[1]
    assert str(tmp_path) not in json.dumps(made[0][2])
    assert made[0][2]["version"] == speech.check_engine(engine)
    assert "silero_vad" in made[0][2]["version"]


def test_a_worker_that_was_killed_is_started_again(tmp_path: Path) -> None:
    video = make_video(tmp_path / "1.mp4", speak(SHORT))
    engine = PocketsphinxEngine(speech.SpeechSettings.parse(settings()))
    windows = list(vad.listen(video).windows)
    before = engine.recognise(windows, None)
    engine._worker._process.kill()
    assert engine.recognise(windows, None) == before
    process = engine._worker._process
    del engine
    process.wait(timeout=60)


# ---- What is missing, and what is wrong ----


def test_an_unavailable_model_is_reported_with_the_remedy(tmp_path: Path) -> None:
    code = (
        "import sys; from scripts import speech; from scripts.errors import ConfigError\n"
        "try: speech.check_engine(eval(sys.argv[1]))\n"
        "except ConfigError as error: print(error)"
    )
    chosen = settings(engine="faster-whisper", model="tiny", model_folder=str(tmp_path))
    done = subprocess.run(
        [sys.executable, "-c", code, repr(chosen)],
        env=os.environ | {"HF_ENDPOINT": "http://127.0.0.1:9", "HF_HUB_OFFLINE": "0"},
        capture_output=True,
        text=True,
        check=True,
        timeout=600,
    )
    said = done.stdout.strip()
    assert "\n" not in said
    for part in ("'tiny'", str(tmp_path / "tiny"), "by hand", "speech.engine: pocketsphinx"):
        assert part in said


@pytest.mark.parametrize(
    ("wrong", "remedy"),
    [
        ({"engine": "pocketsphinx", "language": "de"}, "Choose speech.engine: faster-whisper"),
        ({"language": "xx"}, "It can be: auto, "),
        ({"model": "tinyy"}, "or one of: tiny.en"),
        ({"compute_type": "float16", "device": "cpu"}, "It can be auto, "),
    ],
)
def test_settings_that_do_not_work_are_reported_beforehand(
    model: Path, wrong: dict[str, Any], remedy: str
) -> None:
    chosen = settings(**({"engine": "faster-whisper", "model": str(model)} | wrong))
    with pytest.raises(ConfigError) as caught:
        speech.check_engine(chosen)
    assert remedy in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.skipif(ctranslate2.get_cuda_device_count() > 0, reason="there is a graphics card")
def test_a_missing_graphics_card_is_reported_with_the_remedy(model: Path) -> None:
    chosen = settings(engine="faster-whisper", model=str(model), device="cuda")
    with pytest.raises(ConfigError, match=r"set speech\.device: cpu"):
        speech.check_engine(chosen)


def test_a_damaged_model_is_reported_beforehand(tmp_path: Path, model: Path) -> None:
    folder = tmp_path / "models" / "owner--name"
    folder.mkdir(parents=True)
    for file in model.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    chosen = settings(engine="faster-whisper", model="owner/name", model_folder=str(folder.parent))
    assert " owner--name " in speech.check_engine(chosen)  # put there by hand
    other = chosen | {"beam_size": 2}  # what is loaded stays
    (folder / "model.bin").write_bytes(b"no model")
    with pytest.raises(ConfigError, match="is damaged or incomplete"):
        speech.check_engine(other)
    (folder / "tokenizer.json").unlink()
    with pytest.raises(ConfigError, match=r"lacks tokenizer\.json"):
        speech.check_engine(settings(engine="faster-whisper", model=str(folder)))


@pytest.mark.parametrize(
    ("name", "kept"),
    [("model.bin", 0), ("model.bin", 3), ("model.bin", 1_000_000), ("config.json", 100),
     ("tokenizer.json", 1000), ("vocabulary.json", 1000)],
)  # fmt: skip
def test_a_model_that_was_cut_is_to_be_copied_again(
    tmp_path: Path, model: Path, name: str, kept: int
) -> None:
    folder = tmp_path / "cut"
    shutil.copytree(model, folder)
    (folder / name).write_bytes((model / name).read_bytes()[:kept])
    with pytest.raises(ConfigError) as caught:
        speech.check_engine(settings(engine="faster-whisper", model=str(folder)))
    for part in (str(folder), "damaged or incomplete", "Copy it there again"):
        assert part in str(caught.value)
    assert "compute_type" not in str(caught.value)


def test_another_revision_of_a_model_is_another_folder(tmp_path: Path, model: Path) -> None:
    shutil.copytree(model, tmp_path / "owner--name")
    shutil.copytree(model, tmp_path / "owner--name@v2")
    chosen = settings(engine="faster-whisper", model="owner/name", model_folder=str(tmp_path))
    assert find_model(whisper_model(SpeechSettings.parse(chosen))).name == "owner--name"
    other = SpeechSettings.parse(chosen | {"revision": "v2"})
    assert find_model(whisper_model(other)).name == "owner--name@v2"


@pytest.mark.parametrize(
    "wrong",
    [{"engine": "whisper"}, {"prefer": "none"}, {"language": "English"}, {"device": "gpu"},
     {"compute_type": "fast"}, {"beam_size": 0}, {"batch_size": 0}, {"model": ""}],
)  # fmt: skip
def test_settings_that_no_engine_takes_are_refused(wrong: dict[str, Any]) -> None:
    (setting,) = wrong
    with pytest.raises(ConfigError, match=f"`speech.{setting}"):
        check_configuration(configuration(**wrong))


def test_every_engine_can_be_configured() -> None:
    for name in speech.ENGINES:
        check_configuration(configuration(engine=name))


def test_importing_speech_imports_no_engine() -> None:
    code = (
        "import sys; from scripts import speech\n"
        "heavy = {'faster_whisper', 'ctranslate2', 'pocketsphinx', 'onnxruntime', 'tokenizers'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


# ---- Half an hour ----


@pytest.mark.slow
def test_half_an_hour_is_transcribed_in_bounded_memory(tmp_path: Path) -> None:
    pause = silence(15 * 60)
    video = make_video(tmp_path / "1.mp4", np.concatenate([pause, speak(SHORT), pause, pause[:10]]))
    code = (
        "import resource, sys; from pathlib import Path; from scripts import speech\n"
        "video, made, settings = Path(sys.argv[1]), Path(sys.argv[2]), eval(sys.argv[3])\n"
        "speech.transcribe(made / 'none', None, made / 'a', made / 'b', made / 'c', settings)\n"
        "speech.listen(Path(sys.argv[4]))\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "speech.transcribe(video, None, made / 'a', made / 'b', made / 'c', settings)\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)"
    )
    short = make_video(tmp_path / "short.mp4", speak(SHORT))
    made = tmp_path / "made"
    arguments = [str(video), str(made), repr(settings()), str(short)]
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True
    )
    text = (made / "a").read_text("utf-8")
    assert jiwer.wer(words(SHORT), words(text)) <= 0.2
    start = webvtt.from_string((made / "b").read_text("utf-8"))[0].start_time.in_milliseconds()
    assert start == pytest.approx(15 * 60_000, abs=700)
    # All of it would be 115 MB.
    assert int(done.stdout) < 60_000


def test_blocks_are_short_and_complete(tmp_path: Path) -> None:
    sound = noise(75)
    blocks = list(decode(make_video(tmp_path / "1.mp4", sound, rate=44_100, layout="stereo")))
    assert [len(block.samples) for block in blocks[:-1]] == [30 * SAMPLES_PER_S] * 2
    assert [block.start for block in blocks[1:]] == [block.end for block in blocks[:-1]]
    assert blocks[-1].end == pytest.approx(len(sound), abs=3000)
    assert all(block.samples.dtype == np.float32 for block in blocks)
