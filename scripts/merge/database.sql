CREATE TABLE build (                -- one row
    software TEXT PRIMARY KEY       -- name and version of the program that built this file
) STRICT, WITHOUT ROWID;

CREATE TABLE tiktoks (
    number INTEGER PRIMARY KEY,     -- 1, 2, 3 … in order of id; differs from corpus to corpus
    id TEXT NOT NULL UNIQUE         -- text: 20 digits don't fit an integer, 19 not a spreadsheet
        CHECK (length(id) BETWEEN 1 AND 20 AND id NOT GLOB '*[^0-9]*'),
    speech_to_text TEXT,            -- null: no readable audio, or not transcribed
    coverphoto_ocr TEXT,            -- null: no readable cover; '': no words on it
    screen_text TEXT,               -- null: no readable video, or not read; '': no words in it
    music_title TEXT,
    music_src TEXT,                 -- the sound's page, without the query of its link
    like_count INTEGER CHECK (like_count >= 0),
    like_count_shown TEXT,          -- as on the site: '22.6K'
    comment_count INTEGER CHECK (comment_count >= 0),
    comment_count_shown TEXT,
    -- Only in the site's own JSON; null in older raw info.
    share_count INTEGER CHECK (share_count >= 0),
    play_count INTEGER CHECK (play_count >= 0),
    collect_count INTEGER CHECK (collect_count >= 0),
    creator_id TEXT,
    duration_s REAL,                -- seconds, as the site says; `downloads` has the file's own
    language TEXT,                  -- ISO 639: 'en', as the site guesses it from the description
    slide_count INTEGER NOT NULL CHECK (slide_count >= 0),  -- 0: a video, no photo post
    creator_username TEXT,
    creator_nickname TEXT,
    description TEXT,
    time_posted TEXT,               -- as on the site: '3d ago', '11-24', '2021-3-9'
    posted_at INTEGER,              -- unix seconds: as the site says, or from the id
    posted_date TEXT AS (date(posted_at, 'unixepoch')) VIRTUAL,
    scrape_timestamp REAL,          -- unix seconds
    download_timestamp INTEGER,     -- unix seconds; null unless video and cover are there
    source_file TEXT NOT NULL,      -- the file with the newest observation, and its place in it
    source_record INTEGER NOT NULL CHECK (source_record >= 1),
    creator_follower_count INTEGER CHECK (creator_follower_count >= 0),
    creator_following_count INTEGER CHECK (creator_following_count >= 0),
    creator_heart_count INTEGER CHECK (creator_heart_count >= 0),
    creator_video_count INTEGER CHECK (creator_video_count >= 0),
    is_ad INTEGER CHECK (is_ad IN (0, 1)),
    ai_label INTEGER,               -- as the site numbers it; 0: none
    ai_description TEXT,
    is_pinned INTEGER CHECK (is_pinned IN (0, 1)),
    sticker_text TEXT,              -- typed by the creator, visible on the screen: one text a line
    location_created TEXT,          -- country of the creator's account: 'US'
    place_id TEXT,                  -- the place that the post is tagged with
    place_name TEXT,
    place_address TEXT,
    place_city TEXT,
    place_country TEXT,
    duet_of TEXT,                   -- id of the other post in the duet
    stitch_of TEXT                  -- id of the post that this one begins with
) STRICT;

