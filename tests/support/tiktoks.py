"""Raw info of made-up TikToks whose links the demo's site answers."""

import hashlib
from typing import Any

from demo.site import Site
from tests.support.small_corpus import info, post_id

YEAR_2100 = 4102444800


def video_host(number: int) -> str:
    return f"v{number}-webapp.tiktok.com"


def cover_host(number: int) -> str:
    return f"p{number}-sign.tiktokcdn-us.com"


def tiktok(number: int, *, expires_at: int = YEAR_2100, **changes: Any) -> dict[str, Any]:
    """Return record `number`. Its hosts are its own, so that a fault can be set for it alone."""
    id = post_id(number)
    video = f"https://{video_host(number)}/video/tos/{id}/?expire={expires_at}"
    cover = f"https://{cover_host(number)}/{id}~tplv-photo.jpeg?x-expires={expires_at}"
    links = {
        "video-src": f"{video}&signature=secret{number}",
        "coverphoto-src": f"{cover}&x-signature=secret{number}",
    }
    return info(id, **(links | changes))


def served(site: Site, records: list[dict[str, Any]]) -> dict[str, str]:
    """Return the SHA-256 of what the site serves for these records, by path in `data`."""
    links = {
        path: record[field]
        for record in records
        for path, field in (
            (f"videos/{record['id']}.mp4", "video-src"),
            (f"coverphotos/{record['id']}.jpg", "coverphoto-src"),
        )
    }
    return {
        path: hashlib.sha256(site.library.find(link).read()).hexdigest()
        for path, link in sorted(links.items())
    }
