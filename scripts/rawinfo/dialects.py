"""What a raw-info record holds, in each of its dialects, and how far a bad one can be used.

In: one decoded JSON object. Out: a `Record` with the same field names whatever the dialect, and
what is wrong with the object. The same declarations make the JSON Schema.
"""

import json
from dataclasses import dataclass, field
from typing import Annotated, Any, get_type_hints

from pydantic import (
    AliasChoices,
    BeforeValidator,
    FailFast,
    Field,
    TypeAdapter,
    ValidationError,
    WithJsonSchema,
)

from scripts.rawinfo.json_stream import quoted

YEAR_2200 = 7258118400  # unix seconds; later ones are milliseconds, or wrong

REMOVE = "Remove the record or scrape it again"
RESCRAPE = "The rest of the record is used; scrape the post again to have all of it"


Trouble = tuple[str, str]  # message and remedy


def _no_bool(value: Any) -> Any:
    if isinstance(value, bool):
        raise ValueError("true and false are not times")
    return value


Text = Annotated[str | None, WithJsonSchema({"type": ["string", "null"]})]
Count = Annotated[
    str | None,
    Field(coerce_numbers_to_str=True),
    WithJsonSchema({"type": ["string", "number", "null"]}),
]
Id = Annotated[
    str,
    Field(coerce_numbers_to_str=True, pattern="^[0-9]{1,20}$"),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "pattern": "^[0-9]{1,20}$"},
                {"type": "integer", "minimum": 0, "exclusiveMaximum": 10**20},
            ]
        }
    ),
]
UnixSeconds = Annotated[
    float | None,
    Field(ge=0, lt=YEAR_2200, allow_inf_nan=False),
    BeforeValidator(_no_bool),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "number", "minimum": 0, "exclusiveMaximum": YEAR_2200},
                {"type": "string", "pattern": r"^\d+(\.\d+)?$"},
                {"type": "null"},
            ]
        }
    ),
]


ExactCount = Annotated[
    int | None,
    Field(ge=0, lt=2**63),
    BeforeValidator(_no_bool),
    WithJsonSchema({"type": ["integer", "null"], "minimum": 0, "exclusiveMaximum": 2**63}),
]
Seconds = Annotated[
    float | None,
    Field(ge=0, allow_inf_nan=False),
    BeforeValidator(_no_bool),
    WithJsonSchema({"type": ["number", "null"], "minimum": 0}),
]


def _named(*names: str) -> Any:
    """What a field is called in the dialects, the one the scraper writes first."""
    return Field(validation_alias=AliasChoices(*names))


