"""Find the names of a corpus's people in running text.

The search ignores case, accents and the signs between the parts of a name, and it also finds the
parts: "Anna-Lena Müller" as "anna lena", "#annalena", "Mueller" and "ANNA". Words of everyday
language (`common_words.txt`) count as names only if they are written like one: after `@`, or with a
capital inside a sentence.
"""

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from itertools import accumulate, combinations
from pathlib import Path

from scripts.characters import MARKS, UNSPACED
from scripts.export.folding import PLAIN, FoldedText, fold

COMMON_WORDS = Path(__file__).with_name("common_words.txt")
# Words that the site and its users use for accounts and videos. They name nobody.
SITE_WORDS = frozenset(
    [
        *("tiktok", "tiktoks", "foryou", "foryoupage", "fyp", "fypage", "fypシ", "foru", "viral"),
        *("viralvideo", "viraltiktok", "trending", "xyzbca", "duet", "stitch", "greenscreen"),
        *("capcut", "original", "sound", "user"),
    ]
)
LONGEST = 100  # letters and digits; the search for names goes no further into a name or word
MOST_GAP = 3  # signs between two words of a name, besides white space
# A name of this length or more is found anywhere inside a word, even with extra spaces in it.
UNMISTAKABLE = 8
SHORT = 4  # letters and digits; shorter names with signs in them are found only as written
SHORTEST_JOINED = 3  # letters of a name that is joined to another word: `annafans`
LONGEST_ENDING = 2  # letters that the grammar of some languages adds to a name
MOST_COMMON_WORDS = 2  # words of a name that is also a common phrase: "The Best"
MOST_WORDS_IN_RUNS = 6  # words of a name; in longer ones, parts of several words are not looked for
# In longer display names, common words say what the account is about.
MOST_WORDS_OF_A_PERSON = 3

_WORD = re.compile(rf"[{UNSPACED}]|[^\W\d_{UNSPACED}](?:[^\W\d_{UNSPACED}]|[{MARKS}])*|\d+")
_UNSPACED_RUN = re.compile(rf"[{UNSPACED}]{{2,{LONGEST}}}")
# A frequent family name and a given name of two syllables, as Chinese and Koreans write them.
_GIVEN_NAME = re.compile(
    "(?<![\uac00-\ud7a3\u4e00-\u9fff])"
    "(?:[김이박최정강조윤장임한오서신권황안송류홍전고문손양배백허남심노하곽성차주우구민유]([\uac00-\ud7a3]{2})"
    "|[王李张張刘劉陈陳杨楊黄黃赵趙吴吳周徐孙孫马馬朱胡郭何林高罗羅郑鄭梁谢謝宋唐许許邓鄧韩韓冯馮曹彭曾肖田董潘袁蔡蒋蔣余于杜叶葉程魏苏蘇吕呂丁任卢盧姚沈]"
    "([\u4e00-\u9fff]{2}))(?![\uac00-\ud7a3\u4e00-\u9fff])"
)
_MENTION = re.compile(r"@([\w.]*\w)")
_END_OF_SENTENCE = re.compile(r"[.!?:\n\u3002]")
_WITH_E = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa"})
_WITHOUT_E = re.compile("([aou])e|aa")


@dataclass(slots=True)
class _Name:
    """What is known about letters that form a name or a part of one."""

    of: str  # whose name it is, as `Names.learn` was given it
    is_handle: bool = False
    is_part: bool = False
    is_common: bool = False  # a name only if it is written like one
    boundaries: set[int] = field(default_factory=set)  # where signs may stand inside it

    @property
    def rank(self) -> tuple[bool, bool]:
        return not self.is_part, self.is_handle


@dataclass(frozen=True, slots=True)
class FoundName:
    """A name in a folded text, from `start` to before `end`."""

    start: int
    end: int
    of: str