CREATE TABLE links (                -- what identifies the browser that scraped: never publish
    id TEXT PRIMARY KEY REFERENCES tiktoks (id),
    web_id TEXT,                    -- id of the browser
    permalink TEXT,                 -- contains the web_id, too
    video_src TEXT,                 -- signed, expired after hours
    coverphoto_src TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE comments (
    video_id TEXT NOT NULL REFERENCES tiktoks (id),
    position INTEGER NOT NULL CHECK (position >= 1),    -- as on the page, from the top
    parent_position INTEGER CHECK (parent_position < position),     -- the comment it replies to
    comment_id TEXT,
    commenter_name TEXT,            -- display name; ends in ' · Creator' for the poster
    commenter_username TEXT,        -- the handle; null if only the display name is known
    commenter_id TEXT,
    comment_text TEXT,
    language TEXT,
    like_count INTEGER CHECK (like_count >= 0),
    like_count_shown TEXT,
    replies_count INTEGER CHECK (replies_count >= 0),
    replies_count_shown TEXT,
    time_posted TEXT,               -- as on the site
    posted_at INTEGER,              -- unix seconds: exact, or estimated, not before the post
    posted_date TEXT AS (date(posted_at, 'unixepoch')) VIRTUAL,
    is_creator INTEGER NOT NULL CHECK (is_creator IN (0, 1)),
    is_pinned INTEGER CHECK (is_pinned IN (0, 1)),
    liked_by_creator INTEGER CHECK (liked_by_creator IN (0, 1)),
    reply_to TEXT,                  -- comment_id of the comment it replies to, collected or not
    PRIMARY KEY (video_id, position),
    FOREIGN KEY (video_id, parent_position) REFERENCES comments (video_id, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE comment_pictures (
    video_id TEXT NOT NULL,
    position INTEGER NOT NULL,
    number INTEGER NOT NULL CHECK (number >= 1),
    url TEXT,                       -- expired after hours
    PRIMARY KEY (video_id, position, number),
    FOREIGN KEY (video_id, position) REFERENCES comments (video_id, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE hashtags (
    id TEXT NOT NULL REFERENCES tiktoks (id),
    tag TEXT NOT NULL,              -- lower case, without '#': see scripts/characters.py
    PRIMARY KEY (id, tag)
) STRICT, WITHOUT ROWID;

CREATE TABLE mentions (
    id TEXT NOT NULL REFERENCES tiktoks (id),
    username TEXT NOT NULL,         -- from the description, lower case, without '@'
    account_id TEXT,                -- null if only the description is known
    PRIMARY KEY (id, username)
) STRICT, WITHOUT ROWID;

CREATE TABLE effects (
    id TEXT NOT NULL REFERENCES tiktoks (id),
    number INTEGER NOT NULL CHECK (number >= 1),
    effect_id TEXT,
    name TEXT,
    PRIMARY KEY (id, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE downloads (
    id TEXT NOT NULL REFERENCES tiktoks (id),
    kind TEXT NOT NULL CHECK (kind IN
        ('videos', 'coverphotos', 'photos', 'captions')),
    number INTEGER NOT NULL CHECK (number >= 0),    -- of a photo post's slide, from 1; else 0
    outcome TEXT NOT NULL CHECK (outcome IN
        ('ok', 'transient', 'later', 'expired', 'gone', 'rejected', 'corrupt', 'untried')),
    reason TEXT NOT NULL,
    present INTEGER NOT NULL CHECK (present IN (0, 1)),     -- is the file there now
    attempts INTEGER NOT NULL CHECK (attempts >= 0),
    http_status INTEGER,
    host TEXT,
    size_bytes INTEGER CHECK (size_bytes >= 0),
    sha256 TEXT,
    downloaded_at INTEGER,          -- unix seconds
    link_expires_at INTEGER,        -- unix seconds; of the newest link
    format TEXT,
    width INTEGER,                  -- pixels
    height INTEGER,
    duration_s REAL,
    video_codec TEXT,
    audio_codec TEXT,
    has_audio INTEGER CHECK (has_audio IN (0, 1)),
    PRIMARY KEY (id, kind, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE texts (
    id TEXT NOT NULL REFERENCES tiktoks (id),
    kind TEXT NOT NULL CHECK (kind IN ('ocr', 'speech', 'screen')),
    source TEXT,                    -- 'another program'; of speech: captions, recognition, both, none
    language TEXT,                  -- of speech: ISO 639
    engine TEXT,                    -- 'unknown' if another program made the text
    version TEXT,
    settings TEXT,                  -- JSON
    outcome TEXT NOT NULL CHECK (outcome IN ('ok', 'unreadable')),
    reason TEXT NOT NULL,
    characters INTEGER,             -- null: unreadable
    duration_s REAL,                -- of the sound, or of the part of the video that was read
    speech_s REAL,                  -- of the voices in it
    PRIMARY KEY (id, kind)
) STRICT, WITHOUT ROWID;

CREATE TABLE screen_lines (         -- the lines of `screen_text`
    id TEXT NOT NULL REFERENCES tiktoks (id),
    number INTEGER NOT NULL CHECK (number >= 1),    -- order in which they appear
    text TEXT NOT NULL,
    start_s REAL,                   -- seconds from the start of the video; null: not known
    end_s REAL,
    source TEXT NOT NULL CHECK (source IN ('video', 'sticker')),    -- read in it, or typed on it
    is_on_cover INTEGER NOT NULL CHECK (is_on_cover IN (0, 1)),     -- 1: also in coverphoto_ocr
    PRIMARY KEY (id, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE speech_lines (         -- when each part of `tiktoks.speech_to_text` is said
    id TEXT NOT NULL REFERENCES tiktoks (id),
    number INTEGER NOT NULL CHECK (number >= 1),
    start_s REAL,
    end_s REAL,
    text TEXT NOT NULL,
    PRIMARY KEY (id, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE observations (
    id TEXT NOT NULL REFERENCES tiktoks (id),
    source_file TEXT NOT NULL,
    source_record INTEGER NOT NULL,
    scrape_timestamp REAL,          -- unix seconds
    is_newest INTEGER NOT NULL CHECK (is_newest IN (0, 1)),
    info TEXT NOT NULL,             -- JSON: the record as collected
    PRIMARY KEY (id, source_file, source_record)
) STRICT, WITHOUT ROWID;

CREATE TABLE listed_links (         -- in lists of links, and in people's own data
    number INTEGER PRIMARY KEY,
    id TEXT CHECK (id NOT GLOB '*[^0-9]*'),     -- of a post, which need not be in `tiktoks`
    short_link TEXT,                -- a link without an id: only the site knows its post
    source_file TEXT NOT NULL,
    source_record INTEGER NOT NULL CHECK (source_record >= 1),
    list TEXT,                      -- the list in a person's own data: 'Like List'
    linked_at INTEGER,              -- unix seconds, as that list says
    CHECK ((id IS NULL) <> (short_link IS NULL))
) STRICT;

CREATE INDEX listed_links_by_id ON listed_links (id);

CREATE TABLE scrapes (              -- the site's last answer to `snakemake scrape`
    id TEXT PRIMARY KEY,            -- of a post, which need not be in `tiktoks`
    outcome TEXT NOT NULL CHECK (outcome IN ('ok', 'gone', 'private', 'age-restricted',
        'region', 'login', 'blocked', 'transient')),
    reason TEXT NOT NULL,
    attempts INTEGER NOT NULL,      -- in a row with this outcome
    asked_at INTEGER NOT NULL,      -- unix seconds
    yt_dlp TEXT NOT NULL            -- its version
) STRICT, WITHOUT ROWID;

CREATE INDEX tiktoks_by_time ON tiktoks (posted_at);
CREATE INDEX tiktoks_by_creator ON tiktoks (creator_username);
CREATE INDEX hashtags_by_tag ON hashtags (tag);
CREATE INDEX mentions_by_username ON mentions (username);
CREATE INDEX downloads_by_outcome ON downloads (outcome, kind);

CREATE VIEW wanted_tiktoks AS       -- posts that are known only by their link
    SELECT listed_links.*, scrapes.outcome, scrapes.reason, scrapes.asked_at
    FROM listed_links LEFT JOIN scrapes ON scrapes.id = listed_links.id
    WHERE listed_links.id IS NULL OR listed_links.id NOT IN (SELECT id FROM tiktoks);

CREATE VIEW tiktoks_with_links AS   -- all columns of the first study's table, under its names
    SELECT * FROM tiktoks JOIN links USING (id);

CREATE VIEW sounds AS               -- each sound, and the number of posts with it
    SELECT music_src, music_title, count(*) AS tiktoks,
        min(posted_date) AS first_posted_date, max(posted_date) AS last_posted_date
    FROM tiktoks WHERE music_src IS NOT NULL OR music_title IS NOT NULL
    GROUP BY music_src, music_title;

CREATE VIEW complete_tiktoks AS     -- TikToks whose video (or slides) and cover are there
    SELECT * FROM tiktoks WHERE download_timestamp IS NOT NULL;

CREATE VIEW search_texts AS         -- the texts that `search` indexes: one row for each TikTok
    SELECT
        number,
        id,
        coalesce(creator_username, '') || ' ' || coalesce(creator_nickname, '') AS creator,
        description,
        music_title AS music,
        coverphoto_ocr AS cover,
        speech_to_text AS speech,
        (
            SELECT group_concat(text, char(10))
            FROM (
                SELECT text FROM screen_lines
                WHERE screen_lines.id = tiktoks.id AND NOT is_on_cover
                ORDER BY screen_lines.number
            )
        ) AS screen,
        (
            SELECT group_concat(comment_text, char(10))
            FROM (SELECT comment_text FROM comments WHERE video_id = tiktoks.id ORDER BY position)
        ) AS comments
    FROM tiktoks;

CREATE VIRTUAL TABLE search USING fts5 (
    id UNINDEXED, creator, description, music, cover, speech, screen, comments,
    content = 'search_texts', content_rowid = 'number',
    tokenize = 'porter unicode61 remove_diacritics 2'
);

CREATE TABLE search_terms (         -- the ranked search: see scripts/search/index.py
    term TEXT NOT NULL,
    block INTEGER NOT NULL CHECK (block >= 0),      -- of BLOCK TikToks by number
    postings BLOB NOT NULL,
    PRIMARY KEY (term, block)
) STRICT, WITHOUT ROWID;

CREATE TABLE search_words (         -- words of running text, by which hashtags are split
    word TEXT PRIMARY KEY,
    occurrences INTEGER NOT NULL CHECK (occurrences > 0)
) STRICT, WITHOUT ROWID;
