"""Make each engine once in a thread, and check it once in a process."""

import threading
from collections.abc import Callable, Hashable
from functools import cache, wraps
from typing import Generic, TypeVar

from scripts.errors import ConfigError

Settings = TypeVar("Settings", bound=Hashable)
Engine = TypeVar("Engine")


class OnePerThread(Generic[Settings, Engine]):
    """Calls `make` once for each settings and thread.

    Engines are slow to load, and few of them are thread-safe.
    """

    def __init__(self, make: Callable[[Settings], Engine]) -> None:
        self._make = make
        self._of_thread = threading.local()

    def __call__(self, settings: Settings) -> Engine:
        engines: dict[Settings, Engine] = self._of_thread.__dict__.setdefault("engines", {})
        if settings not in engines:
            engines[settings] = self._make(settings)
        return engines[settings]


def asked_once(check: Callable[[Settings], str]) -> Callable[[Settings], str]:
    """Wrap `check` so that it keeps its answer, or its ConfigError.

    Otherwise, every text would look again for a missing engine or model.
    """

    @cache
    def find(settings: Settings) -> str | ConfigError:
        try:
            return check(settings)
        except ConfigError as error:
            return error

    @wraps(check)
    def ask(settings: Settings) -> str:
        found = find(settings)
        if isinstance(found, ConfigError):
            raise ConfigError(str(found))  # a new one, because each has its own traceback
        return found

    return ask
