"""The possible outcomes of asking the site about a post."""

from dataclasses import dataclass

OK = "ok"
GONE = "gone"
PRIVATE = "private"
AGE_RESTRICTED = "age-restricted"
REGION = "region"
LOGIN = "login"
BLOCKED = "blocked"
TRANSIENT = "transient"
OUTCOMES = (OK, GONE, PRIVATE, AGE_RESTRICTED, REGION, LOGIN, BLOCKED, TRANSIENT)

# The site refuses to answer at all: the next post would fare the same.
REFUSALS = (LOGIN, BLOCKED)
# After so many scrapes in a row with the same outcome, a post is given up. The site also tells a
# blocked address that a post is gone, so a second scrape has to confirm it.
FINAL_AFTER = {GONE: 2, PRIVATE: 1, AGE_RESTRICTED: 1, REGION: 1, TRANSIENT: 5}


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a post could not be scraped: one of `OUTCOMES`, and a sentence."""

    outcome: str
    reason: str