def _none_for_null(kind: Any) -> BeforeValidator:
    """Reads null as an empty list of `kind`."""
    return BeforeValidator(
        lambda items: () if items is None else items,
        json_schema_input_type=list[kind] | None,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoLink:
    """One of the links to a video, the one to be preferred first."""

    url: str = field(repr=False)
    codec: Text = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Slide:
    """A picture of a photo post."""

    url: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Captions:
    """A caption track. Source: LC (the creator's), ASR (the site's speech recognition)."""

    url: str = field(repr=False)
    language: Text = None
    source: Text = None
    format: Text = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """A comment under a post; numbers and dates as the site showed them."""

    commenter_name: Annotated[Text, _named("commenter-username", "username")] = None
    comment_text: Annotated[Text, _named("comment-text", "text")]
    time_posted: Annotated[Text, _named("time-posted", "time")] = None
    like_count: Annotated[Count, _named("like-count")] = None
    replies_count: Annotated[Count, _named("replies-count")] = None
    comment_id: Annotated[Count, _named("comment-id")] = None
    commenter_handle: Annotated[Text, _named("commenter-handle")] = None
    commenter_id: Annotated[Count, _named("commenter-id")] = None
    create_time: Annotated[UnixSeconds, _named("create-time")] = None
    language: Text = None
    replies: Annotated[tuple["Comment", ...], FailFast(), _none_for_null("Comment")] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A post as one raw-info record tells it; numbers and dates as the site showed them."""

    id: Id
    web_id: Annotated[Count, _named("web-id")] = None
    permalink: Annotated[Text, _named("permalink")] = None
    # Links are credentials: not in a repr, which may end in a traceback.
    video_src: Annotated[Text, _named("video-src")] = field(default=None, repr=False)
    coverphoto_src: Annotated[Text, _named("coverphoto-src")] = field(default=None, repr=False)
    music_title: Annotated[Text, _named("music-title")] = None
    music_src: Annotated[Text, _named("music-src")] = None
    like_count: Annotated[Count, _named("like-count")] = None
    comment_count: Annotated[Count, _named("comment-count")] = None
    creator_username: Annotated[Text, _named("creator-username", "username")] = None
    creator_nickname: Annotated[Text, _named("creator-nickname", "nickname")] = None
    description: Annotated[Text, _named("description")] = None
    time_posted: Annotated[Text, _named("time-posted", "timeposted", "posted")] = None
    scrape_timestamp: Annotated[UnixSeconds, _named("scrape-timestamp")] = None
    comments: Annotated[tuple[Comment, ...], FailFast(), _none_for_null(Comment)] = ()
    # What only the site's own JSON tells.
    like_count_exact: Annotated[ExactCount, _named("like-count-exact")] = None
    comment_count_exact: Annotated[ExactCount, _named("comment-count-exact")] = None
    share_count: Annotated[ExactCount, _named("share-count")] = None
    play_count: Annotated[ExactCount, _named("play-count")] = None
    collect_count: Annotated[ExactCount, _named("collect-count")] = None
    create_time: Annotated[UnixSeconds, _named("create-time")] = None
    creator_id: Annotated[Count, _named("creator-id")] = None
    duration: Seconds = None
    language: Text = None
    hashtags: Annotated[tuple[str, ...], FailFast(), _none_for_null(str)] = ()
    video_links: Annotated[
        tuple[VideoLink, ...], FailFast(), _none_for_null(VideoLink), _named("video-links")
    ] = ()
    photos: Annotated[tuple[Slide, ...], FailFast(), _none_for_null(Slide)] = ()
    captions: Annotated[tuple[Captions, ...], FailFast(), _none_for_null(Captions)] = ()


_validate_record = TypeAdapter(Record).validator.validate_python
_validate_comment = TypeAdapter(Comment).validator.validate_python


def json_schema() -> dict[str, Any]:
    """The JSON Schema of a raw-info file that is read without any problem."""
    schema = TypeAdapter(list[Record] | dict[str, Record]).json_schema()
    for model in (Record, Comment):
        definition = schema["$defs"][model.__name__]
        for annotation in get_type_hints(model, include_extras=True).values():
            _add_dialects(definition, _aliases(annotation))
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Raw info",
        "description": "What a scraper saw of some posts. Other keys are kept as they are.",
        **schema,
    }


def validate(info: dict[str, Any]) -> tuple[Record | None, list[Trouble]]:
    """The record, or None where it has no good id, and what is wrong with it."""
    try:
        return _validate_record(info), []
    except ValidationError as error:
        wrong = list(dict.fromkeys(problem["loc"][0] for problem in error.errors()))
    if "id" in wrong:
        return None, [(_wrong_id(info), REMOVE)]
    mended = dict(info)
    problems: list[Trouble] = []
    for key in wrong:
        if key == "comments" and isinstance(info[key], list):
            mended[key], messages = _mend_comments(info[key])
            problems += [(message, RESCRAPE) for message in messages]
        else:
            mended[key] = None
            problems.append((f"{key} can't be {json_type(info[key])}; read as null", RESCRAPE))
    return _validate_record(mended), problems


def _mend_comments(comments: list[Any]) -> tuple[list[dict[str, Any]], list[str]]:
    """The comments that have a text, with null for their other unreadable fields."""
    text_keys = _aliases(get_type_hints(Comment, include_extras=True)["comment_text"])
    kept, dropped, nulled = [], [], []
    for number, comment in enumerate(comments, 1):
        try:
            _validate_comment(comment)
            kept.append(comment)
        except ValidationError as error:
            wrong = {problem["loc"][0] for problem in error.errors() if problem["loc"]}
            if wrong and not wrong.intersection(text_keys):
                kept.append(comment | {key: _mended(key, comment[key]) for key in wrong})
                nulled.append(number)
            else:
                dropped.append(number)
    messages = []
    if dropped:
        messages.append(f"{_numbers(dropped)} without a readable text: left out")
    if nulled:
        messages.append(f"{_numbers(nulled)} with a field of the wrong type: read as null")
    return kept, messages


def _mended(key: str, value: Any) -> Any:
    """Null for an unreadable field of a comment; of its replies, those that can be read."""
    return _mend_comments(value)[0] if key == "replies" and isinstance(value, list) else None


def _numbers(numbers: list[int]) -> str:
    listed = ", ".join(map(str, numbers[:5])) + (", …" if len(numbers) > 5 else "")
    return f"{len(numbers)} of the comments ({listed})"


def _wrong_id(info: dict[str, Any]) -> str:
    if "id" not in info:
        return "it has no id"
    value = info["id"]
    shown = quoted(value) if isinstance(value, str) else json_type(value)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        shown = quoted(str(value)).strip("'")
    return f"id {shown} is not 1-20 digits"


def json_type(value: Any) -> str:
    """What a JSON value is, for people."""
    if isinstance(value, bool) or value is None:
        return json.dumps(value)
    if isinstance(value, (int, float)):
        return "this number"
    return {str: "this text", list: "a list", dict: "an object"}[type(value)]


def _aliases(annotation: Any) -> list[str]:
    """What a field is called in the dialects; nothing for a field with one name only."""
    return [
        alias
        for item in annotation.__metadata__
        for alias in getattr(getattr(item, "validation_alias", None), "choices", ())
    ]


def _add_dialects(definition: dict[str, Any], aliases: list[str]) -> None:
    """Describe the other names of a field like its first; one of them is enough if required."""
    for alias in aliases[1:]:
        definition["properties"][alias] = definition["properties"][aliases[0]]
    if len(aliases) > 1 and aliases[0] in definition.get("required", ()):
        definition["required"].remove(aliases[0])
        definition["anyOf"] = [{"required": [alias]} for alias in aliases]
