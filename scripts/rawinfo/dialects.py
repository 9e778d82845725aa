"""Declare the fields of a raw-info record, and their names in each dialect.

A `Record` has the same field names for every dialect. The same declarations give the JSON Schema.
`scripts.rawinfo.validation` turns JSON objects into records.
"""

from dataclasses import dataclass, field
from typing import Annotated, Any, get_type_hints

from pydantic import (
    AliasChoices,
    BeforeValidator,
    FailFast,
    Field,
    TypeAdapter,
    WithJsonSchema,
)

from scripts.rawinfo.ids import ID_PATTERN

YEAR_2200 = 7258118400  # unix seconds; later ones are milliseconds, or wrong


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
    Field(coerce_numbers_to_str=True, pattern=f"^{ID_PATTERN}$"),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "pattern": f"^{ID_PATTERN}$"},
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


Flag = Annotated[bool | None, Field(strict=True), WithJsonSchema({"type": ["boolean", "null"]})]


def _named(*names: str) -> Any:
    """Declare the names of a field in the dialects. The first is the scraper's."""
    return Field(validation_alias=AliasChoices(*names))


def _none_for_null(kind: Any) -> BeforeValidator:
    """Read null as an empty list of `kind`."""
    return BeforeValidator(
        lambda items: () if items is None else items,
        json_schema_input_type=list[kind] | None,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoLink:
    """One of the links to a video."""

    url: str = field(repr=False)
    codec: Text = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Slide:
    """A slide of a photo post, or a picture in a comment."""

    url: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Captions:
    """A caption track. source: LC (by the creator) or ASR (the site's speech recognition)."""

    url: str = field(repr=False)
    language: Text = None
    source: Text = None
    format: Text = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """An account that the description names."""

    handle: str
    id: Count = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """An effect that the creator used."""

    id: Count = None
    name: Text = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The place that a post was tagged with."""

    id: Count = None
    name: Text = None
    address: Text = None
    city: Text = None
    country: Text = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """A comment on a post, with numbers and dates as the site showed them."""

    # Raw info calls the display name `commenter-username`. In the database, `commenter_username` is
    # the handle.
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
    pictures: Annotated[tuple[Slide, ...], FailFast(), _none_for_null(Slide)] = ()
    is_pinned: Annotated[Flag, _named("is-pinned")] = None
    liked_by_creator: Annotated[Flag, _named("liked-by-creator")] = None
    reply_to: Annotated[Count, _named("reply-to")] = None
    # The time of its own observation, if that differs from the post's.
    scrape_timestamp: Annotated[UnixSeconds, _named("scrape-timestamp")] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A post in one raw-info record, with numbers and dates as the site showed them."""

    id: Id
    web_id: Annotated[Count, _named("web-id")] = None
    permalink: Annotated[Text, _named("permalink")] = None
    # Links are credentials. A repr may appear in a traceback, so it leaves them out.
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
    # These fields come only from the site's own JSON.
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
    mentions: Annotated[tuple[Mention, ...], FailFast(), _none_for_null(Mention)] = ()
    creator_follower_count: Annotated[ExactCount, _named("creator-follower-count")] = None
    creator_following_count: Annotated[ExactCount, _named("creator-following-count")] = None
    creator_heart_count: Annotated[ExactCount, _named("creator-heart-count")] = None
    creator_video_count: Annotated[ExactCount, _named("creator-video-count")] = None
    is_ad: Annotated[Flag, _named("is-ad")] = None
    ai_label: Annotated[ExactCount, _named("ai-label")] = None
    ai_description: Annotated[Text, _named("ai-description")] = None
    is_pinned: Annotated[Flag, _named("is-pinned")] = None
    sticker_texts: Annotated[
        tuple[str, ...], FailFast(), _none_for_null(str), _named("sticker-texts")
    ] = ()
    effects: Annotated[tuple[Effect, ...], FailFast(), _none_for_null(Effect)] = ()
    location_created: Annotated[Text, _named("location-created")] = None
    place: Annotated[Place | None, _named("place")] = None
    duet_of: Annotated[Count, _named("duet-of")] = None
    stitch_of: Annotated[Count, _named("stitch-of")] = None
    video_links: Annotated[
        tuple[VideoLink, ...], FailFast(), _none_for_null(VideoLink), _named("video-links")
    ] = ()
    photos: Annotated[tuple[Slide, ...], FailFast(), _none_for_null(Slide)] = ()
    captions: Annotated[tuple[Captions, ...], FailFast(), _none_for_null(Captions)] = ()


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of a raw-info file that is read without any problem."""
    schema = TypeAdapter(list[Record] | dict[str, Record]).json_schema()
    for model in (Record, Comment):
        definition = schema["$defs"][model.__name__]
        for annotation in get_type_hints(model, include_extras=True).values():
            _add_dialects(definition, aliases(annotation))
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Raw info",
        "description": "What a scraper saw of some posts. Other keys are kept as they are.",
        **schema,
    }


def aliases(annotation: Any) -> list[str]:
    """Return the names of a field in the dialects; [] if it has only one name."""
    return [
        alias
        for item in getattr(annotation, "__metadata__", ())
        for alias in getattr(getattr(item, "validation_alias", None), "choices", ())
    ]


def other_names(model: type[Record] | type[Comment]) -> dict[str, str]:
    """Map the other names of fields in the dialects to the scraper's names."""
    return {
        name: names[0]
        for annotation in get_type_hints(model, include_extras=True).values()
        if (names := aliases(annotation))
        for name in names[1:]
    }


def _names(model: type[Record] | type[Comment]) -> frozenset[str]:
    """Return the names of all fields in all dialects."""
    return frozenset(
        name
        for field, annotation in get_type_hints(model, include_extras=True).items()
        for name in aliases(annotation) or [field]
    )


def _add_dialects(definition: dict[str, Any], aliases: list[str]) -> None:
    """Describe the other names of a field like its first. A required field needs only one name."""
    for alias in aliases[1:]:
        definition["properties"][alias] = definition["properties"][aliases[0]]
    if len(aliases) > 1 and aliases[0] in definition.get("required", ()):
        definition["required"].remove(aliases[0])
        definition["anyOf"] = [{"required": [alias]} for alias in aliases]


# Without the fields that the site's accounts, sounds and videos have as well.
FIELDS_OF_POSTS = _names(Record) - {"id", "username", "nickname", "language", "duration"}
# Neither other formats nor comments have any of these fields. Each dialect has some.
FIELDS_OF_RAW_INFO = {name for name in FIELDS_OF_POSTS if "-" in name} - _names(Comment)
