"""Links to posts are found wherever somebody noted them, and removed from there."""

import json
from pathlib import Path
from urllib.parse import quote

import pytest

from scripts.rawinfo.catalogue import Catalogue, build_catalogue
from scripts.rawinfo.erasing import erase
from scripts.rawinfo.formats.links import wanted_posts
from scripts.rawinfo.ids import find_id_in_address

ID, OTHER = "7171915622962351935", "7271915622962351936"
LINK, OTHER_LINK = (f"https://www.tiktok.com/@u/video/{id}" for id in (ID, OTHER))
OUTER = f"https://www.google.com/url?q={quote(LINK, safe='')}&sa=D"

ADDRESSES = [
    quote(LINK, safe=""),
    quote(quote(LINK, safe=""), safe=""),
    f"https://l.facebook.com/l.php?u={quote(LINK + '?lang=en', safe='')}&h=AT0",
    OUTER,
    f"https://out.example/?to={quote(OUTER, safe='')}",
    f"https://www.google.com/url?q={LINK}&amp;usg=1",
    f"https://www.tiktok.com/login?redirect_url={quote(LINK, safe='')}",
    f"https://web.archive.org/web/20220101000000/{LINK}",
    f"web.archive.org/web/2022id_/www.tiktok.com/@u/video/{ID}",
    f"https://m.tiktok.com/h5/share/item/{ID}.html",
    f"https://www.tiktok.com/share/video/{ID}",
    f"https://www.tiktok.com/en/@u/video/{ID}",
    f"tiktok.com/video/{ID}",
    f"//www.tiktok.com/@u/photo/{ID}",
    f"https://m.tiktok.com/v/{ID}.html",
    f"https://www.tiktok.com/embed/v2/{ID}?lang=de",
    f"https://www.tiktok.com/player/v1/{ID}",
    f"https://www.tiktok.com/@u?item_id={ID}&x=1",
    f"https://m.tiktok.com/share?a=1&amp;share_item_id={ID}",
    f"https://www.tiktok.com/trending?shareId={ID}",
    f"https://www.tiktok.com/foryou?is_copy_url=1#/@u/video/{ID}",
    f"HTTPS://WWW.TIKTOK.COM/@U/VIDEO/{ID}",
    f"WWW.TikTok.com/@u/video/{ID}",
    f"https://www.tiktokv.com/share/video/{ID}/",
    LINK.replace("/", "\\/"),
    LINK.replace("/", "\\u002F"),
    f"https://www.tiktok.com:443/@u.v_1/video/{ID}?share_item_id={OTHER}",
]


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_form_of_address_leads_to_its_post(address: str) -> None:
    assert [post.id for post in wanted_posts(address)] == [ID]
    assert find_id_in_address(address) == ID


@pytest.mark.parametrize(
    "text",
    [
        f"https://nottiktok.com/@u/video/{ID}",
        f"https://my-tiktok.com/@u/video/{ID}",
        f"https://www.tiktok.com.evil.example/@u/video/{ID}",
        f"https://www.instagram.com/video/{ID}",
        f"https://example.org/tiktok.com/video/{ID}",
        f"example.org/web/www.tiktok.com/video/{ID}",
        f"https://p16.tiktokcdn.com/video/{ID}",
        "https://www.tiktok.com/@u",
        f"https://www.tiktok.com/music/song-{ID}",
        "https://www.tiktok.com/@u/video/7.17E+18",
        f"https://www.tiktok.com/@u/video/{ID}99",
        "https://www.tiktok.com/tag/t/",
        "100% of tiktok.com",
    ],
)
def test_no_other_address_leads_to_a_post(text: str) -> None:
    assert wanted_posts(text) == []


@pytest.mark.parametrize(
    ("text", "link"),
    [
        ("https://VM.TikTok.com/ZMabc/", "https://vm.tiktok.com/ZMabc/"),
        (quote("https://vt.tiktok.com/ZSabc", safe=""), "https://vt.tiktok.com/ZSabc/"),
        ("see https://www.tiktok.com/t/ZTabc/.", "https://www.tiktok.com/t/ZTabc/"),
    ],
)
def test_short_links_have_one_form(text: str, link: str) -> None:
    assert [(post.id, post.link) for post in wanted_posts(text)] == [(None, link)]


def read(folder: Path, content: str) -> Catalogue:
    (folder / "a").write_text(content)
    return build_catalogue([folder / "a"])


