"""How close per-cover OCR comes to the raw engine: `python -m benchmarks.ocr [covers] [repeats]`.

500 generated covers, on two cores. In turns, because other load changes the figures, it compares:

- tesserocr, with `tesseract` on two lists of files (one process on each core, which loads its model
  once: the fastest way to use the command);
- pytesseract, with `xargs -P2 -n1 tesseract` (one process for each cover);
- rapidocr: seconds for each cover.

Ours is measured as bare calls of `ocr.recognise` in two threads, and as the whole workflow:
`snakemake --cores 2 data/ocr.json`, with its start and without it.
"""

import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from benchmarks.rawinfo import made_up_record
from scripts import ocr
from scripts.store.media_kinds import COVERPHOTOS
from scripts.store.receipts import OK, Receipt, write_receipt

PROJECT = Path(__file__).parents[1]
WORK = Path(__file__).parent / "work" / "ocr"
SIZES = ((720, 1280), (1080, 1440))
WORDS = (  # noqa: SIM905  shorter than a list
    "wait for it the end best recipe ever my dog did this again how to fix your sleep day 12 of "
    "learning guitar they said it was impossible part 2 POV you forgot story time do not try this "
    "at home 5 things I wish I knew before moving out follow for more life hack 2022"
).split()
RAPIDOCR_COVERS = 20


def draw_cover(seed: int) -> Image.Image:
    """A photo-like picture (gradient, blotches, grain) with up to four lines of outlined text."""
    rng, chance = np.random.default_rng(seed), random.Random(seed)
    width, height = SIZES[seed % 2]
    blotches = Image.fromarray(rng.integers(0, 256, (9, 6, 3), dtype=np.uint8))
    picture = np.asarray(blotches.resize((width, height), Image.Resampling.BICUBIC), dtype=float)
    picture = 0.6 * picture + np.linspace(0, 90, height)[:, None, None]
    picture += rng.normal(0, 6, picture.shape)
    image = Image.fromarray(picture.clip(0, 255).astype(np.uint8))
    draw = ImageDraw.Draw(image)
    font = ImageFont.load_default(chance.randint(36, 60))
    for line in range(chance.randint(0, 4)):
        text = " ".join(chance.choices(WORDS, k=chance.randint(2, 4)))
        place = (chance.randint(20, 60), height * (0.3 + 0.15 * line))
        draw.text(place, text, font=font, fill="white", stroke_width=3, stroke_fill="black")
    return image


def make_covers(folder: Path, count: int) -> list[Path]:
    """Write `folder`/<id>.jpg, the same for the same count. Existing files are kept."""
    folder.mkdir(parents=True, exist_ok=True)
    covers = [folder / f"{7100000000000000000 + number}.jpg" for number in range(count)]
    for number, path in enumerate(covers):
        if not path.exists():
            draw_cover(number).save(path, quality=85)
    return covers


def recognise_all(covers: list[Path], engine: str) -> None:
    """Recognise all covers in two threads, with one call for each."""
    out = WORK / engine
    shutil.rmtree(out, ignore_errors=True)
    # Without preparation, it does the same work as the plain command.
    settings = {"engine": engine, "languages": ["eng"], "page_segmentation": 3, "prepare": False}
    ocr.check_engine(settings)

    def recognise(cover: Path) -> None:
        text, receipt = out / "ocr" / f"{cover.stem}.txt", out / "receipts" / f"{cover.stem}.json"
        ocr.recognise([cover], text, text.with_suffix(".json"), receipt, settings)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(recognise, covers))


def make_corpus(covers: list[Path]) -> Path:
    """A corpus whose covers have been downloaded, and nothing else."""
    folder = WORK / "corpus"
    shutil.rmtree(folder, ignore_errors=True)
    data = folder / "data"
    record = made_up_record() | {"video-src": ""}
    (data / "info").mkdir(parents=True)
    records = [record | {"id": cover.stem} for cover in covers]
    (data / "info" / "batch.json").write_text(json.dumps(records))
    COVERPHOTOS.receipt(data, "").parent.mkdir(parents=True)
    COVERPHOTOS.media(data, "").parent.mkdir()
    for cover in covers:
        media = COVERPHOTOS.media(data, cover.stem)
        shutil.copyfile(cover, media)
        size_bytes = media.stat().st_size
        receipt = Receipt(cover.stem, "coverphotos", OK, downloaded_at=1, size_bytes=size_bytes)
        write_receipt(COVERPHOTOS.receipt(data, cover.stem), receipt)
    return folder


