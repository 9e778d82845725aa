/**
 * Makes one TikTok's record from its JSON (`post`) and from what the page shows (`shown`).
 *
 * The JSON comes first, because it certainly belongs to this post. A field that neither has is null,
 * and `missing` says why. It never affects the other fields.
 */

import { HOME, POST_LINK, linkOf } from "./site.js";
import { isMediaLink, musicLinkOf } from "./dom.js";

/** The fields that every record has. Each gets `{open, post, shown, webId}`. */
const FIELDS = {
  "video-src": ({ post, shown }) => videoLink(post, shown),
  "coverphoto-src": ({ post, shown }) =>
    firstLink([post?.video?.cover, post?.video?.originCover, shown.cover, photosOf(post, shown)[0]?.url]),
  permalink: ({ open, shown }) => permalink(open, shown),
  "web-id": ({ webId }) => webId,
  id: ({ open }) => open.id,
  "like-count": ({ post, shown }) => shownCount(statOf(post, "diggCount")) ?? shown.likeCount,
  "comment-count": ({ post, shown }) => shownCount(statOf(post, "commentCount")) ?? shown.commentCount,
  "creator-username": ({ open, post, shown }) => `@${handleOf(post) ?? shown.username ?? open.handle}`,
  "creator-nickname": ({ post, shown }) => post?.author?.nickname ?? post?.nickname ?? shown.nickname,
  "time-posted": ({ post, shown }) => shownDate(post?.createTime) ?? shown.date,
  "music-title": ({ post, shown }) => musicTitle(post?.music) ?? shown.music,
  "music-src": ({ post, shown }) => musicPage(post?.music) ?? musicLinkOf(shown),
  description: ({ post, shown }) => post?.desc ?? shown.description,
};

/** The fields that only the JSON has. */
const EXTRAS = {
  "like-count-exact": (post) => statOf(post, "diggCount"),
  "comment-count-exact": (post) => statOf(post, "commentCount"),
  "share-count": (post) => statOf(post, "shareCount"),
  "play-count": (post) => statOf(post, "playCount"),
  "collect-count": (post) => statOf(post, "collectCount"),
  "create-time": (post) => number(post.createTime) || null,
  "creator-id": (post) => text(post.author?.id) ?? text(post.authorId),
  "creator-sec-uid": (post) => text(post.author?.secUid) ?? text(post.authorSecId),
  "creator-verified": (post) => flag(post.author?.verified),
  "creator-follower-count": (post) => creatorStatOf(post, "followerCount"),
  "creator-following-count": (post) => creatorStatOf(post, "followingCount"),
  "creator-heart-count": (post) => creatorStatOf(post, "heartCount"),
  "creator-video-count": (post) => creatorStatOf(post, "videoCount"),
  duration: (post) => (post.imagePost ? null : number(post.video?.duration)),
  width: (post) => (post.imagePost ? null : number(post.video?.width)),
  height: (post) => (post.imagePost ? null : number(post.video?.height)),
  language: (post) => text(post.textLanguage),
  hashtags: (post) => hashtagsOf(post),
  mentions: (post) => mentionsOf(post),
  "music-id": (post) => text(post.music?.id),
  "music-author": (post) => text(post.music?.authorName),
  "music-original": (post) => flag(post.music?.original),
  "is-ad": (post) => flag(post.isAd),
  "ai-label": (post) => number(post.aigcLabelType),
  "ai-description": (post) => text(post.AIGCDescription) || null,
  "is-pinned": (post) => flag(post.isPinnedItem),
  "sticker-texts": (post) => stickerTextsOf(post),
  effects: (post) => effectsOf(post),
  "location-created": (post) => text(post.locationCreated) || null,
  place: (post) => placeOf(post.poi),
  "duet-of": (post) => otherId(post.duetInfo?.duetFromId),
  "stitch-of": (post) => stitchSource(post),
  "video-links": (post) => (post.imagePost ? null : videoLinks(post.video)),
  captions: (post) => captionsOf(post.video),
};