@pytest.mark.parametrize(
    "content",
    [
        f"[link]({LINK})\n- [other]({OTHER_LINK})\n",
        f'[My "best" video]({LINK})\n[null]({OTHER_LINK})',
        f"[x] {LINK}\n[ ] {OTHER_LINK}\n",
        f"[1]: {LINK}\n[2]: {OTHER_LINK}\n",
        f"[![cover](https://x.example/c.jpg)]({LINK})\n{OTHER_LINK}",
        json.dumps([LINK, OTHER_LINK]),
        json.dumps([f"{LINK} and {OTHER_LINK}"]),
        f"My links, of 2024\n{LINK}\n{OTHER_LINK}\n",
        f'n,where\n1,"[a]({LINK}), [b]({OTHER_LINK})"\n',
        f'n;where\n1;"<a href=""{LINK}"">it</a>, {OTHER_LINK}"\n',
        f"n\twhere\n1\tsee {LINK} (posted twice: {OTHER_LINK}).\n",
        f'n,where,more\n1,"a\n{LINK}\n{OTHER_LINK}",x\n',
    ],
)
def test_links_are_found_in_texts_and_cells(tmp_path: Path, content: str) -> None:
    catalogue = read(tmp_path, content)
    assert list(catalogue.inventory.mentions) == [ID, OTHER]
    assert catalogue.problems == []


@pytest.mark.parametrize(
    "content",
    [
        f"{LINK} and {OTHER_LINK}, twice\n",
        f"{ID} {quote(OTHER_LINK, safe='')}\n",
        f'n,where\n1,"[a]({LINK}), [b]({OTHER_LINK})"\n',
        f'post,two\n{ID},"<a href=""{OTHER_LINK}"">it</a>"\n',
        json.dumps([{"one": LINK, "two": OTHER_LINK}]),
        json.dumps([f"{LINK} and {OTHER_LINK}"]),
    ],
)
@pytest.mark.parametrize(("gone", "left"), [(ID, OTHER), (OTHER, ID)])
def test_one_link_of_several_is_removed(tmp_path: Path, content: str, gone: str, left: str) -> None:
    read(tmp_path, content)
    erase(tmp_path / "a", frozenset({gone}))
    catalogue = build_catalogue([tmp_path / "a"])
    assert list(catalogue.inventory.mentions) == [left]
    assert catalogue.problems == []
    assert gone not in (tmp_path / "a").read_text()


def test_a_message_in_json_is_no_list_of_links(tmp_path: Path) -> None:
    catalogue = read(tmp_path, json.dumps([{"from": "a", "text": f"look: {LINK}"}]))
    assert list(catalogue.inventory.mentions) == []


@pytest.mark.parametrize(
    ("content", "place", "said"),
    [
        (f"n,where\n1,{LINK}\n2,nowhere\n", "record 2", "no link to a post"),
        (f"n,where\n1,{LINK}\n7.17E+18,\n", "record 2", "rounded to 7.17E+18"),
        ("post,views\n7.17192E+18,5\n", "line 2", "rounded, such as 7.17192E+18"),
        ('[{"id": 7.17e18, "desc": "x", "author": "u"}]', "record 1", "it was rounded"),
        ('[{"id": "7,17E+18", "video-src": ""}]', "record 1", "it was rounded"),
        ("video_id,video_description,author_username\n7.17E+18,x,u\n", "record 1", "was rounded"),
        ("id,author,body,unix_timestamp,tiktok_url\n7.17E+18,u,x,1,\n", "record 1", "was rounded"),
    ],
)
def test_what_leads_to_no_post_is_named_with_its_place(
    tmp_path: Path, content: str, place: str, said: str
) -> None:
    (problem,) = read(tmp_path, content).problems
    assert all(part in str(problem) for part in (str(tmp_path / "a"), place, said))
    assert ("as text" in problem.remedy) == ("rounded" in said)


@pytest.mark.parametrize("rounded", ["7171915622962350000", "7.17192E+18"])
def test_the_link_of_a_table_tells_a_rounded_id(tmp_path: Path, rounded: str) -> None:
    row = f"id,author,body,unix_timestamp,tiktok_url\n{rounded},u,x,1669852800,{LINK}\n"
    catalogue = read(tmp_path, row)
    assert list(catalogue.newest) == [ID]
    (problem,) = catalogue.problems
    assert "rounded" in problem.message


def test_a_rounded_id_is_not_confirmed_by_an_address_made_of_it(tmp_path: Path) -> None:
    columns = "video_id,video_description,author_username"
    (problem,) = read(tmp_path, f"{columns}\n7171915622962350000,x,u\n").problems
    assert "looks rounded" in problem.message
