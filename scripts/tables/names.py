"""The names and sources of the tables. Every run imports this module, so it imports little."""

from pathlib import Path

# For each table: the table or view of the database that it comes from, and the order of its rows.
TABLES = {
    "posts": ("tiktoks", "number"),
    "comments": ("comments", "video_id, position"),
    "speech_lines": ("speech_lines", "id, number"),
    "screen_lines": ("screen_lines", "id, number"),
    "hashtags": ("hashtags", "id, tag"),
    "sounds": ("sounds", "tiktoks DESC, music_src, music_title"),
    "downloads": ("downloads", "id, kind, number"),
}
DICTIONARY = ("table", "column", "type", "meaning")
WORKBOOK = "tables.xlsx"

# Posts and comments in 4CAT's columns, which docs/tables.md describes. A column that would need a
# signed link stays empty, so that programs still find it.
FOURCAT = {
    "posts": """
        SELECT NULL AS collected_from_url, id, id AS thread_id,
            ltrim(creator_username, '@') AS author,
            creator_nickname AS author_full, creator_follower_count AS author_followers,
            creator_heart_count AS author_likes, creator_video_count AS author_videos,
            NULL AS author_avatar, description AS body, sticker_text AS stickers,
            datetime(posted_at, 'unixepoch') AS timestamp, posted_at AS unix_timestamp,
            iif(duet_of IS NULL, 'no', 'yes') AS is_duet,
            CASE is_ad WHEN 1 THEN 'yes' WHEN 0 THEN 'no' END AS is_ad,
            music_title AS music_name, substr(music_src, length(rtrim(
                music_src, replace(replace(music_src, '-', ''), '/', ''))) + 1) AS music_id,
            music_src AS music_url,
            NULL AS music_thumbnail, NULL AS music_author, NULL AS video_url,
            'https://www.tiktok.com/@' || coalesce(ltrim(creator_username, '@'), '')
                || iif(slide_count, '/photo/', '/video/') || id AS tiktok_url,
            NULL AS thumbnail_url, like_count AS likes, comment_count AS comments,
            share_count AS shares, play_count AS plays, collect_count AS collects,
            (SELECT group_concat(tag) FROM (
                SELECT tag FROM hashtags WHERE hashtags.id = tiktoks.id ORDER BY tag)) AS hashtags,
            location_created,
            (SELECT group_concat(name) FROM (
                SELECT name FROM effects WHERE effects.id = tiktoks.id ORDER BY number)) AS effects
        FROM tiktoks ORDER BY number
    """,
    "comments": """
        SELECT one.comment_id AS id,
            coalesce(parent.comment_id, one.reply_to, one.video_id) AS thread_id,
            one.commenter_username AS author, ltrim(one.commenter_name, '@') AS author_full,
            NULL AS author_avatar_url, one.comment_text AS body,
            datetime(one.posted_at, 'unixepoch') AS timestamp, one.posted_at AS unix_timestamp,
            one.like_count AS likes, one.replies_count AS replies, one.video_id AS post_id,
            'https://www.tiktok.com/@' || coalesce(ltrim(creator_username, '@'), '')
                || iif(slide_count, '/photo/', '/video/') || tiktoks.id AS post_url,
            description AS post_body, NULL AS comment_url,
            CASE one.liked_by_creator WHEN 1 THEN 'yes' WHEN 0 THEN 'no' END
                AS is_liked_by_post_author,
            CASE one.is_pinned WHEN 1 THEN 'yes' WHEN 0 THEN 'no' END AS is_sticky,
            iif(one.parent_position IS NULL AND one.reply_to IS NULL, 'no', 'yes')
                AS is_comment_on_comment,
            one.language AS language_guess
        FROM comments AS one JOIN tiktoks ON tiktoks.id = one.video_id
        LEFT JOIN comments AS parent
            ON parent.video_id = one.video_id AND parent.position = one.parent_position
        ORDER BY one.video_id, one.position
    """,
}


def outputs(folder: Path | str) -> list[str]:
    """All files of the tables in this folder."""
    names = [*TABLES, "dictionary"]
    return [
        *(f"{folder}/{name}.{suffix}" for name in names for suffix in ("csv", "parquet")),
        f"{folder}/{WORKBOOK}",
    ]