class Names:
    """The names of a corpus. Learn all of them first, then look for them."""

    def __init__(self) -> None:
        self._names: dict[str, _Name] = {}  # by their letters and digits
        self._short: dict[str, _Name] = {}  # with the signs between them: `x.y`
        self._starts: set[str] = set()  # the first letters of names with `SHORT` or more
        self._long_starts: set[str] = set()  # of unmistakable names

    # ---- Learn ----

    def learn(self, written: str, of: str, person: str, *, is_handle: bool = False) -> None:
        """Learn a handle or a display name as the name of `of`, and its parts as of `person`."""
        for spelling in _spellings(written):
            folded = fold(_parted(spelling))
            spans = [match.span() for match in _WORD.finditer(folded)]
            if spans:
                words = [folded[start:end] for start, end in spans]
                bare = folded[spans[0][0] : spans[-1][1]]
                self._learn_whole(bare, words, _Name(of, is_handle))
                self._learn_parts(folded, words, person)

        for given in _GIVEN_NAME.findall(written[:LONGEST]):
            folded = fold("".join(given))
            self._learn_parts(folded, _WORD.findall(folded), person)

    def _learn_whole(self, bare: str, words: list[str], name: _Name) -> None:
        joined = "".join(words)
        if len(joined) < SHORT and len(words) > 1 and not _UNSPACED_RUN.fullmatch(bare):
            self._short.setdefault(bare, name)
        elif _singles_out(joined) and len(joined) <= LONGEST:
            name.is_common = _is_common(joined) or (
                len(words) <= MOST_COMMON_WORDS and all(map(_is_common, words))
            )
            self._add(joined, words, name)

    def _learn_parts(self, folded: str, words: list[str], person: str) -> None:
        letters = [word for word in words if len(word) > 1 and not word.isdecimal()]
        runs = ([*run] for run in _UNSPACED_RUN.findall(folded))
        for own in (*([word] for word in words[:LONGEST]), *runs, *_runs(words)):
            part = "".join(own)
            is_common = _is_common(part)
            if part in SITE_WORDS or not _singles_out(part) or len(part) > LONGEST:
                continue
            if not is_common or (len(part) >= SHORT and len(letters) <= MOST_WORDS_OF_A_PERSON):
                self._add(part, own, _Name(person, is_part=True, is_common=is_common))

    def _add(self, joined: str, words: list[str], name: _Name) -> None:
        boundaries = set(accumulate(map(len, words[:-1])))
        known = self._names.setdefault(joined, name)
        if known is not name:
            if known.is_part and name.is_part and known.of != name.of:
                known.of = joined  # several people have this name, so it stands for itself
            elif name.rank > known.rank:
                known.of, known.is_part, known.is_handle = name.of, name.is_part, name.is_handle
            known.is_common = known.is_common and name.is_common
        known.boundaries |= boundaries
        if len(joined) >= SHORT:
            self._starts.add(joined[:SHORT])
        if len(joined) >= UNMISTAKABLE:
            self._long_starts.add(joined[:UNMISTAKABLE])

    # ---- Find ----

    def find(self, text: FoldedText) -> list[FoundName]:
        """The names in a text, in order, and all mentions, also of strangers (without the `@`)."""
        words = _Words(text)
        found: list[FoundName] = []
        mentions: dict[int, re.Match[str]] = {}
        for mention in _MENTION.finditer(text.folded):
            number = bisect_left(words.starts, mention.start(1))
            if number < len(words.starts) and words.starts[number] < mention.end():
                mentions[number] = mention
            else:  # the mention has only signs
                found.append(_unknown(mention, text))
        number = after_name = 0
        while number < len(words.starts):
            after, name = self._longest(words, number, number in mentions, after_name)
            mention_ = mentions.get(number)
            if mention_ is not None and (name is None or name.end < mention_.end()):
                name = _unknown(mention_, text)
                after = bisect_left(words.starts, mention_.end())
            if name is None:
                found += self._inside(text.folded[slice(*words.span(number))], words.starts[number])
                number += 1
            else:
                found.append(name)
                number = after_name = after
        return sorted(found, key=lambda name: name.start)

    def _longest(
        self, words: "_Words", first: int, is_marked: bool, after_name: int
    ) -> tuple[int, FoundName | None]:
        """The longest name that begins at a word, and the number of the word after it."""
        best: tuple[int, FoundName | None] = first, None
        joined, boundaries = "", set[int]()
        for last in range(first, len(words.starts)):
            if last > first:
                if len(words.gap(last).strip()) > MOST_GAP:
                    break
                boundaries.add(len(joined))
            joined += words.word(last)
            if len(joined) > LONGEST:
                break
            name = self._names.get(joined)
            if name is None or not _may_have(name, boundaries, joined, words, first, last):
                name = self._short.get(words.written(first, last)) if len(joined) < SHORT else None
            if name is not None and (
                is_marked or not name.is_common or words.is_name_like(first, last, after_name)
            ):
                end = words.span(last)[1]
                best = last + 1, FoundName(words.starts[first], end, name.of)
            if len(joined) >= SHORT and joined[:SHORT] not in self._starts:
                break
        return best

    def _inside(self, word: str, start: int) -> Iterator[FoundName]:
        """The names inside a word: long names anywhere, others if the rest may be a word, too."""
        if len(word) <= SHORTEST_JOINED or _is_common(word):
            return
        found = list(self._unmistakable(word, start))
        if not found and len(word) <= LONGEST:
            found = list(self._joined(word, start))
        yield from found

    def _unmistakable(self, word: str, start: int) -> Iterator[FoundName]:
        at = 0
        while at <= len(word) - UNMISTAKABLE:
            length = 1
            if word[at : at + UNMISTAKABLE] in self._long_starts:
                for end in range(min(len(word), at + LONGEST), at + UNMISTAKABLE - 1, -1):
                    name = self._names.get(word[at:end])
                    if name is not None and not name.is_common:
                        length = end - at
                        yield FoundName(start + at, start + end, name.of)
                        break
            at += length

    def _joined(self, word: str, start: int) -> Iterator[FoundName]:
        for length in range(len(word) - 1, SHORTEST_JOINED - 1, -1):
            for at in (0, len(word) - length):
                rest = word[length:] if at == 0 else word[:at]
                name = self._in_text(word[at : at + length])
                ending = at == 0 and (
                    rest == "s" or (length >= SHORT and len(rest) <= LONGEST_ENDING)
                )
                of_rest = self._in_text(rest) if len(rest) >= SHORTEST_JOINED else None
                # "kimfans" contains Kim, "kimono" does not.
                is_word = len(rest) >= max(SHORTEST_JOINED, 2 * SHORT - 1 - length)
                if name and (ending or of_rest or (is_word and _is_common(rest))):
                    yield FoundName(start + at, start + at + length, name.of)
                    if of_rest is not None:
                        behind = start + (length if at == 0 else 0)
                        yield FoundName(behind, behind + len(rest), of_rest.of)
                    return

    def _in_text(self, letters: str) -> _Name | None:
        name = self._names.get(letters)
        return None if name is None or name.is_common else name