/** The record without its comments and the time. `why`: the reason for fields that no source had. */
export function postRecord(sources, why) {
  const missing = {};
  const attempt = (read, key) => {
    try {
      return read() ?? null;
    } catch (error) {
      missing[key] = `it could not be read: ${error.message}`;
      return null;
    }
  };
  const record = {};
  for (const [key, read] of Object.entries(FIELDS)) {
    // If the JSON has an unknown shape, the page may still show the value.
    record[key] = attempt(() => read(sources), key) ?? attempt(() => read({ ...sources, post: null }), key);
    if (record[key] !== null) delete missing[key];
    if (record[key] === null && !(key === "video-src" && isPhotoPost(sources))) {
      missing[key] ??= reasonFor(key, sources, why);
    }
  }
  for (const [key, read] of Object.entries(sources.post ? EXTRAS : {})) {
    const value = attempt(() => read(sources.post), key);
    if (value !== null && !(Array.isArray(value) && !value.length)) record[key] = value;
  }
  const photos = attempt(() => photosOf(sources.post, sources.shown), "photos");
  if (photos?.length) record.photos = photos;
  return { record, missing };
}

/** True if the post has slides instead of a video. */
const isPhotoPost = ({ open, post }) => Boolean(post?.imagePost) || open.kind === "photo";

function reasonFor(key, { shown }, why) {
  if (key !== "video-src") return why;
  if (shown.video?.startsWith("blob:")) return "the player uses a blob: link, and the page has no other link";
  return why;
}

/**
 * Merge two records of one TikTok: for each field, the newer value, or else the older one. Of the
 * comments, it keeps the longer list, unless the TikTok was scraped `anew` on purpose.
 */
export function better(newer, older, anew) {
  const record = { ...older, ...newer };
  for (const key of Object.keys(older)) record[key] = newer[key] ?? older[key];
  const isWhole = anew && !newer.missing?.comments;
  const isMore = isWhole || allComments(newer).length >= allComments(older).length;
  if (!isMore) {
    record.comments = older.comments;
    record.sources = { ...newer.sources, comments: older.sources?.comments };
  }
  const lacks = ([key]) => (key === "comments" ? isMore : record[key] === null);
  const missing = Object.entries(newer.missing ?? {}).filter(lacks);
  if (!isMore && older.missing?.comments) missing.push(["comments", older.missing.comments]);
  delete record.missing;
  return missing.length ? { ...record, missing: Object.fromEntries(missing) } : record;
}

/** All comments, with their replies. */
const allComments = ({ comments }) => comments.flatMap((comment) => [comment, ...(comment.replies ?? [])]);

// --- comments

/** The record of a comment in the page's JSON. `creator`: the handle of the post's creator. */
export function commentRecord(comment, creator) {
  const user = comment.user ?? {};
  const mark = user.unique_id === creator ? " · Creator" : "";
  const pictures = picturesOf(comment);
  return known({
    "commenter-username": user.nickname === undefined ? null : `@${user.nickname}${mark}`,
    "comment-text": comment.text || (pictures ? PICTURE : comment.text ?? null),
    "time-posted": shownDate(comment.create_time),
    "like-count": shownCount(number(comment.digg_count)),
    "replies-count": String(comment.reply_comment_total || ""),
    "comment-id": String(comment.cid),
    "commenter-handle": user.unique_id,
    "commenter-id": user.uid,
    "create-time": number(comment.create_time) || undefined,
    language: comment.comment_language,
    pictures,
    "is-pinned": flag(comment.author_pin) ?? undefined,
    "liked-by-creator": flag(comment.is_author_digged) ?? undefined,
    "reply-to": otherId(comment.reply_to_reply_id) ?? otherId(comment.reply_id) ?? undefined,
  });
}

/** The text of a comment that consists only of a picture, as two of 19 do. */
const PICTURE = "(picture)";

