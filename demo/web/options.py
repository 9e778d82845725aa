"""The behaviour of the stand-in's page: all options in the query of its address."""

from dataclasses import asdict, dataclass
from typing import Self
from urllib.parse import parse_qs, urlencode

FAULTS = (
    *("captcha", "login", "no-comments", "stale-comments", "endless-comments"),
    "foreign-comments",
)
GRIDS = ("profile", "liked", "collection", "hashtag", "search", "explore")


@dataclass(frozen=True, slots=True)
class Options:
    """The options, each with its default. They stay in the address from one post to the next.

    surface     `browse`: the player with arrows; `direct`: the page of one post; `feed`,
                `standalone`, `cinema`: the For You feed, the page of one post above others, and
                cinema mode, with several posts in one document; `profile`, `liked`, `collection`,
                `hashtag`, `search`, `explore`: grids of posts. A click on a post opens cinema mode
                on the first two, the player with arrows on the others
    selectors   `new`: the markup since 2025, whose comments open on a click; `old`: that of 2022
    rehydration the JSON in the HTML about the post that it was loaded for: `1` the script
                __UNIVERSAL_DATA_FOR_REHYDRATION__, `items` and `user-post` the same in other
                scopes of it, `brief` the same, removed as soon as the page starts, `sigi`
                SIGI_STATE, `0` none
    api         `1`: lists and comments come through `fetch`, replies through XMLHttpRequest;
                `0`: only the DOM can be read
    trusted     `1`: grids, feed, standalone and cinema pages ignore clicks that no person made
    signed      `1`: requests with the page's parameters are answered only if the page signed them;
                those with hardly any parameters are answered, too
    count       posts in the list
    start       number of the post at this address
    delay       `median,p99` in ms: how late video, description and comments come, each separately
    seed        seed of the delays
    virtual     `1`: comments are in the DOM only while they are near the visible part of the list
    video       the player's `src`: `link`, `blob`, `empty`
    photo       every so many posts (if it divides the number + 1) are in photo mode; 0: none
    words       the language of labels: `en`, `de`, `ja`
    session     `1`: videos need the cookie that the page sets
    csp         `1`: Trusted Types are enforced, and styles and scripts must be the page's; `2`:
                the site's two policies, as headers: an enforced one with a list of hosts, and one
                by which the browser reports inline scripts with their first characters
    fault       any number of these, with the numbers of posts: `captcha@3` and `login@3` (a dialog
                in place of the post), `no-comments@1,4` (they never come), `stale-comments` (the
                old ones stay until the new ones are there), `endless-comments` (empty pages
                follow the last one forever), `foreign-comments@2` (comments of the next post come
                with its own)
    """

    surface: str = "browse"
    selectors: str = "new"
    rehydration: str = "1"
    api: int = 1
    trusted: int = 0
    signed: int = 0
    count: int = 10
    start: int = 0
    delay: tuple[float, float] = (0.0, 0.0)
    seed: int = 1
    virtual: int = 0
    video: str = "link"
    photo: int = 0
    words: str = "en"
    session: int = 0
    csp: int = 0
    fault: tuple[str, ...] = ()

    @classmethod
    def from_query(cls, query: str) -> Self:
        """The options in `query`. Parameters with other names belong to the site."""
        given = {name: values for name, values in parse_qs(query).items() if name in cls.__slots__}
        return cls(**{name: _parse(name, values) for name, values in given.items()})

    def __post_init__(self) -> None:
        unknown = ", ".join(set(self.faults()) - set(FAULTS))
        if unknown:
            raise ValueError(f"no fault {unknown}: there are {', '.join(FAULTS)}")

    def query(self) -> str:
        """The query for these options, without those that have their defaults."""
        mine, default = asdict(self), asdict(DEFAULTS)
        changed = [key for key in mine if mine[key] != default[key]]
        return urlencode([pair for key in changed for pair in _pairs(key, mine[key])])

    @property
    def player(self) -> str:
        """The surface on which a single post opens."""
        if self.surface in GRIDS:
            return "cinema" if self.surface in ("profile", "liked") else "browse"
        return self.surface

    def is_photo(self, number: int) -> bool:
        return bool(self.photo) and (number + 1) % self.photo == 0

    def faults(self) -> dict[str, list[int]]:
        """The numbers of posts, by fault."""
        parts = [fault.partition("@") for fault in self.fault]
        return {name: [int(n) for n in numbers.split(",") if n] for name, _, numbers in parts}


DEFAULTS = Options()


def _parse(name: str, values: list[str]) -> object:
    """Parse `values` of the query by the type of the option's default."""
    if name == "fault":
        return tuple(values)
    if name == "delay":
        return tuple(map(float, values[0].split(",")))
    return type(getattr(DEFAULTS, name))(values[0])


def _pairs(key: str, value: object) -> list[tuple[str, object]]:
    if key == "fault":
        return [(key, fault) for fault in value]
    return [(key, ",".join(f"{part:g}" for part in value) if key == "delay" else value)]