def run_workflow(folder: Path, engine: str, *arguments: str) -> None:
    """Make all texts of the corpus with `snakemake`."""
    (folder / "config.yaml").write_text(json.dumps({"ocr": {"engine": engine, "prepare": False}}))
    command = [sys.executable, "-m", "snakemake", "--cores", "2", "--quiet", "all", *arguments]
    command += ["--snakefile", PROJECT / "Snakefile", "--directory", folder]
    command += ["--configfile", folder / "config.yaml", "--", "data/ocr.json"]
    subprocess.run(command, cwd=PROJECT, check=True, capture_output=True)


def forget_texts(folder: Path) -> None:
    for made in ("data/ocr", "data/ocr.json", "data/receipts/ocr", ".snakemake"):
        path = folder / made
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)


def run_lists(covers: list[Path]) -> None:
    """Run `tesseract` on the same covers as two lists, with one process on each core."""
    processes = []
    for half in range(2):
        names = WORK / f"list{half}.txt"
        names.write_text("".join(f"{cover}\n" for cover in covers[half::2]))
        processes.append(_tesseract(str(names), str(WORK / f"texts{half}")))
    for process in processes:
        if process.wait():
            raise RuntimeError("tesseract failed")


def run_xargs(covers: list[Path]) -> None:
    """Run `xargs -P2 -n1 tesseract`, with a text file for each cover."""
    out = WORK / "xargs"
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir()
    command = f'tesseract "$0" {out}/$(basename "$0" .jpg) 2>/dev/null'
    subprocess.run(
        ["xargs", "-P2", "-n1", "sh", "-c", command],
        input="".join(f"{cover}\n" for cover in covers),
        text=True,
        check=True,
    )


def _tesseract(source: str, target: str) -> subprocess.Popen[bytes]:
    environment = os.environ | {"OMP_THREAD_LIMIT": "1"}
    return subprocess.Popen(
        ["tesseract", source, target], stderr=subprocess.DEVNULL, env=environment
    )


def used_s() -> tuple[float, float]:
    """Seconds of wall clock, and of processor time by this process and its children."""
    return time.perf_counter(), sum(os.times()[:4])


def cost_ms(work: Callable[[], object], count: int) -> tuple[float, float]:
    """Wall-clock and processor time for one of `count` covers, in ms."""
    before = used_s()
    work()
    after = used_s()
    return (after[0] - before[0]) / count * 1000, (after[1] - before[1]) / count * 1000


def compare(
    covers: list[Path], repeats: int, engine: str, name: str, base: Callable[[list[Path]], None]
) -> None:
    """Run all ways in turns. Print their times, and the median ratios of ours to `base`."""
    corpus, count = make_corpus(covers), len(covers)
    columns = ("calls", "workflow", "without its start")
    ratios = []
    print(f"| {engine}, ms a cover: {' | '.join(columns)} | {name} |\n|---:|---:|---:|---:|")
    for _ in range(repeats):
        calls, _ = cost_ms(lambda: recognise_all(covers, engine), count)
        forget_texts(corpus)
        start, _ = cost_ms(lambda: run_workflow(corpus, engine, "--dry-run"), count)
        workflow, _ = cost_ms(lambda: run_workflow(corpus, engine), count)
        theirs, _ = cost_ms(lambda: base(covers), count)
        ours = (calls, workflow, workflow - start)
        ratios.append([time / theirs for time in ours])
        print("".join(f"| {time:.1f} " for time in (*ours, theirs)) + "|", flush=True)
    medians = (statistics.median(column) for column in zip(*ratios, strict=True))
    named = (f"{name} {ratio:.2f}" for name, ratio in zip(columns, medians, strict=True))
    print(f"Median ratios to {name}: {', '.join(named)}\n", flush=True)


def main(count: int = 500, repeats: int = 3) -> None:
    covers = make_covers(WORK / "coverphotos", count)
    compare(covers, repeats, "tesserocr", "tesseract on two lists", run_lists)
    compare(covers, repeats, "pytesseract", "xargs -P2 -n1 tesseract", run_xargs)
    few = covers[:RAPIDOCR_COVERS]
    recognise_all(few[:2], "rapidocr")  # loads the models
    wall_ms, _ = cost_ms(lambda: recognise_all(few, "rapidocr"), len(few))
    print(f"rapidocr: {wall_ms / 1000:.2f} s a cover")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
