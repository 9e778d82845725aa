"""Make the demo's covers, videos and raw info from `tiktoks`: `python -m demo.make_media`.

This needs `flite` (a Debian package) for the voices. The results are committed, so nobody else
needs it. The same versions of the libraries give the same bytes.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import av
from PIL import Image, ImageDraw

from demo.drawings import background, font, paste_drawing, paste_words
from demo.tiktoks import COVERS, INFO, LINK_LIFE_S, TIKTOKS, VIDEOS, WEB_ID, YEAR_2100, Tiktok
from scripts.files import write_atomic

COVER_SIZE = (360, 640)
VIDEO_SIZE = (216, 384)
FRAMES_PER_S = 12
AUDIO_BITS_PER_S = 64_000
WORDS_A_CAPTION = 4

FIRST_DIALECT_ONLY = ("nightsky.lea", "grandpa.joe.tries")  # these are in no other file
IN_BOTH = "bakes.with.nora"  # the first dialect has an older scrape of it


def draw_cover(tiktok: Tiktok) -> Image.Image:
    """The cover: words at the top, the object below."""
    image = background(COVER_SIZE, tiktok.colors)
    paste_drawing(image, tiktok.drawing, 270, (180, 445))
    paste_words(image, tiktok.cover, tiktok.label, 42, top=90)
    return image


def draw_frames(tiktok: Tiktok, duration_s: float) -> Iterator[Image.Image]:
    """The frames of the video: the object bobs, and the spoken words appear as captions.

    Some videos also show other words for a while.
    """
    still = background(VIDEO_SIZE, tiktok.colors)
    paste_words(still, tiktok.cover, tiktok.label, 22, top=30)
    words = tiktok.speech.split()
    captions = [
        " ".join(words[start : start + WORDS_A_CAPTION])
        for start in range(0, len(words), WORDS_A_CAPTION)
    ]
    ends = [sum(map(len, captions[: n + 1])) for n in range(len(captions))]
    count = round(duration_s * FRAMES_PER_S)
    for number in range(count):
        image = still.copy()
        bob = abs((number % 12) - 6)
        paste_drawing(image, tiktok.drawing, 130, (108, 212 - bob))
        spoken = number / count * ends[-1]
        caption = next(text for text, end in zip(captions, ends, strict=True) if spoken < end)
        draw = ImageDraw.Draw(image)
        outline = {"stroke_width": 2, "stroke_fill": "#000000"}
        draw.text((108, 330), caption, "#ffffff", font(13), anchor="mm", **outline)
        if tiktok.screen and 0.3 <= number / count < 0.75:
            draw.text((108, 296), tiktok.screen, "#ffe66b", font(17), anchor="mm", **outline)
        draw.rectangle((0, 380, 216 * (number + 1) / count, 384), "#ffffff")
        yield image


def speak(tiktok: Tiktok) -> bytes:
    """The spoken script as a WAV file."""
    with tempfile.TemporaryDirectory() as folder:
        wav = Path(folder) / "speech.wav"
        command = ["flite", "-voice", tiktok.voice, "-t", tiktok.speech, wav]
        subprocess.run(command, check=True)
        return wav.read_bytes()


def encode(tiktok: Tiktok, wav: bytes) -> bytes:
    """An MP4 with H.264 and AAC, and with its index at the front, as on the site.

    With the index at the front, a file that was cut still opens: the hardest case for a check.
    """
    with av.open(BytesIO(wav)) as source:
        frames = list(source.decode(audio=0))
    duration_s = sum(frame.samples for frame in frames) / frames[0].sample_rate
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "video.mp4"
        options = {"movflags": "+faststart", "fflags": "+bitexact"}
        with av.open(path, "w", options=options) as container:
            video = container.add_stream("libx264", FRAMES_PER_S)
            video.width, video.height = VIDEO_SIZE
            video.pix_fmt = "yuv420p"
            # With several threads or assembler code, two runs may give different bytes.
            video.options = {"crf": "30", "preset": "slow", "x264-params": "threads=1:asm=0"}
            video.codec_context.flags |= av.codec.context.Flags.bitexact
            audio = container.add_stream("aac", frames[0].sample_rate, layout="mono")
            audio.bit_rate = AUDIO_BITS_PER_S
            audio.codec_context.flags |= av.codec.context.Flags.bitexact
            for image in draw_frames(tiktok, duration_s):
                container.mux(video.encode(av.VideoFrame.from_image(image)))
            container.mux(video.encode(None))
            for frame in frames:
                container.mux(audio.encode(frame))
            container.mux(audio.encode(None))
        return path.read_bytes()


def info(tiktok: Tiktok) -> dict[str, Any]:
    """The record in the third dialect, which the scraper writes."""
    return {
        "video-src": tiktok.video_link,
        "coverphoto-src": tiktok.cover_link,
        "permalink": tiktok.permalink,
        "web-id": WEB_ID,
        "id": tiktok.id,
        "like-count": tiktok.likes,
        "comment-count": tiktok.comment_count,
        "creator-username": f"@{tiktok.handle}",
        "creator-nickname": tiktok.nickname,
        "time-posted": "2d ago",
        "music-title": tiktok.music,
        "music-src": tiktok.music_link,
        "description": tiktok.description,
        "comments": [
            {
                "commenter-username": comment.name,
                "comment-text": comment.text,
                "time-posted": comment.time,
                "like-count": comment.likes,
                "replies-count": comment.replies,
            }
            for comment in tiktok.comments
        ],
        "scrape-timestamp": tiktok.scraped_at,
    }


def info_in_first_dialect(tiktok: Tiktok) -> dict[str, Any]:
    """The record as the first scraper wrote it: other names, no number of replies."""
    renamed = {
        "creator-username": "username",
        "creator-nickname": "nickname",
        "time-posted": "posted",
        "commenter-username": "username",
        "comment-text": "text",
    }
    record = {renamed.get(key, key): value for key, value in info(tiktok).items()}
    record["comments"] = [
        {
            "username": comment["commenter-username"],
            "text": comment["comment-text"],
            "time": comment["time-posted"],
            "like-count": comment["like-count"],
        }
        for comment in record["comments"]
    ]
    return record


def older(record: dict[str, Any]) -> dict[str, Any]:
    """The record as it was a day earlier: fewer likes and comments, a link that has expired."""
    scraped_at = record["scrape-timestamp"] - 86400
    expire = int(scraped_at) + LINK_LIFE_S
    return record | {
        "video-src": record["video-src"].replace(f"expire={YEAR_2100}", f"expire={expire}"),
        "posted": "1d ago",
        "like-count": "9120",
        "comment-count": "41",
        "comments": record["comments"][:2],
        "scrape-timestamp": scraped_at,
    }


def write_info() -> None:
    """Write both raw-info files."""
    third = [info(tiktok) for tiktok in TIKTOKS if tiktok.handle not in FIRST_DIALECT_ONLY]
    first = [
        older(record) if record["username"] == f"@{IN_BOTH}" else record
        for record in map(info_in_first_dialect, TIKTOKS)
        if record["username"].removeprefix("@") in (*FIRST_DIALECT_ONLY, IN_BOTH)
    ]
    for name, records in (("demo.json", third), ("demo_first_dialect.json", first)):
        write_atomic(INFO / name, json.dumps(records, ensure_ascii=False, indent=1) + "\n")


def main() -> None:
    for tiktok in TIKTOKS:
        jpeg = BytesIO()
        draw_cover(tiktok).save(jpeg, "JPEG", quality=82, optimize=True)
        write_atomic(tiktok.cover_file, jpeg.getvalue())
        write_atomic(tiktok.video_file, encode(tiktok, speak(tiktok)))
    write_info()
    made = {tiktok.id for tiktok in TIKTOKS}
    for path in (*VIDEOS.iterdir(), *COVERS.iterdir()):
        if path.stem not in made:
            path.unlink()
    print(f"{len(TIKTOKS)} TikToks made", file=sys.stderr)


if __name__ == "__main__":
    main()
