"""The demo's TikToks: what each one says, shows and links to. Everything else follows from this.

`make_media` draws, speaks and writes them; `site` serves them; tests compare recognised text and
speech with `cover_text` and `speech`. Everything is invented. This module needs only the standard
library.
"""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

DEMO = Path(__file__).parent
VIDEOS = DEMO / "media" / "videos"
COVERS = DEMO / "media" / "coverphotos"
INFO = DEMO / "info"

WEB_ID = "7199999999999999999"
YEAR_2100 = 4102444800  # as hex still 8 digits
LINK_LIFE_S = 6 * 3600


@dataclass(frozen=True, slots=True)
class Comment:
    """One comment as scraped: display name, text, time and counts as shown."""

    name: str
    text: str
    time: str = "1d ago "
    likes: str = "3"
    replies: str = ""


@dataclass(frozen=True, slots=True)
class Tiktok:
    """One demo TikTok. `link` says how its video is linked: see `video_link`."""

    handle: str
    nickname: str
    posted: str  # ISO 8601, UTC
    cover: tuple[str, ...]  # the lines on the cover
    speech: str
    description: str
    music: str
    likes: str
    comment_count: str
    drawing: str  # a name in drawings.DRAWINGS
    colors: tuple[str, str]  # of the background, top and bottom
    label: tuple[str, str]  # colour of the letters, and of the box behind them
    voice: str  # of flite
    comments: tuple[Comment, ...]
    link: str = "query"
    screen: str = ""  # text that only the video shows, for a while

    @property
    def posted_at(self) -> int:
        """Post time, unix seconds."""
        return int(datetime.fromisoformat(self.posted).replace(tzinfo=UTC).timestamp())

    @property
    def scraped_at(self) -> float:
        """Time of the scrape, unix seconds: two days after the post."""
        return self.posted_at + 2 * 86400 + 0.25

    @property
    def id(self) -> str:
        """19 digits. As on the real site, the upper 32 bits are the time of the post."""
        return str(self.posted_at << 32 | int(self.digest("id")[:8], 16))

    @property
    def cover_text(self) -> str:
        return " ".join(self.cover)

    @property
    def video_path(self) -> str:
        """The path of the video's link. Some links have their expiry in it."""
        path = f"/video/tos/useast5/tos-useast5-ve-0068c001-tx/{self.digest('video')}/"
        return f"/{self.digest('path')}/{YEAR_2100:08x}{path}" if self.link == "path" else path

    @property
    def cover_path(self) -> str:
        return f"/tos-useast5-p-0068-tx/{self.digest('cover')}~tplv-r00ih4996s-1:720:720.jpeg"

    @property
    def video_link(self) -> str:
        """The `video-src`: expiry in the query or in the path, expired, gone (404) or `blob:`."""
        if self.link == "blob":
            d = self.digest("blob")
            return f"blob:https://www.tiktok.com/{d[:8]}-{d[8:12]}-{d[12:16]}-{d[16:20]}-{d[20:32]}"
        common = "a=1988&br=1106&bt=553&mime_type=video_mp4"
        if self.link == "path":
            return f"https://v16m-webapp.tiktokcdn-us.com{self.video_path}?{common}"
        expire = int(self.scraped_at) + LINK_LIFE_S if self.link == "expired" else YEAR_2100
        fault = "&demo-fault=status-404" if self.link == "gone" else ""
        return (
            f"https://v16-webapp-prime.us.tiktok.com{self.video_path}?{common}{fault}"
            f"&expire={expire}&policy=6&signature=demo&tk=tt_chain_token"
        )

    @property
    def cover_link(self) -> str:
        host = "p16-sign.tiktokcdn-us.com"
        return f"https://{host}{self.cover_path}?x-expires={YEAR_2100}&x-signature=demo%3D"

    @property
    def permalink(self) -> str:
        return (
            f"https://www.tiktok.com/@{self.handle}/video/{self.id}"
            f"?is_from_webapp=1&sender_device=pc&web_id={WEB_ID}"
        )

    @property
    def music_link(self) -> str:
        slug = "-".join(self.music.replace("-", " ").split())
        return f"https://www.tiktok.com/music/{slug}-{int(self.digest('music')[:15], 16)}"

    @property
    def video_file(self) -> Path:
        return VIDEOS / f"{self.id}.mp4"

    @property
    def cover_file(self) -> Path:
        return COVERS / f"{self.id}.jpg"

    def digest(self, of: str) -> str:
        """32 hex digits, the same on every machine, for the made-up parts of links and ids."""
        return hashlib.sha256(f"{self.handle} {of}".encode()).hexdigest()[:32]


