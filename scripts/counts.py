"""Counts in sentences."""

_VERBS = {"are": "is", "were": "was", "match": "matches", "have": "has"}


def counted(number: int, plural: str, verb: str = "") -> str:
    """Return `1 file` or `2,000 files`; with the verb `are`, `1 file is` or `2,000 files are`.

    plural: what is counted; of several words before `of`, the last ends in s.
    """
    if number == 1:
        noun, *of = plural.split(" of ", 1)
        noun = f"{noun[:-3]}y" if noun.endswith("ies") else noun.removesuffix("s")
        plural, verb = " of ".join([noun, *of]), _VERBS.get(verb, verb)
    return " ".join(filter(None, (f"{number:,}", plural, verb)))


def them(number: int) -> str:
    """Return the pronoun for so many things: `it` or `them`."""
    return "it" if number == 1 else "them"
