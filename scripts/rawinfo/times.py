"""Find out when a post was made (unix seconds). Nothing here reads the clock."""

import math
from datetime import UTC, datetime

DAY_S = 86_400
# TikTok took over the posts of musical.ly, which opened in 2014, with the times in their ids.
EARLIEST_ID = int(datetime(2014, 1, 1, tzinfo=UTC).timestamp())
EARLIEST_CREATE_TIME = int(datetime(2016, 1, 1, tzinfo=UTC).timestamp())
LATEST_UNSCRAPED = 2**31 - 1


def is_create_time(seconds: float, scraped_at: float | None) -> bool:
    """True if a post or comment that was scraped at this time can be from then (unix seconds)."""
    return EARLIEST_CREATE_TIME <= seconds <= _latest(scraped_at)


def id_time(id: str, scraped_at: float | None) -> int | None:
    """Return the time in the upper bits of an id; None if no post can be from then."""
    seconds = int(id) >> 32
    return seconds if EARLIEST_ID <= seconds <= _latest(scraped_at) else None


def scrape_time(scraped_at: float | None) -> int | None:
    """Return the time of the scrape in whole seconds; None if the site did not exist yet."""
    if scraped_at is None or not math.isfinite(scraped_at):
        return None
    return int(scraped_at) if EARLIEST_ID <= scraped_at < 2**33 else None


def _latest(scraped_at: float | None) -> int:
    """Return a day after the scrape, because the clock of the scraping machine may be wrong."""
    scrape = scrape_time(scraped_at)
    return LATEST_UNSCRAPED if scrape is None else scrape + DAY_S
