"""Pseudonyms: one for each person of a corpus, the same wherever the person's name stands.

A keyed hash (HMAC-SHA256) of the handle, `user_` and 16 hexadecimal digits; without the key,
nobody can try out names. Handles are the same in small letters and capitals. A display name that
belongs to one handle only in the corpus has that handle's pseudonym, any other one its own.
"""

import hashlib
import hmac
import os
import re
import secrets
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from scripts.characters import UNSPACED
from scripts.errors import ConfigError
from scripts.files import storage_errors, sync
from scripts.merge.database import CREATOR_ENDING

KEY_BYTES = 32
# Shorter names, and words of the language, are replaced only where they are marked as names: to
# take them out of running text would take it apart, and they single nobody out.
LONGER_THAN = 3
# From here on a name is found inside of words, such as `#<name>fans`.
UNMISTAKABLE = 8
LONGEST = 100
SITE_WORDS = frozenset(
    [
        "tiktok",
        "tiktoks",
        "foryou",
        "foryoupage",
        "fypage",
        "fypシ",
        "foru",
        "viral",
        "viralvideo",
        "viraltiktok",
        "trending",
        "xyzbca",
        "duet",
        "stitch",
        "greenscreen",
        "capcut",
        "original",
        "sound",
    ]
)

_TOKEN = re.compile(rf"[{UNSPACED}]|[^\W{UNSPACED}]+|\s+|.", re.DOTALL)
_AT = "@\uff20"
_MENTION = re.compile(rf"[{_AT}]([\w.]*\w)")
_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]++@[\w-]++(?:\.[\w-]++)+")


def read_key(file: Path) -> bytes:
    """The key in `file`, made on first use, readable for its owner only."""
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
        f"{file} (export.key_file) is no key of {KEY_BYTES} bytes in hexadecimal digits. Restore "
        "it from your backup; or remove it for a new one, which gives everybody other pseudonyms."
    )


@dataclass(slots=True)
class _Node:
    """A place in the tree of names, token by token."""

    following: dict[str, "_Node"] = field(default_factory=dict)
    name: str | None = None  # whose name ends here
    in_text: bool = False  # also where nothing marks it as one


