"""Switch the stand-in's faults: which link fails, how, and how many times."""

from collections import Counter
from threading import Lock
from urllib.parse import parse_qs, urlsplit

from demo.faults import CONNECTION_FAULTS, FAULTS, HTTP_FAULTS


class Faults(dict[str, str]):
    """The links that fail now: `faults[<part of a link>] = "cut"`, or `"cut*2"` for the first two
    requests of each link that it matches, or `"none"` for a link that names a fault itself.

    The longest match counts first, then `demo-fault=<name>` in a link's query, then a host that
    begins with `fault-<name>.`. A connection fault can only match `https://<host>/`.
    Raises ValueError for an unknown fault.
    """

    def __init__(self) -> None:
        super().__init__()
        self._lock = Lock()
        self._used: Counter[tuple[str, str]] = Counter()

    def __setitem__(self, part: str, fault: str) -> None:
        _parse(fault)
        with self._lock:
            self._used = Counter({key: n for key, n in self._used.items() if key[0] != part})
        super().__setitem__(part, fault)

    def of_connection(self, host: str) -> str:
        """The name of the fault for a new connection to `host`, or ""."""
        link = f"https://{host}/"
        return self._use(link, self._find(link), CONNECTION_FAULTS)

    def of_request(self, link: str) -> str:
        """The name of a request's fault, or "". Raises ValueError for a connection's fault."""
        if "demo-redirected=" in urlsplit(link).query:
            return ""
        part, fault = self._find(link)
        name, _ = _parse(fault)
        host_link = f"https://{urlsplit(link).netloc}/"
        if name in CONNECTION_FAULTS and self._find(host_link) != (part, fault):
            raise ValueError(f"fault {name} comes before the request: choose it by host")
        return self._use(link, (part, fault), HTTP_FAULTS)

    def _find(self, link: str) -> tuple[str, str]:
        matches = [(part, fault) for part, fault in list(self.items()) if part in link]
        if matches:
            return max(matches, key=lambda match: len(match[0]))
        parts = urlsplit(link)
        (asked, *_) = parse_qs(parts.query).get("demo-fault", [""])
        label = (parts.hostname or "").partition(".")[0]
        return "", asked or (label.removeprefix("fault-") if label.startswith("fault-") else "none")

    def _use(self, link: str, match: tuple[str, str], names: dict) -> str:
        part, fault = match
        name, times = _parse(fault)
        if name not in names:
            return ""
        with self._lock:
            self._used[part, link] += 1
            return name if times is None or self._used[part, link] <= times else ""


def _parse(fault: str) -> tuple[str, int | None]:
    """The name of a fault, and how many times it happens; None means always."""
    name, star, times = fault.partition("*")
    if name not in FAULTS and name != "none":
        raise ValueError(f"no fault {name!r}; there are: none, {', '.join(sorted(FAULTS))}")
    return name, int(times) if star else None