/** The pictures of a comment. */
function picturesOf(comment) {
  const urls = comment.image_list?.map?.((image) =>
    firstLink([...listOf(image?.origin_url?.url_list), ...listOf(image?.crop_url?.url_list)]),
  );
  const pictures = (urls ?? []).filter(Boolean).map((url) => ({ url }));
  return pictures.length ? pictures : undefined;
}

const known = (object) => Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));

// --- parts of a post

export function commentCountOf(post) {
  return statOf(post, "commentCount");
}

/** The creator's handle. In old data, the author is a plain string. */
function handleOf(post) {
  return typeof post?.author === "string" ? post.author : post?.author?.uniqueId;
}

function statOf(post, name) {
  return number(post?.statsV2?.[name]) ?? number(post?.stats?.[name]);
}

function creatorStatOf(post, name) {
  return number(post.authorStatsV2?.[name]) ?? number(post.authorStats?.[name]);
}

function permalink(open, shown) {
  const isThis = shown.permalink && POST_LINK.exec(shown.permalink)?.[3] === open.id;
  return isThis ? shown.permalink : linkOf(open);
}

/** The player's own link, unless nobody else can follow it. */
function videoLink(post, shown) {
  if (post?.imagePost) return null;
  const links = videoLinks(post?.video).map((link) => link.url);
  const isThis = !links.length || links.some((link) => pathOf(link) === pathOf(shown.video));
  return isMediaLink(shown.video) && isThis ? shown.video : playLink(post?.video) ?? links[0];
}

/** The part of a link that mirrors of the same file have in common. */
const pathOf = (link) => /^https?:\/\/[^/]+([^?]*)/.exec(link ?? "")?.[1];

/** The link to play: a plain link, or, in old data, the first of a list. */
function playLink(video) {
  const address = video?.playAddr;
  return firstLink([Array.isArray(address) ? address[0]?.src : address]);
}

/** All links of a video, H.264 first, because everything plays it. */
function videoLinks(video) {
  const formats = listOf(video?.bitrateInfo).map((format) => ({
    codec: format.CodecType,
    bitrate: number(format.Bitrate) ?? undefined,
    size: number(format.PlayAddr?.DataSize) ?? undefined,
    urls: format.PlayAddr?.UrlList ?? [],
  }));
  formats.sort((a, b) => (a.codec !== "h264") - (b.codec !== "h264"));
  formats.push({ codec: video?.codecType, urls: [playLink(video)] });
  const links = formats.flatMap(({ urls, ...format }) => urls.map((url) => known({ url, ...format })));
  const first = new Map(links.filter(({ url }) => isLink(url)).map((link) => [link.url, link]).reverse());
  return links.filter((link) => first.get(link.url) === link);
}

function photosOf(post, shown) {
  const photos = post?.imagePost?.images?.map((image) => ({
    url: firstLink(image.imageURL?.urlList ?? []),
    width: image.imageWidth,
    height: image.imageHeight,
  }));
  return (photos ?? shown.photos?.map((url) => ({ url })) ?? []).filter(({ url }) => isLink(url)).map(known);
}

/** The caption tracks, one entry for each address. Machine translations (98 % of the tracks) are nobody's words, and left out. */
function captionsOf(video) {
  const old = listOf(video?.subtitleInfos).map(oldTrack);
  const tracks = old.length ? old : listOf(video?.claInfo?.captionInfos).flatMap(newTracks);
  return tracks.filter(({ url, source }) => url && source !== "MT").map(known);
}

const oldTrack = (track) => ({
  url: firstLink([track.Url]) ?? undefined,
  language: text(track.LanguageCodeName) ?? undefined,
  source: text(track.Source) ?? undefined,
  format: text(track.Format) ?? undefined,
  expires: number(track.UrlExpire) ?? undefined,
});