class _Words:
    """The words of a text, by their numbers from 0."""

    def __init__(self, text: FoldedText) -> None:
        self._text = text
        self._spans = [match.span() for match in _WORD.finditer(text.folded)]
        self.starts = [start for start, _ in self._spans]

    def span(self, number: int) -> tuple[int, int]:
        return self._spans[number]

    def word(self, number: int) -> str:
        return self.written(number, number)

    def written(self, first: int, last: int) -> str:
        """The text from the word `first` to the word `last`."""
        return self._text.folded[self._spans[first][0] : self._spans[last][1]]

    def gap(self, number: int) -> str:
        """The text between the previous word and this one."""
        before = self._spans[number - 1][1] if number else 0
        return self._text.folded[before : self._spans[number][0]]

    def is_name_like(self, first: int, last: int, after_name: int) -> bool:
        """True if these words are written like names: with capitals, unlike their neighbours.

        after_name: the number of the word after the last name that was found.
        """
        if not all(map(self._is_capital, range(first, last + 1))) or self.gap(first)[-1:] == "#":
            return False
        follows_name = first == after_name > 0 and self.gap(first).isspace()
        starts = self._starts_sentence(first)
        if first == last and starts and not follows_name:
            return False
        before = not starts and self._is_capital(first - 1) and not self._starts_sentence(first - 1)
        after = last + 1 < len(self._spans) and not self._starts_sentence(last + 1)
        return follows_name or not (before or (after and self._is_capital(last + 1)))

    def _is_capital(self, number: int) -> bool:
        return self._text.source[self._text.source_span(*self._spans[number])[0]].isupper()

    def _starts_sentence(self, number: int) -> bool:
        return number == 0 or _END_OF_SENTENCE.search(self.gap(number)) is not None


def _may_have(
    name: _Name, boundaries: set[int], joined: str, words: _Words, first: int, last: int
) -> bool:
    """True if a name may have the gaps between these words: "is a" isn't Isa."""
    if boundaries <= name.boundaries:
        return True
    parts = (words.word(number) for number in range(first, last + 1))
    return len(joined) >= UNMISTAKABLE and not all(map(_is_common, parts))


def _unknown(mention: re.Match[str], text: FoldedText) -> FoundName:
    start, end = text.source_span(*mention.span(1))
    return FoundName(*mention.span(1), text.source[start:end])


def _runs(words: list[str]) -> Iterator[list[str]]:
    """Yield words of a name that follow each other, such as "Anna Lena" of "Anna Lena Müller"."""
    for first, last in combinations(range(min(len(words), MOST_WORDS_IN_RUNS)), 2):
        run = words[first : last + 1]
        if not any(map(_is_common, run)):
            yield run


def _spellings(written: str) -> Iterable[str]:
    """A name as written, and with its umlauts spelled with an e, or without."""
    spellings = {written}
    if len(written) <= LONGEST:
        small = unicodedata.normalize("NFC", written).lower()
        spellings |= {small.translate(_WITH_E), _WITHOUT_E.sub(lambda m: m[1] or "a", small)}
    return sorted(spellings)


def _parted(written: str) -> str:
    """Part a name at its capitals: AnnaLena becomes Anna Lena."""
    return " ".join(
        word
        if _is_common(fold(word))
        else "".join(
            f" {char}" if char.isupper() and before.islower() else char
            for before, char in zip(f" {word}", word, strict=False)
        )
        for word in written.split()
    )


def _singles_out(letters: str) -> bool:
    """True if a name counts without `@`: a single letter or a number of few digits does not."""
    return len(letters) > 1 and not (letters.isdecimal() and len(letters) < UNMISTAKABLE)


def _is_common(word: str) -> bool:
    return word in SITE_WORDS or word in _common_words()


@cache
def _common_words() -> frozenset[str]:
    lines = COMMON_WORDS.read_text("utf-8").translate(PLAIN).splitlines()
    return frozenset(word for line in lines if line[:1] != "#" for word in line.split())
