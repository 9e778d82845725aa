"""Remove the repetitions of roll-up captions.

Captions made by machines roll up the screen: each cue follows the previous one without a pause,
starts with its last lines, and adds words or a line. In every other track, words that appear twice
were said twice.
"""

from collections.abc import Sequence
from itertools import pairwise

from scripts.speech.engine import Cue

LONGEST_GAP_S = 0.1  # between cues that follow each other without a pause
SHORTEST_CUE_S = 0.1  # roll-up tracks have cues of 10 ms between two others
MAX_LINES = 4  # on the screen at once


def remove_repeats(cues: Sequence[Cue]) -> list[Cue]:
    """The cues, each on one line, without the words that a roll-up cue repeats.

    The cues are in order, and the text of each still has its line breaks.
    """
    if not cues:
        return []
    follows = [_follows(*pair) for pair in pairwise(cues)]
    repeats = [
        _repeated(before, cue) if follows_it else (0, False)
        for follows_it, (before, cue) in zip(follows, pairwise(cues), strict=True)
    ]
    # A cue that adds a line below others rolls up for certain. One that adds words to a line may
    # be a speaker's own repetition, unless most of the track does the same.
    is_growing = sum(words > 0 for words, _ in repeats) * 2 >= sum(follows)
    kept = [0, *(words if is_whole or is_growing else 0 for words, is_whole in repeats)]
    new = [
        Cue(" ".join(cue.text.split()[words:]), cue.start_s, cue.end_s)
        for cue, words in zip(cues, kept, strict=True)
    ]
    return [cue for cue in new if cue.text]


def _repeated(before: Cue, cue: Cue) -> tuple[int, bool]:
    """How many words of `cue` repeat the last whole lines of `before`; True if they end a line."""
    if before.text == cue.text:
        return (0, False) if _can_be_said_again(before, cue) else (len(cue.text.split()), True)
    lines = before.text.split("\n")[-MAX_LINES:]
    words = cue.text.split()
    for first in range(len(lines)):
        last_lines = lines[first:]
        repeated = " ".join(last_lines).split()
        if words[: len(repeated)] == repeated:
            is_whole = cue.text.split("\n")[: len(last_lines)] == last_lines
            return len(repeated), is_whole
    return 0, False


def _follows(before: Cue, cue: Cue) -> bool:
    """True if the times of both cues are known, with no pause between them."""
    if before.end_s is None or cue.start_s is None:
        return False
    return cue.start_s - before.end_s <= LONGEST_GAP_S


def _can_be_said_again(before: Cue, cue: Cue) -> bool:
    """True if the cue does not overlap the other one and lasts long enough to be read."""
    if before.end_s is None or cue.start_s is None or cue.end_s is None:
        return True
    return cue.start_s >= before.end_s and cue.end_s - cue.start_s >= SHORTEST_CUE_S
