"""The errors of this project, in one tree, and how their messages list things."""

from collections.abc import Sequence

FEW = 3


class CorpusError(Exception):
    """The base of all errors that a user can fix. The message says how."""


class ConfigError(CorpusError):
    """A setting, or a file that the user wrote, can't be used."""


class RawInfoError(CorpusError):
    """A raw-info file or one of its records can't be read."""


class DamagedMediaError(CorpusError):
    """A file is incomplete, or is not of the expected kind."""


class UnavailableError(CorpusError):
    """Somebody asked for a file by name, and it can't be downloaded."""


class StorageError(CorpusError):
    """The disk is full, read-only or failing, so the run has to stop."""


class MirrorError(CorpusError):
    """The mirror lacks a file, has a different one, or can't be reached."""


def examples(names: Sequence[str], separator: str = ", ", most: int = FEW) -> str:
    """List the first names, and say how many more there are."""
    rest = len(names) - most
    return separator.join(names[:most]) + (f" and {rest:,} more" if rest > 0 else "")
