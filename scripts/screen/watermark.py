"""The site's own marks on a downloaded video: its name, and the handle of the creator."""

from scripts.screen.tracking import plain, similarity

SITE = "tiktok"
ALIKE = 0.8  # similarity of a reading to a mark
NOTE_LETTERS = 2  # engines read the note before the site's name as at most so many letters
LONG = 6  # letters; a shorter handle may also be a common word


def is_watermark(text: str, handle: str | None) -> bool:
    """True if a line contains only the site's name or the creator's handle ("@maker")."""
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
    is_marked = not word[0].isalnum() or letters[1:] == name  # engines may read the @ as a letter
    return (is_marked or len(name) >= LONG) and similarity(letters, name) >= ALIKE
