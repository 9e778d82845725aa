"""The errors of this project, one tree, and how their messages list things."""

from collections.abc import Sequence

FEW = 3


class CorpusError(Exception):
    """Base of all errors that a user can do something about."""


class ConfigError(CorpusError):
    """The configuration asks for something that can't be done."""


class RawInfoError(CorpusError):
    """A raw-info file or one of its records can't be read."""


class DamagedMediaError(CorpusError):
    """A file is not the image or video it should be, or not all of it."""


class UnavailableError(CorpusError):
    """A file was asked for by its name that can't be downloaded."""


class StorageError(CorpusError):
    """The disk is full, read-only or failing: the run has to stop."""


class MirrorError(CorpusError):
    """The mirror doesn't have a file, has another one, or can't be reached."""


def examples(names: Sequence[str], separator: str = ", ", most: int = FEW) -> str:
    """The first ones, and how many more there are."""
    rest = len(names) - most
    return separator.join(names[:most]) + (f" and {rest:,} more" if rest > 0 else "")