TIKTOKS = (
    Tiktok(
        handle="bakes.with.nora",
        nickname="Nora",
        posted="2023-02-11T09:14:52",
        cover=("MY FIRST", "SOURDOUGH", "BREAD"),
        speech="I fed this starter for two weeks, and my loaf came out flat as a pancake. "
        "It still tastes great with butter.",
        description="day 14 of keeping a jar of flour alive 🍞 #sourdough #bakingfail #homebaking",
        music="original sound - Nora",
        likes="22.6K",
        comment_count="113",
        drawing="bread",
        colors=("#fff3d6", "#fbcfa4"),
        label=("#2b1a10", "#ffffff"),
        voice="kal16",
        comments=(
            Comment("@Leo 🍞", "flat bread is still bread 😂😂", "5h ago ", "2888", "6"),
            Comment("@Mireille", "Chez nous on appelle ça une focaccia 😉", "1d ago ", "310", "2"),
            Comment("@pan_y_paz", "¡Qué buena pinta tiene la corteza!", "2-11", "57"),
            Comment("@Nora · Creator", "more water next time, I promise 🙏", "2-12", "1.2K"),
            Comment("@ゆき", "焼きたてのパンが食べたい🥖", "9h ago ", "88"),
        ),
        screen="now with molasses",
    ),
    Tiktok(
        handle="mittens_daily",
        nickname="Mittens & Co",
        posted="2023-03-28T18:40:03",
        cover=("CAT MEETS", "ROBOT VACUUM"),
        speech="My cat was afraid of the vacuum for one whole day. "
        "Now she rides it around the living room like a taxi.",
        description="she pays in hairballs #catsoftiktok #robotvacuum #funnycats",
        music="Slow Tuesday - The Window Seats",
        likes="1.4M",
        comment_count="8021",
        drawing="cat",
        colors=("#16222a", "#24405c"),
        label=("#ffffff", "#0a0f14"),
        voice="rms",
        comments=(
            Comment("@한나", "고양이 택시 ㅋㅋㅋㅋ 너무 귀여워 😻", "3-29", "14.2K", "33"),
            Comment("@Dmitri", "Сколько стоит проезд до кухни?", "3-29", "5028", "12"),
            Comment("@code.monkey", '<img src="cat.png" alt="driver"> 404 mouse not found', "3-30"),
            Comment("@ليلى", "قطتي تهرب من المكنسة 😹", "3-28", "731", "1"),
            Comment("@Ann", "<b>GIVE HER A TIP</b> & five stars", "2d ago ", "92"),
            Comment("@jo<3cats", "I <3 her driving", "7s ago ", "0"),
        ),
        link="path",
    ),
    Tiktok(
        handle="twowheels.tom",
        nickname="Tom fixes bikes",
        posted="2023-05-06T07:05:31",
        cover=("FIX A FLAT TIRE", "IN FIVE MINUTES"),
        speech="Take the wheel off. Pull out the inner tube and look for the hole. "
        "Clean it, put the patch on, and pump it up again.",
        description="no bike shop needed 🚲 #bicycle #repair #commuter",
        music="original sound - Tom fixes bikes",
        likes="48.3K",
        comment_count="402",
        drawing="bicycle",
        colors=("#f1ffdc", "#bfe6da"),
        label=("#0b3d2e", "#ffffff"),
        voice="rms",
        comments=(
            Comment("@Sanne", "dit leren we op de basisschool 🇳🇱", "5-6", "2.1K", "18"),
            Comment("@gravelgreta", "or go tubeless and cry about sealant", "5-7", "640", "9"),
            Comment("@अर्जुन", "बहुत बढ़िया तरीका भाई 👍", "5-7", "112"),
            Comment("@newbie", "my five minutes took two hours", "5-9", "899", "4"),
        ),
    ),
    Tiktok(
        handle="plantparent.ines",
        nickname="Inês",
        posted="2023-06-19T12:27:44",
        cover=("WHY YOUR BASIL", "KEEPS DYING"),
        speech="Supermarket basil is twenty tiny plants fighting in one pot. "
        "Split them up, water from below, and give them sun.",
        description="free your herbs 🌿 #plantparent #basil #kitchengarden",
        music="Greenhouse - Paper Lanterns",
        likes="270.6K",
        comment_count="1377",
        drawing="plant",
        colors=("#10281c", "#1f4a33"),
        label=("#ffffff", "#0a1a12"),
        voice="kal16",
        comments=(
            Comment("@Giulia", "il basilico non si discute 🇮🇹🌿", "6-20", "3300", "21"),
            Comment("@Manuel", "o meu durou três dias 😭", "6-19", "801", "3"),
            Comment("@brown_thumb", "so I run a gladiator arena", "6-21", "6.7K", "40"),
            Comment("@ต้นไม้", "ขอบคุณค่ะ จะลองทำดู", "6-22", "45"),
        ),
        link="path",
    ),
    Tiktok(
        handle="statsforhumans",
        nickname="Statistics for humans",
        posted="2023-09-02T16:51:09",
        cover=("THE T-TEST", "EXPLAINED", "WITH TEA"),
        speech="Ten cups with milk first, ten cups with tea first. "
        "Can she really taste the difference, or is she just lucky?",
        description="a lady, a cup of tea and a famous experiment #statistics #science #learn",
        music="original sound - Statistics for humans",
        likes="8917",
        comment_count="264",
        drawing="cup",
        colors=("#f6ecff", "#cfc6f2"),
        label=("#221c4a", "#ffffff"),
        voice="slt",
        comments=(
            Comment("@p_value", "n = 20 and a biscuit, please", "9-2", "1506", "2"),
            Comment("@Καίτη", "επιτέλους το κατάλαβα ☕", "9-3", "77"),
            Comment("@earl.grey", "milk first is a null hypothesis I reject", "9-3", "2.3K", "14"),
            Comment("@&amp;rew", "is it &lt;0.05 or &gt;0.05 &#128514;", "9-4", "31"),
        ),
    ),
    Tiktok(
        handle="rainyday.run",
        nickname="Aisha runs",
        posted="2023-10-14T06:33:20",
        cover=("RUNNING IN", "THE RAIN", "DAY 30"),
        speech="Thirty days of running, and twenty five of them were wet. "
        "My shoes never dried, but I slept better than ever.",
        description="",
        music="Puddles - North Pier",
        likes="91.2K",
        comment_count="530",
        drawing="umbrella",
        colors=("#1a2436", "#2f3f5c"),
        label=("#ffffff", "#8e1447"),
        voice="rms",
        comments=(
            Comment("@Fionnuala", "that's just called summer in Galway ☔", "10-14", "4.4K", "27"),
            Comment("@Marek", "gazeta w butach na noc, działa zawsze", "10-15", "980", "6"),
            Comment("@runclub", "day 31 when??", "10-16", "12"),
        ),
    ),
    Tiktok(
        handle="kitchen.physics",
        nickname="Kitchen Physics",
        posted="2023-12-08T20:12:37",
        cover=("WHY DOES", "POPCORN POP?"),
        speech="There is a drop of water in every grain of corn. "
        "The heat turns it into steam. The pressure grows until the shell explodes.",
        description="the loudest snack 🍿 #physics #popcorn #kitchenscience",
        music="original sound - Kitchen Physics",
        likes="3.1M",
        comment_count="12.9K",
        drawing="popcorn",
        colors=("#fff0ee", "#f9c3c6"),
        label=("#7a0f2b", "#ffffff"),
        voice="rms",
        comments=(
            Comment("@小米", "原来如此。难怪放久了就爆不开🍿", "12-9", "20.1K", "88"),
            Comment("@Tariq", "180 degrees and nine atmospheres, tiny bombs", "12-9", "7.5K", "30"),
            Comment("@xX_script_Xx", "<script>alert('pop')</script>", "12-10", "404", "1"),
            Comment("@Ngọc", "xem xong đi mua bắp rang liền 😋", "12-11", "66"),
        ),
        link="path",
    ),
    Tiktok(
        handle="nightsky.lea",
        nickname="Lea looks up",
        posted="2024-01-21T22:58:11",
        cover=("HOW TO FIND", "SATURN", "TONIGHT"),
        speech="Look south after sunset, for a steady yellow light that does not twinkle. "
        "With a small telescope you will see the rings.",
        description="no app required 🪐✨ #astronomy #saturn #stargazing",
        music="Orbit - Little Observatory",
        likes="172.9K",
        comment_count="745",
        drawing="planet",
        colors=("#0d1326", "#3a2a63"),
        label=("#fff4c2", "#080c18"),
        voice="slt",
        comments=(
            Comment("@José", "lo vi ayer con binoculares 🔭", "1-22", "540", "5"),
            Comment("@תמר", "ראיתי את הטבעות! מדהים 🪐", "1-22", "130"),
            Comment("@city_lights", "all I can see is the petrol station", "1-23", "9.9K", "51"),
        ),
    ),
    Tiktok(
        handle="grandpa.joe.tries",
        nickname="Grandpa Joe",
        posted="2024-03-09T15:20:45",
        cover=("GRANDPA TRIES", "BUBBLE TEA"),
        speech="He thought the pearls were olives. "
        "He asked for a spoon. Then he ordered two more, with extra sugar.",
        description="wait for his review 🧋👴 #grandpa #bubbletea #wholesome",
        music="Sunday Best - The Cardigans Club",
        likes="655.4K",
        comment_count="2210",
        drawing="bubbletea",
        colors=("#fff0fa", "#dccdf3"),
        label=("#3d1f4e", "#ffffff"),
        voice="rms",
        comments=(
            Comment("@美玲", "阿公好可愛。歡迎來台灣喝正宗的 🧋", "3-9", "18.8K", "61"),
            Comment("@Bea", "protect this man at all costs 😭❤️", "3-10", "11K", "19"),
            Comment("@olive_fan", "olives in tea… someone write that down", "3-10", "2045", "8"),
            Comment("@Zeynep", "dedem de öyle güzel güler 🥹", "3-12", "390"),
        ),
    ),
    Tiktok(
        handle="thrift.tales",
        nickname="Thrift Tales",
        posted="2022-11-24T11:02:18",
        cover=("FIVE DOLLAR", "LAMP MAKEOVER"),
        speech="I found this ugly lamp at the flea market. "
        "One can of blue paint and a new shade, and it looks brand new.",
        description="before you throw it away… #thrifted #upcycling #lamp",
        music="original sound - Thrift Tales",
        likes="14.1K",
        comment_count="89",
        drawing="lamp",
        colors=("#fff8ee", "#f3cdb8"),
        label=("#1d3f70", "#ffffff"),
        voice="rms",
        comments=(
            Comment("@Odile", "le avant/après 😍", "11-25", "201"),
            Comment("@sparky", "please check the wiring too!!", "11-25", "1.1K", "7"),
        ),
        screen="velvet, 4 euros",
        link="expired",
    ),
    Tiktok(
        handle="quiet.please",
        nickname="Your librarian",
        posted="2024-04-17T13:46:59",
        cover=("THINGS EVERY", "LIBRARIAN HEARS"),
        speech="I am looking for a book. It was blue, I think. "
        "No, I do not remember the title, but there was a dog in it.",
        description="it was never the blue one 📚 #librarian #books #storytime",
        music="original sound - Your librarian",
        likes="37K",
        comment_count="318",
        drawing="books",
        colors=("#eef2ff", "#c3cdf0"),
        label=("#1d2545", "#ffffff"),
        voice="rms",
        comments=(
            Comment("@Ольга", "каждый день 😂 «такая синяя, про собаку»", "4-17", "760", "3"),
            Comment("@shelf_life", "it was green and about a cat", "4-18", "5.5K", "22"),
            Comment("@Ama", "medaase, I laughed out loud in the quiet zone 🤫", "4-19", "48"),
        ),
        link="gone",
    ),
    Tiktok(
        handle="ukulele.max",
        nickname="Max & four strings",
        posted="2024-05-30T17:31:26",
        cover=("THREE CHORDS", "ONE HUNDRED", "SONGS"),
        speech="Put one finger on this string and two fingers on the other one. "
        "Congratulations, you can play a hundred songs.",
        description="your neighbours will love me 🎶 #ukulele #musiclesson #beginner",
        music="original sound - Max & four strings",
        likes="5203",
        comment_count="0",
        drawing="ukulele",
        colors=("#e6fff2", "#b4e0e6"),
        label=("#07363d", "#ffffff"),
        voice="slt",
        comments=(),
        link="blob",
    ),
)
