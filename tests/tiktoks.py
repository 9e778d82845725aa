"""Raw info of made-up TikToks whose links the demo's site answers."""

from typing import Any

from small_corpus import info, post_id

YEAR_2100 = 4102444800


def video_host(number: int) -> str:
    return f"v{number}-webapp.tiktok.com"


def cover_host(number: int) -> str:
    return f"p{number}-sign.tiktokcdn-us.com"


def tiktok(number: int, *, expires_at: int = YEAR_2100, **changes: Any) -> dict[str, Any]:
    """Record `number`, with hosts of its own, as faults can be chosen by host."""
    id = post_id(number)
    video = f"https://{video_host(number)}/video/tos/{id}/?expire={expires_at}"
    cover = f"https://{cover_host(number)}/{id}~tplv-photo.jpeg?x-expires={expires_at}"
    links = {
        "video-src": f"{video}&signature=secret{number}",
        "coverphoto-src": f"{cover}&x-signature=secret{number}",
    }
    return info(id, **(links | changes))
