"""The site's own marks on a downloaded video: its name, and the handle of the creator."""

from scripts.screen.tracking import plain, similarity

SITE = "tiktok"
ALIKE = 0.8  # similarity of what was read to a mark
NOTE_LETTERS = 2  # what the note in front of the site's name is read as, at most
LONG = 6  # letters of a handle that is no word by chance


def is_watermark(text: str, handle: str | None) -> bool:
    """True if a line holds nothing but the site's name and the handle ("@maker") of the creator."""
    words = text.split()
    rest = [word for word in words if not _is_mark(word, handle)]
    return len(rest) < len(words) and all(len(plain(word)) <= NOTE_LETTERS for word in rest)


def _is_mark(word: str, handle: str | None) -> bool:
    letters, name = plain(word), plain(handle or "")
    if letters.endswith(SITE) and len(letters) <= len(SITE) + NOTE_LETTERS:
        return True
    if similarity(letters, SITE) >= ALIKE:
        return True
    if not name:
        return False
    is_marked = not word[0].isalnum() or letters[1:] == name  # the @ may be read as a letter
    return (is_marked or len(name) >= LONG) and similarity(letters, name) >= ALIKE
