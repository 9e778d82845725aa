"""Choose the posts that a scrape asks the site about."""

from collections.abc import Iterable, Iterator, Mapping

from scripts.plan.downloads import Download, Plan
from scripts.rawinfo.catalogue import Catalogue
from scripts.rawinfo.links import DOWNLOADABLE, inspect_link
from scripts.scrape.receipts import ScrapeReceipt
from scripts.scrape.states import OK
from scripts.store.media_kinds import CAPTIONS, id_of
from scripts.store.receipts import EXPIRED, GONE, REJECTED


def known_by_link(
    catalogue: Catalogue,
    receipts: Mapping[str, ScrapeReceipt],
    short_links: Mapping[str, str],
    *,
    retry_all: bool = False,
) -> list[str]:
    """Ids and short links of posts that are known only by their link, except posts given up.

    short_links: the known ids of short links. retry_all: include posts that were given up.
    """
    linked = (short_links.get(post, post) for post in catalogue.inventory.wanted(catalogue.newest))
    posts = (post for post in linked if post not in catalogue.newest)
    return _not_given_up(posts, receipts, retry_all)


def posts_to_scrape(
    catalogue: Catalogue,
    plan: Plan,
    receipts: Mapping[str, ScrapeReceipt],
    short_links: Mapping[str, str],
    *,
    retry_all: bool,
) -> list[str]:
    """The posts of `known_by_link`, followed by posts that lack media."""
    known = known_by_link(catalogue, receipts, short_links, retry_all=retry_all)
    return known + _not_given_up(_lacking_media(plan, receipts), receipts, retry_all)


def _not_given_up(
    posts: Iterable[str], receipts: Mapping[str, ScrapeReceipt], retry_all: bool
) -> list[str]:
    return [
        post
        for post in dict.fromkeys(posts)
        if retry_all or post not in receipts or not receipts[post].is_final
    ]


def _lacking_media(plan: Plan, receipts: Mapping[str, ScrapeReceipt]) -> Iterator[str]:
    """Posts that need a new observation to get their video, cover or slides."""
    for download in plan.all():
        if download.kind != CAPTIONS.name and _needs_new_link(download):
            id = id_of(download.name)
            receipt = receipts.get(id)
            asked = receipt is not None and receipt.outcome == OK
            # A new link may expire, too. But a file without a link in a scrape will stay without.
            if not asked or download.state == EXPIRED:
                yield id


def _needs_new_link(download: Download) -> bool:
    if download.state == REJECTED:
        return inspect_link(download.url).kind != DOWNLOADABLE
    return download.state in (EXPIRED, GONE)
