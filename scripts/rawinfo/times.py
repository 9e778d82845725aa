"""When a post was made, as far as its record tells. Unix seconds; nothing here reads the clock."""

import math
from datetime import UTC, datetime

DAY_S = 86_400
# TikTok took posts over from musical.ly, which opened in 2014. They kept the time in their ids.
EARLIEST_ID = int(datetime(2014, 1, 1, tzinfo=UTC).timestamp())
EARLIEST_CREATE_TIME = int(datetime(2016, 1, 1, tzinfo=UTC).timestamp())
LATEST_UNSCRAPED = 2**31 - 1


def is_create_time(seconds: float, scraped_at: float | None) -> bool:
    """Whether a post or comment that was scraped then can be of this time."""
    return EARLIEST_CREATE_TIME <= seconds <= _latest(scraped_at)


def id_time(id: str, scraped_at: float | None) -> int | None:
    """The time in the upper bits of an id; None if a post can't be of that time."""
    seconds = int(id) >> 32
    return seconds if EARLIEST_ID <= seconds <= _latest(scraped_at) else None


def scrape_time(scraped_at: float | None) -> int | None:
    """The scrape in whole seconds; None if there was nothing to scrape yet."""
    if scraped_at is None or not math.isfinite(scraped_at):
        return None
    return int(scraped_at) if EARLIEST_ID <= scraped_at < 2**33 else None


def _latest(scraped_at: float | None) -> int:
    """A day after the scrape: the clock of the scraping machine may be wrong."""
    scrape = scrape_time(scraped_at)
    return LATEST_UNSCRAPED if scrape is None else scrape + DAY_S
