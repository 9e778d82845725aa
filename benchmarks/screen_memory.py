"""How much memory a long video takes: `python -m benchmarks.screen_memory [minutes]`.

It reads five minutes, and then an hour (or `minutes`), in which the captions of one generated
minute return again and again: each lasts for a few seconds, in up to three places. It prints the
lines, the processor time, and the most memory that the process took so far.
"""

import resource
import sys
import tempfile
from pathlib import Path

import av

from benchmarks.screen import SETTINGS, processor_s
from benchmarks.screen_videos import make_bare_film, save_film
from scripts import screen
from scripts.speech.captions import read_webvtt

SHORT = 5  # minutes
SEED, CAPTIONS = 1, 20  # more captions than fit into a minute


def main(minutes: int = 60) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        minute = folder / "minute.mp4"
        save_film(make_bare_film(SEED, 60, captions=CAPTIONS), minute)
        for count in (SHORT, minutes):
            long = folder / f"{count}.mp4"
            repeat(minute, long, count)
            print(f"{count} minutes: {measure(long, folder)}", flush=True)


def measure(video: Path, folder: Path) -> str:
    """Read a video as the rule does, to its end."""
    files = [folder / name for name in ("a.txt", "a.vtt", "a.json", "receipt.json")]
    before = processor_s()
    screen.read_screen([video], *files, SETTINGS | {"max_seconds": 24 * 3600})
    took_s = processor_s() - before
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    count = len(read_webvtt(files[1]))
    return f"{count} lines, {took_s:.0f} s of processor time, at most {peak_mb:.0f} MB"


def repeat(path: Path, target: Path, times: int) -> None:
    """Write a video that shows another one over and over."""
    with av.open(path) as source, av.open(target, "w") as container:
        stream = source.streams.video[0]
        copy = container.add_stream_from_template(stream)
        packets = [packet for packet in source.demux(stream) if packet.size]
        length = stream.duration
        for number in range(times):
            for packet in packets:
                again = av.Packet(bytes(packet))
                again.pts, again.dts = packet.pts + number * length, packet.dts + number * length
                again.time_base, again.stream = packet.time_base, copy
                again.is_keyframe = packet.is_keyframe
                container.mux(again)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
