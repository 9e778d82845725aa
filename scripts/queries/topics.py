"""TREC topics, in the forms that TREC has used over the years.

A topic has a number and a text. With tags, it is a `<top>` or a `<topic>`. Its number is in `<num>`
or `<number>`, or in an attribute (`<topic number="7">`). Its text is in `<query>` or `<title>`. In
the form without tags, each line has a number, a tab and the text.
"""

import re
from collections.abc import Iterator
from html import escape, unescape
from pathlib import Path

from scripts.errors import CorpusError

_NUMBERS = ("number", "num", "identifier")
# Where a topic has several texts, the one that people type comes first. One text needs no tag.
_TEXTS = ("query", "title", "topic", "top")
_OTHERS = ("desc", "description", "narr", "narrative", "question", "background", "subtopic")
_TAG = re.compile(rf"<(/?)({'|'.join(_NUMBERS + _TEXTS + _OTHERS)})\b([^<>]*)>", re.I)
# A tag that is not in this list, such as `<querytime>`, ends a text if it begins a line.
_LINE_TAG = re.compile(r"\n[ \t]*</?[a-z][^<>\n]*>", re.I)
_ATTRIBUTE = re.compile(r"\b(?:number|num|q?id)\s*=\s*[\"']?([^\"'\s]+)", re.I)
_TITLE_LABEL = re.compile(r"Topic\s*:\s*", re.I)  # in topics that also have "Number:"
_UNKNOWN_TAG = re.compile(r"<[a-z][\w.-]*(?:\s[^<>]*)?>", re.I)
_LABEL = re.compile(r"(?<!\s)\s*(?:Number|Topic)\s*:", re.I)
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,31});", re.I)
_FORMS = (
    "Write each topic as a line with number, tab, text, or as `<top> <num> 7 <title> the text "
    "</top>`. `<topic>`, `<number>`, `number=…` and `<query>` are read, too."
)


class TrecError(CorpusError):
    """Topics or qrels can't be read, or can't express a query."""


def read_topics(file: Path) -> dict[str, str]:
    """The text of each topic by its number (any word), in the file's order.

    Raises TrecError that names the file and the topic or the line.
    """
    content = read_text(file)
    has_tags = re.match(r"\s*<[a-z?!]", content, re.I)
    topics: dict[str, str] = {}
    for place, number, text in _tagged(content, file) if has_tags else _tabbed(content, file):
        if len(number.split()) != 1 or not text:
            problem = "text" if number else "number"
            if len(number.split()) > 1:
                problem = f"number of one word ({number!r})"
            raise TrecError(f"{file}, {place}: it has no {problem}. {_FORMS}")
        if number in topics:
            raise TrecError(f"{file}, {place}: topic {number} occurs a second time. Remove one.")
        topics[number] = text
    if not topics:
        raise TrecError(f"{file}: it has no topic. {_FORMS}")
    return topics


def _tagged(content: str, file: Path) -> Iterator[tuple[str, str, str]]:
    """Place, number and text of each topic."""
    content = _without_cdata(_without_comments(content))
    tags = list(_TAG.finditer(content))
    ends = [*(tag.start() for tag in tags), len(content)][1:]
    fields: dict[str, str] | None = None
    place = 0
    for tag, end in zip(tags, ends, strict=True):
        name, is_end = tag[2].lower(), bool(tag[1])
        if name in ("top", "topic") and is_end != (fields is not None):
            raise TrecError(
                f"{file}, topic {max(place, 1)}: each `<{name}>` needs a `</{name}>`. Add the one "
                "that is missing."
            )
        if fields is not None and name in ("top", "topic"):
            yield f"topic {place}", _number(fields), _text(fields)
            fields = None
        elif name in ("top", "topic"):
            place += 1
            number = _ATTRIBUTE.search(tag[3])
            fields = {"number": number[1]} if number else {}
        if fields is not None and not is_end:
            fields.setdefault(name, _LINE_TAG.split(content[tag.end() : end], maxsplit=1)[0])
    if fields is not None:
        raise TrecError(f"{file}, topic {place}: it has no `</top>`. Add it.")


def _number(fields: dict[str, str]) -> str:
    found = next((fields[name] for name in _NUMBERS if name in fields), "")
    return _LABEL.sub("", found, count=1).strip()


def _text(fields: dict[str, str]) -> str:
    """The text of a topic, on one line, with its entities resolved."""
    texts = (" ".join(fields[name].split()) for name in _TEXTS if name in fields)
    text = next(filter(None, texts), "")
    if _TEXTS[0] not in fields and _TEXTS[1] not in fields and _UNKNOWN_TAG.match(text):
        return ""  # the text is in an unknown tag
    if _LABEL.match(fields.get("num", "")):
        text = _TITLE_LABEL.sub("", text, count=1) if _TITLE_LABEL.match(text) else text
    return " ".join(_ENTITY.sub(lambda entity: unescape(entity[0]), text).split())


def _without_comments(content: str) -> str:
    before, *commented = content.split("<!--")
    return before + "".join(text.partition("-->")[2] for text in commented)


def _without_cdata(content: str) -> str:
    """The content, with entities in place of CDATA sections (`<![CDATA[i <3 cats]]>`)."""
    before, *quoted = content.split("<![CDATA[")
    parts = (text.partition("]]>") for text in quoted)
    return before + "".join(escape(text) + rest for text, _, rest in parts)


def _tabbed(content: str, file: Path) -> Iterator[tuple[str, str, str]]:
    for place, line in lines(content):
        number, tab, text = line.partition("\t")
        if not tab:
            raise TrecError(f"{file}, {place}: there is no tab. Write number, tab, text.")
        yield place, number.strip(), " ".join(text.split())


def lines(content: str) -> Iterator[tuple[str, str]]:
    """The lines that aren't empty, each with its place.

    Only newlines end a line, because a query may contain Unicode's other line separators.
    """
    for place, line in enumerate(content.split("\n"), 1):
        if line.strip():
            yield f"line {place}", line


def read_text(file: Path) -> str:
    """The content of a file. Raises TrecError if it is missing or not in UTF-8."""
    try:
        return file.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise TrecError(f"{file}: {error}. It has to be a text file in UTF-8.") from error
