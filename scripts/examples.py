"""Long lists, cut short in messages."""

from collections.abc import Sequence

FEW = 3


def examples(names: Sequence[str], separator: str = ", ", most: int = FEW) -> str:
    """The first ones, and how many more there are."""
    rest = len(names) - most
    return separator.join(names[:most]) + (f" and {rest:,} more" if rest > 0 else "")
