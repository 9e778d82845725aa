"""Postpone texts to a later run if their engine can't run now.

Links expire within hours, so a missing engine or model must not keep a run from downloading. The
jobs of such texts leave empty files, as failed downloads do, and the run says at its end what is
missing. A text from an earlier run stays.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from scripts.counts import counted, them
from scripts.errors import ConfigError
from scripts.files import write_atomic
from scripts.store.text_kinds import TEXT_KINDS


class Postponed:
    """The texts that one run postpones, by kind, and the reasons."""

    def __init__(self) -> None:
        self._reasons: dict[str, str] = {}
        self._waiting: dict[str, list[str]] = {kind: [] for kind in TEXT_KINDS}

    def check(self, kind: str, check: Callable[[], object]) -> None:
        """Call `check`; if it raises ConfigError, texts of this kind that need it will wait."""
        try:
            check()
        except ConfigError as error:
            self._reasons[kind] = str(error)

    def make_or_postpone(self, kind: str, make: Callable[..., None]) -> Callable[..., None]:
        """Wrap `make(media, *files, *more)`, so that a text that can't be made now waits."""
        count = len(TEXT_KINDS[kind].suffixes) + 1

        def make_or_wait(media: Sequence[str], *arguments: Any) -> None:
            try:
                make(media, *arguments)
            except ConfigError:
                if kind not in self._reasons:
                    raise
                self._waiting[kind].append(str(arguments[0]))
                for file in map(Path, arguments[:count]):
                    if not file.exists():
                        write_atomic(file, b"", durable=False)

        return make_or_wait

    def explain(self) -> list[str]:
        """A sentence for each kind of text that waits: how many, why, and what to do."""
        return [
            f"{counted(count, TEXT_KINDS[kind].plural, 'are')} missing, and the next run makes "
            f"{them(count)}: {reason}"
            for kind, reason in self._reasons.items()
            if (count := len(self._waiting[kind]))
        ]