/** A track in new data, once for each address. Its first address often fails, so that one comes last. */
function newTracks(track) {
  const others = listOf(track.urlList).filter((url) => url !== track.url);
  const madeBySite = flag(track.isOriginalCaption) === false ? "MT" : "ASR";
  const links = [...new Set([...others, track.url])].filter(isLink);
  return links.map((url) => ({
    url,
    language: text(track.language) ?? undefined,
    source: flag(track.isAutoGen) ? madeBySite : "LC",
    format: text(track.captionFormat) ?? undefined,
    expires: number(track.expire) ?? undefined,
  }));
}

function hashtagsOf(post) {
  const names = Array.isArray(post.textExtra)
    ? post.textExtra.map((extra) => text(extra?.hashtagName))
    : listOf(post.challenges).map((tag) => text(tag?.title));
  return [...new Set(names.filter(Boolean))];
}

function mentionsOf(post) {
  const mentions = listOf(post.textExtra).map((extra) => {
    const handle = text(extra?.userUniqueId);
    return [handle, known({ handle, id: otherId(extra?.userId) ?? undefined })];
  });
  return [...new Map(mentions.filter(([handle]) => handle)).values()];
}

/** The texts that the creator typed onto the picture. */
function stickerTextsOf(post) {
  const lines = listOf(post.stickersOnItem).flatMap((sticker) => listOf(sticker?.stickerText));
  return lines.filter((line) => typeof line === "string" && line);
}

function effectsOf(post) {
  const effects = listOf(post.effectStickers).map((effect) =>
    known({ id: text(effect?.ID) ?? undefined, name: text(effect?.name) ?? undefined }),
  );
  return effects.filter((effect) => Object.keys(effect).length);
}

function placeOf(poi) {
  const parts = ["id", "name", "address", "city", "country"];
  const place = known(Object.fromEntries(parts.map((name) => [name, text(poi?.[name]) || undefined])));
  return Object.keys(place).length ? place : null;
}

/** The source of a stitch: the site links it as a mention that leads to a post. */
function stitchSource(post) {
  if (otherId(post.duetInfo?.duetFromId)) return null;
  return listOf(post.textExtra).map((extra) => otherId(extra?.awemeId)).find(Boolean) ?? null;
}

const musicTitle = (music) =>
  music?.title ? [music.title, music.authorName].filter(Boolean).join(" - ") : null;

function musicPage(music) {
  if (!music?.id || !music.title) return null;
  return `${HOME}/music/${encodeURI(music.title.trim().replace(/[\s/?#]+/g, "-"))}-${music.id}`;
}

// --- values

const isLink = (link) => /^https?:\/\//.test(link ?? "");

const listOf = (value) => (Array.isArray(value) ? value : []);

const firstLink = (links) => links.find(isLink) ?? null;

function number(value) {
  return value === null || value === undefined || value === "" || Number.isNaN(Number(value)) ? null : Number(value);
}

function text(value) {
  if (typeof value === "number") return String(value);
  return typeof value === "string" ? value : null;
}

/** A truth value, which the site also writes as 1 and 0; null for anything else. */
const flag = (value) => ([true, false, 1, 0].includes(value) ? Boolean(value) : null);

/** The id of another post or comment, or null: the site writes "0" or "" for no id. */
const otherId = (value) => (/^0*[1-9]\d*$/.test(value ?? "") ? String(value) : null);

/** A count as the site shows it: 8917, 22.6K, 3.1M. */
export function shownCount(count) {
  if (count === null || count === undefined) return null;
  const [unit, letter] = count >= 1e6 ? [1e6, "M"] : count >= 1e4 ? [1e3, "K"] : [1, ""];
  return unit === 1 ? String(count) : `${Math.floor((count * 10) / unit) / 10}${letter}`;
}

/** A day as the site shows it: 2021-3-9. */
function shownDate(seconds) {
  if (!Number(seconds)) return null;
  const date = new Date(Number(seconds) * 1000);
  return `${date.getUTCFullYear()}-${date.getUTCMonth() + 1}-${date.getUTCDate()}`;
}
