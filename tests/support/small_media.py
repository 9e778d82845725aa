"""The demo's media, but small: reading and checking them costs a tenth of the time."""

import tempfile
from functools import cache
from pathlib import Path

import av

from demo.drawings import background, paste_words
from demo.tiktoks import TIKTOKS

COVER_SIZE = (144, 256)
VIDEO_S = 1.5
_folder = tempfile.TemporaryDirectory(prefix="small-media-")


@cache
def small_media() -> Path:
    """The folder of the media, for `Site`: covers of one line, and the beginnings of videos."""
    folder = Path(_folder.name)
    for kind in ("covers", "videos"):
        (folder / kind).mkdir()
    for tiktok in TIKTOKS:
        cover = background(COVER_SIZE, tiktok.colors)
        paste_words(cover, tiktok.cover[:1], tiktok.label, 24, top=100)
        cover.save(folder / "covers" / f"{tiktok.id}.jpg")
        copy_beginning(tiktok.video_file, folder / "videos" / f"{tiktok.id}.mp4")
    return folder


def small_covers() -> Path:
    """A folder with the covers only, so `Site` serves the demo's videos."""
    return small_media() / "covers"


def copy_beginning(video: Path, copy: Path) -> None:
    with av.open(video) as source, av.open(copy, "w") as target:
        streams = {s.index: target.add_stream_from_template(s) for s in source.streams}
        for packet in source.demux():
            if packet.dts is not None and packet.dts * packet.time_base < VIDEO_S:
                packet.stream = streams[packet.stream.index]
                target.mux(packet)
