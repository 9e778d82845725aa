"""Give each person of a corpus one pseudonym, the same wherever the person's name appears.

A pseudonym is `user_` and 16 hexadecimal digits of a keyed hash (HMAC-SHA256) of the handle.
Without the key, nobody can try out names. Capitals make no difference in handles. If a display name
belongs to only one handle of the corpus, it gets that handle's pseudonym; otherwise, its own.
"""

import hashlib
import hmac
import os
import re
import secrets
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from scripts.errors import ConfigError
from scripts.export.contacts import find_emails, find_telephone_numbers
from scripts.export.folding import FoldedText, fold_text
from scripts.export.names import Names
from scripts.files import storage_errors, sync
from scripts.rawinfo.formats.comments import CREATOR_ENDING

KEY_BYTES = 32
_AT = "@\uff20"
_MENTION = re.compile(rf"[{_AT}]([\w.]*\w)")


def read_key(file: Path) -> bytes:
    """Return the key in `file`. The first use makes it; only its owner may read the file."""
    if not file.exists():
        with storage_errors(file):
            file.parent.mkdir(parents=True, exist_ok=True)
            draft = file.with_name(f".{file.name}.part")
            draft.unlink(missing_ok=True)
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w") as opened:
                opened.write(secrets.token_hex(KEY_BYTES) + "\n")
                opened.flush()
                os.fsync(descriptor)
            draft.rename(file)
            sync(file.parent)
    try:
        key = bytes.fromhex(file.read_text("ascii").strip())
    except (OSError, ValueError) as error:
        raise ConfigError(_wrong_key(file)) from error
    if len(key) < KEY_BYTES:
        raise ConfigError(_wrong_key(file))
    return key


def _wrong_key(file: Path) -> str:
    return (
        f"{file} (export.key_file) does not contain {KEY_BYTES} bytes in hexadecimal digits. "
        "Restore it from your backup, or delete it: the next export makes a new key and other "
        "pseudonyms."
    )


class Pseudonyms:
    """The people of a corpus and their pseudonyms. Learn all names first, then replace."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._names = Names()
        self._handles: dict[str, set[str]] = defaultdict(set)  # by display name
        self._known: set[str] = set()  # handles

    # ---- Learn ----

    def learn_handle(self, handle: str | None) -> None:
        """Learn somebody's handle, with or without `@`."""
        name = _handle(handle)
        if name and name not in self._known:
            self._known.add(name)
            self._names.learn(name, name, name, is_handle=True)

    def learn_person(self, handle: str | None, shown: str | None) -> None:
        """Learn a person's handle and display name. Either may be unknown."""
        self.learn_handle(handle)
        if name := _shown(shown):
            known = _handle(handle)
            if known:
                self._handles[name].add(known)
            self._names.learn(_bare(shown), name, known or name)

    def learn_mentions(self, text: str | None) -> None:
        """Learn mentions. The first word may be a whole handle, or a part of a display name."""
        for name in map(_handle, _MENTION.findall(text or "")):
            self._names.learn(name, name, name)

    # ---- Replace ----

    def handle(self, handle: str | None) -> str | None:
        """The pseudonym of a handle, with `@` if it has one; None for an empty handle."""
        name = _handle(handle)
        if handle is None or not name:
            return None
        return ("@" if handle.strip().startswith("@") else "") + self._of(name)

    def shown(self, shown: str | None, handle: str | None = None) -> str | None:
        """The pseudonym of a display name: that of the handle, if it is known."""
        name = _shown(shown)
        if shown is None or not name:
            return None
        person = _handle(handle)
        pseudonym = self._of(person or self._only_handle(name))
        start = "@" if shown.strip().startswith("@") else ""
        return start + pseudonym + (CREATOR_ENDING if shown.endswith(CREATOR_ENDING) else "")

    def account(self, id: str | None) -> str | None:
        """The pseudonym of an account's id."""
        return None if id is None else self._of(f"id {id}")

    def comment(self, id: str | None) -> str | None:
        """The pseudonym of a comment's id, because the id leads to the author."""
        return None if id is None else self._of(f"comment {id}", "comment")

    def sound(self, id: str) -> str:
        """The pseudonym of a sound's id, because the id leads to the author."""
        return self._of(f"sound {id}", "sound")

    def text(self, text: str) -> str:
        """Replace names, mentions, e-mail addresses and telephone numbers in running text."""
        folded = fold_text(text)
        contacts = [
            (found.start, found.end, self._of(found.value, kind))
            for kind, find in (("user", find_emails), ("phone", find_telephone_numbers))
            for found in find(folded.folded)
        ]
        return self._without(folded, sorted(contacts))

    def without_names(self, text: str) -> str:
        """Replace names in a link or a technical text, whose numbers are not telephone numbers."""
        return self._without(fold_text(text), [])

    def _without(self, text: FoldedText, contacts: list[tuple[int, int, str]]) -> str:
        """The text with pseudonyms in place of its names and of these contacts."""
        starts = [start for start, _, _ in contacts]
        spans = list(contacts)
        for name in self._names.find(text):
            number = bisect_right(starts, name.start)
            is_inside = number > 0 and name.start < contacts[number - 1][1]
            if not is_inside and not (number < len(starts) and starts[number] < name.end):
                spans.append((name.start, name.end, self._of_name(name.of)))
        return "".join(_replaced(text, sorted(spans)))

    def _of_name(self, name: str) -> str:
        """The pseudonym of a name in running text: a handle, a display name, or a part of one."""
        handle = _handle(name)
        return self._of(handle if handle in self._known else self._only_handle(_shown(name)))

    def _only_handle(self, shown: str) -> str:
        """The handle with this display name if there is exactly one, or else the name."""
        handles = self._handles.get(shown, ())
        return next(iter(handles)) if len(handles) == 1 else shown

    def _of(self, name: str, kind: str = "user") -> str:
        digest = hmac.new(self._key, name.encode(), hashlib.sha256)
        return f"{kind}_{digest.hexdigest()[:16]}"


def _replaced(text: FoldedText, spans: list[tuple[int, int, str]]) -> Iterator[str]:
    done = 0
    for start, end, pseudonym in spans:
        first, after = text.source_span(start, end)
        yield text.source[done:first]
        yield pseudonym
        done = max(done, after)
    yield text.source[done:]


def _handle(handle: str | None) -> str:
    return _small((handle or "").strip().lstrip(_AT).strip())


def _shown(shown: str | None) -> str:
    """A display name in the form to compare, without the site's additions."""
    return _small(" ".join(_bare(shown).split()))


def _bare(shown: str | None) -> str:
    return (shown or "").strip().removesuffix(CREATOR_ENDING).lstrip(_AT)


def _small(text: str) -> str:
    """The text in small letters, with plain spaces, at the same length."""
    if text.isspace():
        return " "
    small = text.lower()
    if len(small) == len(text):
        return small
    return "".join(char.lower() if len(char.lower()) == 1 else char for char in text)