class Pseudonyms:
    """The names of a corpus and their pseudonyms. Learn all names first, then replace."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._root = _Node()
        self._inside: dict[str, str] = {}
        self._beginnings: set[str] = set()
        self._handles: dict[str, set[str]] = defaultdict(set)
        self._known: set[str] = set()

    # ---- Learn ----

    def learn_handle(self, handle: str | None) -> None:
        """The handle of somebody, with or without `@`."""
        if name := _handle(handle):
            self._known.add(name)
            self._learn(name, name)

    def learn_person(self, handle: str | None, shown: str | None) -> None:
        """A handle and a display name, of which one may be unknown."""
        self.learn_handle(handle)
        if name := _shown(shown):
            if known := _handle(handle):
                self._handles[name].add(known)
            self._learn(name, name)
            # As others write it: without the emoji around it.
            if (bare := re.sub(r"^\W+|\W+$", "", name)) and bare != name:
                self._learn(bare, name)

    def learn_mentions(self, text: str | None) -> None:
        """Of a mention, the first word may be all of a handle, or half of a display name."""
        for name in map(_folded, _MENTION.findall(text or "")):
            self._learn(name, name)

    def _learn(self, written: str, name: str) -> None:
        tokens = _tokens(written)
        if len(tokens) > LONGEST:
            return
        node = self._root
        for token in tokens:
            node = node.following.setdefault(token, _Node())
        node.name = node.name or name
        node.in_text = node.in_text or _stands_out(written, tokens)
        # As in hashtags, which have neither spaces nor dots, nor often underscores.
        for left_out in (r"\W", r"[\W_]"):
            squeezed = re.sub(left_out, "", written)
            if UNMISTAKABLE <= len(squeezed) <= LONGEST and _stands_out(squeezed, [squeezed]):
                self._inside.setdefault(squeezed, name)
                self._beginnings.add(squeezed[:UNMISTAKABLE])

    # ---- Replace ----

    def handle(self, handle: str | None) -> str | None:
        """As `@user_…` or `user_…`, as it was; None for none."""
        name = _handle(handle)
        if not name:
            return None
        return ("@" if handle.strip().startswith("@") else "") + self._of(name)

    def shown(self, shown: str | None, handle: str | None = None) -> str | None:
        """A display name, of the person with this handle if it is known."""
        name = _shown(shown)
        if not name:
            return None
        person = _handle(handle)
        pseudonym = self._of(person or self._only_handle(name))
        start = "@" if shown.strip().startswith("@") else ""
        return start + pseudonym + (CREATOR_ENDING if shown.endswith(CREATOR_ENDING) else "")

    def account(self, id: str | None) -> str | None:
        """The id of an account."""
        return None if id is None else self._of(f"id {id}")

    def comment(self, id: str | None) -> str | None:
        """The id of a comment, which leads to who wrote it."""
        return None if id is None else self._of(f"comment {id}").replace("user", "comment", 1)

    def text(self, text: str | None) -> str | None:
        """Running text, with pseudonyms for mentions, e-mail addresses and known names."""
        if not text:
            return text
        return "".join(self._replaced(_EMAIL.sub(lambda match: self._of(match[0].lower()), text)))

    def _replaced(self, text: str) -> Iterator[str]:
        matches = list(_TOKEN.finditer(text))
        tokens = [_folded(match[0]) for match in matches]
        mentions = {match.start(): match for match in _MENTION.finditer(text)}
        ends = {match.end(): number + 1 for number, match in enumerate(matches)}
        at = 0
        while at < len(tokens):
            is_mark = tokens[at] in _AT
            end, name = self._longest(tokens, at + is_mark, marked=is_mark)
            mention = mentions.get(matches[at].start())
            if mention is not None and ends.get(mention.end(), at + 1) > end:
                end, name = ends.get(mention.end(), at + 1), _folded(mention[1])
            if name is not None:
                yield text[matches[at].start()] if is_mark else ""
                yield self._of_name(name)
                at = end
            else:
                yield self._inside_replaced(matches[at][0], tokens[at])
                at += 1

    def _longest(self, tokens: list[str], at: int, marked: bool) -> tuple[int, str | None]:
        """Where the longest name that begins at `at` ends, and whose it is."""
        node, best = self._root, (at, None)
        while at < len(tokens) and (node := node.following.get(tokens[at])):
            at += 1
            if node.name is not None and (marked or node.in_text):
                best = at, node.name
        return best

    def _inside_replaced(self, written: str, token: str) -> str:
        """A word, with pseudonyms for the names inside of it, the longest of each place."""
        parts: list[str] = []
        done = at = 0
        while at <= len(token) - UNMISTAKABLE:
            end = self._end_of_name(token, at)
            if end is None:
                at += 1
            else:
                parts += [written[done:at], self._of_name(self._inside[token[at:end]])]
                done = at = end
        return "".join([*parts, written[done:]])

    def _end_of_name(self, token: str, start: int) -> int | None:
        if token[start : start + UNMISTAKABLE] not in self._beginnings:
            return None
        ends = range(min(len(token), start + LONGEST), start + UNMISTAKABLE - 1, -1)
        return next((end for end in ends if token[start:end] in self._inside), None)

    def _of_name(self, name: str) -> str:
        """Of a name in running text, which may be of either kind."""
        return self._of(name if name in self._known else self._only_handle(name))

    def _only_handle(self, shown: str) -> str:
        """The one handle that has this display name, or else the name."""
        handles = self._handles.get(shown, ())
        return next(iter(handles)) if len(handles) == 1 else shown

    def _of(self, name: str) -> str:
        return "user_" + hmac.new(self._key, name.encode(), hashlib.sha256).hexdigest()[:16]


def _handle(handle: str | None) -> str:
    return _folded((handle or "").strip().lstrip(_AT).strip())


def _shown(shown: str | None) -> str:
    """A display name as it is compared: without what the site adds."""
    name = (shown or "").strip().removesuffix(CREATOR_ENDING).lstrip(_AT)
    return _folded(" ".join(name.split()))


def _tokens(text: str) -> list[str]:
    return [_folded(token) for token in _TOKEN.findall(text)]


def _folded(text: str) -> str:
    """In small letters, of the same length; any white space is a space."""
    if text.isspace():
        return " "
    small = text.lower()
    if len(small) == len(text):
        return small
    return "".join(char.lower() if len(char.lower()) == 1 else char for char in text)


def _stands_out(written: str, tokens: list[str]) -> bool:
    """Whether a name is one wherever it stands."""
    if len(written) <= LONGER_THAN or not re.search(r"\w", written):
        return False
    if len(tokens) > 1:
        return True
    return not (written.isdecimal() and len(written) < UNMISTAKABLE) and not _is_word(written)


def _is_word(token: str) -> bool:
    return token in SITE_WORDS or token in _words()


@cache
def _words() -> frozenset[str]:
    """The words of an English pronouncing dictionary, in small letters."""
    import pocketsphinx  # slow to load

    file = Path(pocketsphinx.get_model_path("en-us/cmudict-en-us.dict"))
    lines = file.read_text("utf-8").splitlines()
    return frozenset(line.partition(" ")[0].partition("(")[0] for line in lines)
