"""How fast and in how much memory each format is read, next to the standard library's readers.

`python -m benchmarks.formats [MB] [format …]` writes a file in each format, with elements of the
size and shape that the site and the tools write. New processes read it in turn: with `json.load`,
`json.loads` for each line or `csv.DictReader`, which give objects; with our reader, which gives
validated records; and with the catalogue, which also keeps the place and the links of each record.
Of several readings, the fastest counts, because other programs disturb the rest.
"""

import csv
import gzip
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

from scripts.rawinfo.catalogue import build_catalogue
from scripts.rawinfo.problems import Problem
from scripts.rawinfo.reading import read_items

ROOT = Path(__file__).parent.parent
EXAMPLES = json.loads((ROOT / "tests" / "items.json").read_text("utf-8"))
FIRST_ID = 7_171_915_622_962_351_935
DEFAULT_MB = 30


def _link(host: str, number: int, size: int = 300) -> str:
    return f"https://{host}.tiktokcdn.com/video/tos/{number}/?{'a' * size}"


def _picture(number: int) -> dict[str, Any]:
    return {"uri": f"tos-{number}", "url_list": [_link("p16", n) for n in range(3)], "width": 720}


def _items() -> Iterator[dict[str, Any]]:
    item = EXAMPLES["posts"][0]["item"]
    formats = [
        {
            "Bitrate": 900_000 + n,
            "BitrateFPS": 30,
            "CodecType": "h264",
            "GearName": f"normal_{n}",
            "MVMAF": '{"v2.0": {"srv1": {"v1080": 92.1}}}',
            "PlayAddr": {
                **{"DataSize": 2_000_000 + n, "FileCs": f"c:0-{n}", "FileHash": "0" * 32},
                **{"Height": 1024, "Width": 576, "Uri": f"v{n}", "UrlKey": f"v{n}_h264_540p"},
                "UrlList": [_link("v16", n), _link("v19", n), _link("www", n)],
            },
            "QualityType": 10 + n,
        }
        for n in range(3)
    ]
    tags = [
        {"id": str(n), "title": f"tag{n}", "desc": "", "profileLarger": "", "coverLarger": ""}
        for n in range(6)
    ]
    extras = [
        {
            **{"awemeId": "", "start": n, "end": n + 5, "hashtagName": f"tag{n}", "hashtagId": ""},
            **{"type": 1, "userId": "", "isCommerce": False, "subType": 0, "secUid": ""},
        }
        for n in range(6)
    ]
    subtitles = [
        {
            **{"LanguageID": str(n), "LanguageCodeName": "eng-US", "Format": "webvtt", "Size": n},
            **{"Url": _link("v16", n), "UrlExpire": 1722800000, "Version": "1", "Source": "MT"},
        }
        for n in range(4)
    ]
    for id in count(FIRST_ID):
        video = item["video"] | {"bitrateInfo": formats, "subtitleInfos": subtitles}
        yield item | {"id": str(id), "video": video, "challenges": tags, "textExtra": extras}


def _records() -> Iterator[dict[str, Any]]:
    record = EXAMPLES["posts"][0]["record"]
    comments = [one["record"] for one in EXAMPLES["comments"][:2]] * 9
    for id in count(FIRST_ID):
        yield record | {
            "id": str(id),
            "permalink": f"https://www.tiktok.com/@a/video/{id}",
            "comments": comments,
        }


def _envelope(kind: str, data: dict[str, Any], number: int) -> dict[str, Any]:
    return {
        "nav_index": f"{number}:0",
        "item_id": data.get("id") or data.get("cid"),
        "timestamp_collected": 1722700000421,
        "source_platform": kind,
        "source_platform_url": "https://www.tiktok.com/",
        "source_url": "https://www.tiktok.com/api/?" + "a" * 900,
        "user_agent": "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
        "data": data,
        "id": number,
    }


def _envelopes() -> Iterator[dict[str, Any]]:
    for number, item in enumerate(_items()):
        yield _envelope("tiktok.com", item, number)


def _comments() -> Iterator[dict[str, Any]]:
    comment = EXAMPLES["comments"][0]["item"]
    unknown = ("account_labels", "ad_cover_url", "advance_feature_item_order", "bold_fields")
    user = {
        **{f"{name}_{n}": None for name in unknown for n in range(10)},
        **{"avatar_thumb": _picture(1), "custom_verify": "", "predicted_age_group": "", "sec": "S"},
    }
    share = {"acl": {"code": 0, "extra": "{}"}, "desc": "words " * 20, "url": _link("m", 1)}
    for number, cid in enumerate(count(FIRST_ID)):
        data = {**comment, "cid": str(cid), "share_info": share, "user": user | comment["user"]}
        yield _envelope("tiktok-comments", data, number)


def _rows() -> Iterator[dict[str, Any]]:
    unread = ("thread_id", "author_avatar", "is_duet", "is_paid_partnership", "is_sensitive")
    unread += ("is_photosensitive", "music_url", "music_thumbnail", "challenges", "warning")
    for id in count(FIRST_ID):
        yield {
            **{"collected_from_url": "https://www.tiktok.com/tag/a", "id": str(id)},
            **{"author": "maker", "author_full": "A Maker", "author_followers": "1200"},
            **{"author_likes": "56000", "author_videos": "78", "body": "some words, " * 20},
            **{"stickers": "", "timestamp": "2024-08-02 12:00:00", "unix_timestamp": "1722600000"},
            **{"is_ad": "no", "music_name": "original sound", "music_id": str(id - 1)},
            **{"music_author": "A Maker", "video_url": _link("v16", 1), "likes": "1234"},
            **{"tiktok_url": f"https://tiktok.com/@maker/video/{id}", "comments": "56"},
            **{"thumbnail_url": _link("p16", 2), "shares": "7", "plays": "89000"},
            **{"hashtags": "a,b,c", "location_created": "DE", "effects": ""},
            **dict.fromkeys(unread, "no"),
        }


