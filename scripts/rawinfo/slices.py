"""A slice of a corpus: some of its TikToks, so that a run need not build all of them at once."""

import zlib
from dataclasses import dataclass

from scripts.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Slice:
    """Slice `number` (from 1) of `count`. It contains the same TikToks on every machine."""

    number: int
    count: int

    def __contains__(self, id: str) -> bool:
        return self.count == 1 or zlib.crc32(id.encode()) % self.count == self.number - 1


EVERYTHING = Slice(1, 1)


def parse_slice(text: str) -> Slice:
    """Return the slice that "3/20" means; all TikToks for "". Raises ConfigError for "21/20"."""
    if not text:
        return EVERYTHING
    number, count = map(int, text.split("/"))
    if number > count:
        raise ConfigError(
            f"`slice` is {text}, but there are only {count} slices: 1/{count} is the first."
        )
    return Slice(number, count)
