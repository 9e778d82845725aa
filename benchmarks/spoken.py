"""Make up TikToks with texts, whose words are as rare and as common as those of a language."""

import json
import random
from collections.abc import Iterator
from functools import cache
from itertools import accumulate
from pathlib import Path
from typing import Any

from benchmarks.rawinfo import made_up_record
from benchmarks.workflow import RECORDS_PER_FILE, ids
from scripts.store.texts import text_path

VOCABULARY = 200_000
ZIPF = 1.0
COMMENTS = 18
SYLLABLES = [a + b for a in "bcdfghklmnprstvw" for b in ("a", "e", "i", "o", "u", "an", "er", "in")]


@cache
def vocabulary() -> tuple[list[str], list[float]]:
    """Words, the common ones first and shorter, and their cumulative weights (Zipf's law)."""
    chance = random.Random(1)
    words: dict[str, None] = {}
    while len(words) < VOCABULARY:
        syllables = 1 + (len(words) > 80) + (len(words) > 3_000) + chance.randrange(2)
        words["".join(chance.choices(SYLLABLES, k=syllables))] = None
    return list(words), list(accumulate(1 / (rank + 2) ** ZIPF for rank in range(VOCABULARY)))


def says(chance: random.Random, words: int) -> str:
    known, weights = vocabulary()
    return " ".join(chance.choices(known, cum_weights=weights, k=words))


def record(chance: random.Random, id: str) -> dict[str, Any]:
    """Raw info with a description, two hashtags and 18 comments: some 180 words."""
    tags = " ".join("#" + says(chance, 2).replace(" ", "") for _ in range(2))
    comment = made_up_record()["comments"][0]
    return {
        **made_up_record(),
        "id": id,
        "creator-username": f"@{says(chance, 1)}{chance.randrange(1000)}",
        "creator-nickname": says(chance, 2),
        "music-title": says(chance, 3),
        "description": f"{says(chance, 10)} {tags}",
        "comments": [
            {**comment, "comment-text": says(chance, chance.randrange(2, 18))}
            for _ in range(COMMENTS)
        ],
    }


def write_corpus(data: Path, count: int) -> None:
    """Raw info, and for half of the TikToks each a cover text (6 words) and speech (60 words)."""
    chance = random.Random(count)
    (data / "info").mkdir(parents=True)
    for kind in ("ocr", "speech"):
        (data / kind).mkdir()
    batch: list[dict[str, Any]] = []
    for number, id in enumerate(ids(count), start=1):
        batch.append(record(chance, id))
        for kind, words in (("ocr", 6), ("speech", 60)):
            if chance.random() < 0.5:
                text_path(data, kind, id).write_text(says(chance, words))
        if len(batch) == RECORDS_PER_FILE or number == count:
            file = data / "info" / f"batch_{number // RECORDS_PER_FILE:03}.json"
            file.write_text(json.dumps(batch, indent=1))
            batch = []


def queries(texts: Iterator[str], count: int) -> list[str]:
    """Three to five words of a text each, a third of which have a letter too few."""
    chance = random.Random(count)
    made = []
    for text in texts:
        words = chance.sample(text.split(), chance.randrange(3, 6))
        made.append(" ".join(_misspelt(word, chance) for word in words))
        if len(made) == count:
            break
    return made


def _misspelt(word: str, chance: random.Random) -> str:
    place = chance.randrange(1, max(2, len(word)))
    return word[:place] + word[place + 1 :] if chance.random() < 1 / 3 and len(word) > 4 else word