def _yt_dlp() -> Iterator[dict[str, Any]]:
    agent = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0"
    formats = [
        {
            **{"format_id": f"h264_540p_{n}", "ext": "mp4", "url": _link("v16", n)},
            **{"vcodec": "h264", "acodec": "aac", "width": 576, "height": 1024, "tbr": 900 + n},
            **{"filesize": 2_000_000, "quality": n, "cookies": "a=b; " * 30, "protocol": "https"},
            "http_headers": {"User-Agent": agent, "Accept": "*/*", "Sec-Fetch-Mode": "navigate"},
        }
        for n in range(8)
    ]
    pictures = [{"id": name, "url": _link("p16", 1)} for name in ("dynamicCover", "cover")]
    for id in count(FIRST_ID):
        yield {
            **{"id": str(id), "extractor_key": "TikTok", "extractor": "TikTok", "_type": "video"},
            **{"title": "some words", "description": "some words, " * 20, "channel": "A Maker"},
            **{"timestamp": 1722600000, "uploader": "maker", "uploader_id": "1", "duration": 12},
            **{"view_count": 89_000, "like_count": 1234, "repost_count": 7, "comment_count": 56},
            **{"track": "original sound", "artists": ["A Maker"], "epoch": 1722700000},
            **{"formats": formats, "thumbnails": pictures, "subtitles": {}},
        }


MAKERS: dict[str, Callable[[], Iterator[dict[str, Any]]]] = {
    "raw info": _records,
    "items": _items,
    "Zeeschuimer": _envelopes,
    "Zeeschuimer, gzipped": _envelopes,
    "comments": _comments,
    "4CAT": _rows,
    "yt-dlp": _yt_dlp,
}
LISTS = ("raw info", "items", "yt-dlp")


def _write(path: Path, kind: str, size: int) -> None:
    opener = gzip.open if kind.endswith("gzipped") else open
    with opener(path, "wt", encoding="utf-8", newline="") as file:
        written = 0
        writer = None
        for number, value in enumerate(MAKERS[kind]()):
            if written > size:
                break
            text = json.dumps(value, ensure_ascii=False)
            written += len(text)
            if kind == "4CAT":
                writer = writer or csv.DictWriter(file, list(value))
                if number == 0:
                    writer.writeheader()
                writer.writerow(value)
            elif kind in LISTS:
                file.write(("[\n" if number == 0 else ",\n") + text)
            else:
                file.write(text + "\n")
        file.write("\n]\n" if kind in LISTS else "")


def _read_standard(path: Path, kind: str) -> None:
    opener = gzip.open if kind.endswith("gzipped") else open
    with opener(path, "rt", encoding="utf-8", newline="") as file:
        if kind == "4CAT":
            list(csv.DictReader(file))
        elif kind in LISTS:
            json.load(file)
        else:
            for line in file:
                json.loads(line)


def _read_ours(path: Path, kind: str) -> None:
    problems: list[Problem] = []
    for _ in read_items(path, problems.append):
        pass
    if problems:
        raise SystemExit(str(problems[0]))


def _catalogue(path: Path, kind: str) -> None:
    build_catalogue([path])


READERS: dict[str, Callable[[Path, str], None]] = {
    "nothing": lambda path, kind: None,
    "standard": _read_standard,
    "ours": _read_ours,
    "catalogue": _catalogue,
}
REPETITIONS = 5


def _measure(reader: str, path: Path, kind: str) -> tuple[float, float]:
    """Seconds of CPU time, and MB of peak memory."""
    command = [sys.executable, "-m", "benchmarks.formats", reader, str(path), kind]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    seconds, memory = map(float, done.stdout.split())
    return seconds, memory


def _line(kind: str, size: int) -> str:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "file"
        _write(path, kind, size)
        results = [
            {reader: _measure(reader, path, kind) for reader in READERS} for _ in range(REPETITIONS)
        ]
    seconds = {reader: min(one[reader][0] for one in results) for reader in READERS}
    idle, _, ours, catalogue = (max(one[reader][1] for one in results) for reader in READERS)
    standard = seconds["standard"]
    return (
        f"| {kind} | {size / 1e6 / seconds['ours']:.0f} | {size / 1e6 / standard:.0f} | "
        f"{seconds['ours'] / standard:.1f} | {seconds['catalogue'] / standard:.1f} | "
        f"{ours - idle:.0f} | {catalogue - idle:.0f} |"
    )


def main() -> None:
    """Print a table. With a reader, a file and its kind: read the file, and print the cost."""
    if sys.argv[1:] and sys.argv[1] in READERS:
        started = time.process_time()
        READERS[sys.argv[1]](Path(sys.argv[2]), sys.argv[3])
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
        print(time.process_time() - started, peak)
        return
    size = int(sys.argv[1] if sys.argv[1:] else DEFAULT_MB) * 1_000_000
    print(
        "| format | MB/s | standard library, MB/s | times its time | with the catalogue |", end=""
    )
    print(" memory, MB | with the catalogue |")
    print("|---|---|---|---|---|---|---|")
    for kind in sys.argv[2:] or MAKERS:
        print(_line(kind, size), flush=True)


if __name__ == "__main__":
    main()
