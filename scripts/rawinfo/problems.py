"""Describe what could not be read in raw info, and what to do about it."""

from collections.abc import Callable
from dataclasses import dataclass

from scripts.counts import counted

MAX_PROBLEMS_PER_FILE = 1000


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that could not be read. `str()` gives a sentence for people.

    record: the number of the record with the problem, from 1, if it is in one record. id: the id of
    that record, if known.
    """

    file: str
    record: int | None
    id: str | None
    message: str
    remedy: str

    def __str__(self) -> str:
        place = printable(self.file)
        if self.record is not None:
            place += f", record {self.record}"
        if self.id is not None:
            place += f" (id {self.id})"
        return f"{place}: {self.message}. {self.remedy}."


Report = Callable[[Problem], None]


class LimitedReport:
    """Reports the first problems of a file, and counts the others: there may be millions."""

    def __init__(self, file: str, report: Report) -> None:
        self._file, self._report = file, report
        self._count = 0

    def __call__(self, problem: Problem) -> None:
        self._count += 1
        if self._count <= MAX_PROBLEMS_PER_FILE:
            self._report(problem)

    def finish(self) -> None:
        """Report how many problems were only counted."""
        more = self._count - MAX_PROBLEMS_PER_FILE
        if more > 0:
            message = f"{counted(more, 'more problems', 'are')} not listed"
            self._report(Problem(self._file, None, None, message, "Fix the listed ones first"))


def printable(name: str) -> str:
    """Return a file name on one line, with `?` for bytes that are not UTF-8."""
    text = name.encode("utf-8", "replace").decode()
    return "".join(char if char.isprintable() else "?" for char in text)
