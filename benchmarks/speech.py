"""Compare transcription as in the workflow (one call for each file, in threads) with a plain loop.

`python -m benchmarks.speech [videos] [repeats]`. The loop decodes each video and passes its sound
to the engine, with as many threads, and does nothing else: no receipts, no files, no checks.
Because pocketsphinx holds Python's lock, the loop uses processes for it. faster-whisper runs with
the smallest possible model, with random weights, to show the cost of everything else. With a real
model, the ratio is nearer to 1.
"""

import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from demo.tiktoks import TIKTOKS
from scripts import speech
from scripts.files import write_atomic

PROJECT = Path(__file__).parents[1]
WORK = PROJECT / "benchmarks" / "work" / "speech"
THREADS = 2
_engine: Any = None


def make_videos(count: int) -> list[Path]:
    """The demo's videos, repeated under other names."""
    videos = []
    for number in range(count):
        videos.append(WORK / "videos" / f"{number}.mp4")
        if not videos[-1].exists():
            write_atomic(videos[-1], TIKTOKS[number % len(TIKTOKS)].video_file.read_bytes())
    return videos


def settings(**changes: Any) -> dict[str, Any]:
    config = yaml.safe_load((PROJECT / "config.yaml").read_text("utf-8"))
    return config["speech"] | changes


def transcribe_all(videos: list[Path], chosen: dict[str, Any]) -> None:
    """Transcribe all files in threads of one process, with one call for each."""

    def transcribe(video: Path) -> None:
        made = [WORK / "made" / f"{video.stem}{end}" for end in (".txt", ".vtt", ".json")]
        speech.transcribe(video, None, *made, chosen)

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(transcribe, videos))


def loop(pool: Executor, recognise: Callable[[Path], str], videos: list[Path]) -> None:
    list(pool.map(recognise, videos))


def decode(video: Path) -> np.ndarray:
    from faster_whisper.audio import decode_audio

    return decode_audio(str(video))


def load_pocketsphinx() -> None:
    import pocketsphinx

    from scripts.speech.pocketsphinx_engine import PARAMETERS

    global _engine
    _engine = pocketsphinx.Decoder(loglevel="FATAL", **PARAMETERS)


def with_pocketsphinx(video: Path) -> str:
    sound = (decode(video) * 32767).astype("<i2").tobytes()
    _engine.start_stream()
    _engine.start_utt()
    _engine.process_raw(sound, full_utt=True)
    _engine.end_utt()
    return _engine.hyp().hypstr if _engine.hyp() else ""


def with_whisper(pipeline: Any, video: Path) -> str:
    segments, _ = pipeline.transcribe(decode(video), without_timestamps=False, batch_size=8)
    return " ".join(segment.text for segment in segments)


def compare(
    name: str, videos: list[Path], repeats: int, ours: Callable[[], None], base: Callable[[], None]
) -> None:
    """Print how many seconds of sound both recognise in a second, and the median ratio of times."""
    sound_s = sum(speech.listen(video).duration_s for video in videos)
    ours(), base()  # load models and processes
    print(f"| {name}: calls, s/s | loop, s/s | ratio |\n|---:|---:|---:|")
    ratios = []
    for number in range(repeats):
        times = {}
        for work in (ours, base) if number % 2 else (base, ours):
            start = time.perf_counter()
            work()
            times[work] = time.perf_counter() - start
        ratios.append(times[ours] / times[base])
        print(f"| {sound_s / times[ours]:.1f} | {sound_s / times[base]:.1f} | {ratios[-1]:.2f} |")
    print(f"Median ratio: {statistics.median(ratios):.2f}\n", flush=True)


def make_model() -> Path:
    """The tests' model, made in a new process."""
    folder = WORK / "model"
    if not folder.exists():
        code = "import sys; from pathlib import Path; import speech_media as s\n"
        code += "s.make_whisper(Path(sys.argv[1]))"
        command = [sys.executable, "-c", code, str(folder)]
        subprocess.run(command, cwd=PROJECT / "tests", check=True)
    return folder


def main(count: int = 24, repeats: int = 3) -> None:
    videos = make_videos(count)
    chosen = settings(engine="pocketsphinx")
    context = get_context("spawn")
    with ProcessPoolExecutor(THREADS, context, load_pocketsphinx) as pool:
        ours, base = (
            partial(transcribe_all, videos, chosen),
            partial(loop, pool, with_pocketsphinx, videos),
        )
        compare("pocketsphinx", videos, repeats, ours, base)

    from faster_whisper import BatchedInferencePipeline, WhisperModel

    chosen = settings(model=str(make_model()), device="cpu", language="en")
    model = WhisperModel(
        chosen["model"], "cpu", compute_type="auto", cpu_threads=1, num_workers=THREADS
    )
    recognise = partial(with_whisper, BatchedInferencePipeline(model))
    with ThreadPoolExecutor(THREADS) as threads:
        ours, base = (
            partial(transcribe_all, videos, chosen),
            partial(loop, threads, recognise, videos),
        )
        compare("faster-whisper without weights", videos, repeats, ours, base)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
