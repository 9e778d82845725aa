"""What checks of videos cost and catch: `python -m benchmarks.verify [damages of each kind]`.

The clips are generated: 15 s, 576 x 1024, 1.5 MB, with grain; H.264 (index at the front and at the
end), HEVC and AV1 with AAC, and VP9 with Opus. All ways to check get the same random damages. A
flipped bit or foreign bytes within one frame leave a playable file, so no check has to catch them.
"""

import json
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import av

from benchmarks.programs import require
from scripts.errors import DamagedMediaError
from scripts.media.video import verify_video

WORK = Path(__file__).parent / "work" / "verify"
BLOCK = 4096
TIMED_RUNS = 10
CLIPS = {
    "h264-front.mp4": "-c:v libx264 -preset veryfast -movflags +faststart -c:a aac",
    "h264-end.mp4": "-c:v libx264 -preset veryfast -c:a aac",
    "hevc.mp4": "-c:v libx265 -preset ultrafast -x265-params log-level=none -tag:v hvc1 -c:a aac",
    "av1.mp4": "-c:v libsvtav1 -preset 12 -c:a aac",
    "vp9.webm": "-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -c:a libopus",
}


def make_clip(name: str) -> Path:
    """One of CLIPS, by the `ffmpeg` command; kept for the next run."""
    path = WORK / name
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        command = "ffmpeg -v error -y -f lavfi -i mandelbrot=s=576x1024:r=30,noise=alls=12:allf=t "
        command += "-f lavfi -i anoisesrc=a=0.1:c=pink -t 15 -pix_fmt yuv420p -b:v 700k -b:a 96k "
        command += f"-ar 48000 {CLIPS[name]}"
        subprocess.run([*command.split(), path], check=True, stderr=subprocess.DEVNULL)
    return path


def check_ours(path: Path) -> bool:
    """True if `verify_video` finds nothing wrong."""
    try:
        verify_video(path)
    except DamagedMediaError:
        return False
    return True


def check_ffprobe(path: Path) -> bool:
    return _is_silent("ffprobe", "-v", "error", path)


def check_ffmpeg(path: Path) -> bool:
    """Decode everything, as most people advise. It uses one thread, like the others."""
    return _is_silent("ffmpeg", "-v", "error", "-threads", "1", "-i", path, "-f", "null", "-")


def _is_silent(*command: str | Path) -> bool:
    done = subprocess.run(command, capture_output=True, check=False)
    return done.returncode == 0 and not done.stderr


def check_decoding(path: Path, explode: bool = False, skip: str | None = None) -> bool:
    """PyAV: check the number of packets, then decode all frames, or those that `skip` leaves."""
    try:
        with av.open(str(path)) as container:
            for stream in container.streams:
                stream.codec_context.thread_count = 1
                if explode:
                    stream.codec_context.options = {"err_detect": "explode"}
                if skip and stream.type == "video":
                    stream.codec_context.skip_frame = skip
            counts = [0] * len(container.streams)
            for packet in container.demux():
                counts[packet.stream_index] += packet.size > 0
                packet.decode()
            return all(s.frames in (0, counts[s.index]) for s in container.streams)
    except (av.FFmpegError, AttributeError):  # a stream without a codec
        return False


CHECKS: dict[str, Callable[[Path], bool]] = {
    "verify_video": check_ours,
    "ffprobe": check_ffprobe,
    "PyAV: key frames": lambda path: check_decoding(path, skip="NONKEY"),
    "PyAV: all frames": check_decoding,
    "PyAV: all, explode": lambda path: check_decoding(path, explode=True),
    "ffmpeg -f null": check_ffmpeg,
}


def damages(data: bytes, other: bytes, count: int) -> Iterator[tuple[str, bytes]]:
    """Yield `count` damaged copies of each kind (kind, bytes), always the same."""
    chance = random.Random(1)
    for _ in range(count):
        at = chance.randrange(1, len(data) - BLOCK)
        after = data[at + BLOCK :]
        yield "cut", data[:at]
        yield "zeroed block", data[:at] + bytes(BLOCK) + after
        yield "zeroed tail", data[:at] + bytes(len(data) - at)
        yield "spliced", data[:at] + other[at:]
        yield "(foreign 4 kB)", data[:at] + chance.randbytes(BLOCK) + after
        flipped = data[at] ^ 1 << chance.randrange(8)
        yield "(flipped bit)", data[:at] + bytes([flipped]) + data[at + 1 :]


def milliseconds(check: Callable[[Path], bool], path: Path) -> float:
    """The best of some runs on an intact file, which has to pass."""
    best = float("inf")
    for _ in range(TIMED_RUNS):
        start = time.perf_counter()
        if not check(path):
            raise RuntimeError(f"{path.name} is intact, but did not pass")
        best = min(best, time.perf_counter() - start)
    return best * 1000


def missed(check: Callable[[Path], bool], clip: Path, other: Path, count: int) -> dict[str, int]:
    """Damaged copies that passed, by kind."""
    victim = WORK / f"damaged{clip.suffix}"
    result: dict[str, int] = {}
    for kind, data in damages(clip.read_bytes(), other.read_bytes(), count):
        victim.write_bytes(data)
        result[kind] = result.get(kind, 0) + check(victim)
    return result


def main(count: int = 20) -> None:
    require("ffmpeg", "ffprobe")
    clips = [make_clip(name) for name in CLIPS]
    for clip in clips:
        other = clips[1] if clip is clips[0] else clips[0]
        print(f"{clip.name}: ms a clip, and copies missed of {count}")
        for name, check in CHECKS.items():
            cost = milliseconds(check, clip)
            passed = json.dumps(missed(check, clip, other, count)).replace('"', "")
            print(f"  {name:20} {cost:7.1f}  {passed}", flush=True)
    for threads in (1, 2):
        with ThreadPoolExecutor(threads) as pool:
            start = time.perf_counter()
            list(pool.map(check_ours, [clips[0]] * 100))
            print(f"{threads} threads: {100 / (time.perf_counter() - start):.0f} clips a second")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
