/**
 * Everything that depends on how the site is built. If the site changes, change this file.
 * `check_site()` shows which of these names still match the open page.
 *
 * In each list, the first name that matches is used. Old and new names are listed together, because
 * not every visitor gets the new page at once. Next to each is the year or month in which it last
 * worked. No name is a word that people read, because the site translates words.
 */

import { allInDocument } from "./found.js";

const e2e = (name) => `[data-e2e='${name}']`;

/** Of a class, only the part that the site's own programmers wrote stays the same. */
const part = (name) => `[class*='${name}']`;

/** CSS selectors for each thing on the page. */
export const SELECTORS = {
  // The type of page, and its parts that each belong to one post.
  modal: [["[data-e2e^='browse-']", "2026"]],
  cinema: [[part("DivCinemaModeRoot"), "2026"]],
  row: [["[data-cinema-mode-snap-row]", "2026"]], // of cinema mode
  card: [["article[data-e2e='recommend-list-item-container']", "2026"]],
  tile: [
    [e2e("user-post-item"), "2026"],
    [e2e("search_video-item"), "2026"],
    [e2e("grid-item-container"), "2026"],
  ],

  // The post.
  permalink: [[e2e("browse-video-link"), "2026"]],
  likeCount: [[e2e("browse-like-count"), "2026"], [e2e("like-count"), "2026"]],
  commentCount: [
    [e2e("browse-comment-count"), "2026"],
    [e2e("comment-count"), "2026"],
  ],
  username: [
    [e2e("browse-username"), "2026"],
    [e2e("video-author-uniqueid"), "2025"],
  ],
  nickname: [
    [e2e("browser-nickname"), "2026"], // nickname · date
    ["[class*='DivCreatorInfoContainer'] a", "2026"],
  ],
  description: [
    [e2e("browse-video-desc"), "2026"],
    [e2e("video-desc"), "2026"],
    [e2e("new-desc-span"), "2025"],
  ],
  music: [["[data-e2e='browse-music'] a", "2026"], ["[data-e2e='video-music'] a", "2025"]],
  video: [["[data-e2e='browse-video'] video", "2025"], ["video", "2026"]],
  cover: [["img[mode='2']", "2023"]],
  photo: [
    ["[data-e2e='detail-photo'] .swiper-slide:not(.swiper-slide-duplicate) img", "2025"],
    ["[data-e2e='detail-photo'] img", "2025"],
    ["img[class*='ImgPhotoSlide']", "2026"],
  ],

  // Its comments.
  openComments: [
    [e2e("browse-comment-icon"), "2026"],
    [e2e("comment-icon"), "2026"],
  ],
  commentList: [[e2e("comment-list"), "2025"], [e2e("comments-list"), "2025"]],
  drawer: [[part("DivCommentMain"), "2026"]], // replaces the list since 2026
  comment: [[e2e("comment-level-1"), "2026"]],
  reply: [[e2e("comment-level-2"), "2026"]],
  commenter: [[e2e("comment-username-1"), "2026"]],
  replier: [[e2e("comment-username-2"), "2026"]],
  creatorMark: [["[data-e2e^='comment-creator']", "2025"]], // a translated word after the name
  commentTime: [
    [e2e("comment-time-1"), "2025"],
    [e2e("comment-time-2"), "2025"],
    ["[class*='DivCommentSubContentSplitWrapper'] span", "2026"],
  ],
  commentLikes: [
    [e2e("comment-like-count"), "2025"],
    ["[class*='DivLikeContainer'] span", "2026"],
  ],
  moreReplies: [
    [e2e("view-more-1"), "2025"],
    [e2e("view-more-2"), "2025"],
    [part("DivViewRepliesContainer"), "2026"],
  ],

  // What leads on, and what blocks it.
  next: [
    ["button[data-e2e='arrow-right']", "2026"],
    [e2e("feed-navigation-next"), "2026"],
    ["[class*='DivCinemaModeRoot'] button[aria-label='Next video']", "2026"],
  ],
  captcha: [
    ["#captcha-verify-container-main-page", "2025"],
    ["#captcha_container", "2025"],
    ["#captcha-verify-image", "2026"],
    ["[class*='captcha-verify']", "2026"],
    ["[class*='captcha_verify']", "2025"],
  ],
  login: [
    ["#login-modal", "2025"],
    [e2e("login-modal"), "2025"],
    ["#loginContainer", "2026"],
  ],
};

const COMMENTS = ["comment", "commenter", "commentTime", "commentLikes"];
const POST = ["likeCount", "commentCount", "nickname", "description", "openComments", ...COMMENTS];

/** The things that each type of page needs. For each, one selector has to match. */
export const PAGES = {
  modal: [...POST, "permalink", "username", "music", "video", "commentList", "next"],
  cinema: [...POST, "video", "drawer", "next"],
  feed: [...POST, "card", "video", "drawer", "next"],
  standalone: [...POST, "card", "video", "drawer", "next"],
  post: [...POST, "username", "video"],
  profile: ["tile"],
  collection: ["tile"],
  hashtag: ["tile"],
  search: ["tile"],
  explore: ["tile"],
};

/** The addresses of grids. Liked posts are a part of the profile's page. */
export const GRIDS = {
  collection: /^\/@[^/]+\/(?:collection|playlist)\//,
  profile: /^\/@[^/]+\/?$/,
  hashtag: /^\/tag\//,
  search: /^\/search\b/,
  explore: /^\/explore\b/,
};

/** The attribute of a row in cinema mode that names its post. */
export const ROW_ID = "data-cinema-mode-snap-row";

/** The player's element names its post. */
export const PLAYER_ID = /^xgwrapper-\d+-(\d{1,20})$/;

/** The page's own data: JSON in a `<script>` with this id, or in a variable with this name. */
export const EMBEDDED = {
  rehydration: "__UNIVERSAL_DATA_FOR_REHYDRATION__", // 2026
  sigi: "SIGI_STATE", // 2025
};

/**
 * The places of each thing in JSON: keys from the outside in. `[]` means each item of a list or
 * object, and `**` means anything below, at any depth.
 */
export const JSON_PATHS = {
  posts: [
    [["itemList", "[]"], "2026"],
    [["item_list", "[]"], "2026"],
    [["data", "[]", "item"], "2026"],
    [["itemInfo", "itemStruct"], "2026"],
    [["__DEFAULT_SCOPE__", "webapp.video-detail", "itemInfo", "itemStruct"], "2026"],
    [["__DEFAULT_SCOPE__", "webapp.updated-items", "**"], "2026"],
    [["__DEFAULT_SCOPE__", "webapp.user-post", "**"], "2026"],
    [["ItemModule", "[]"], "2025"],
  ],
  webId: [
    [["__DEFAULT_SCOPE__", "webapp.app-context", "wid"], "2026"],
    [["AppContext", "appContext", "wid"], "2025"],
  ],
  comments: [[["comments", "[]"], "2026"]],
  listGoesOn: [[["hasMore"], "2026"], [["has_more"], "2026"]],
};

/** The page's own requests. Any answer from `api` may contain posts. */
export const ENDPOINTS = {
  api: /^\/api\//, // 2026
  comments: /^\/api\/comment\/list\/?$/, // 2026-09
  replies: /^\/api\/comment\/list\/reply\/?$/, // 2026
  commentsPath: "/api/comment/list/",
  repliesPath: "/api/comment/list/reply/",
};

/**
 * Ways to request comments, in the order to try them: `few` sends only these parameters, and was
 * answered without a signature; `own` sends everything that the page itself sends.
 */
export const REQUESTS = [["few", "2026-09"], ["own", "2025"]];
export const MINIMAL_QUERY = { aid: 1988, count: 50 };

/** Parameters that say which post or comment a request is about. */
export const POST_PARAMETERS = ["aweme_id", "item_id", "comment_id"];

/** Parameters that are valid for only one request; the page adds new ones by itself. */
export const SIGNATURES = ["X-Bogus", "X-Gnarly", "_signature"];

/** Other places of the browser's id: in links, in requests, and in the local storage. */
export const WEB_ID = { inLinks: "web_id", inRequests: "device_id", stored: "__tea_cache_tokens_1988" };

/** A post's address. */
export const POST_LINK = /\/@([^/?#]+)\/(video|photo)\/(\d{1,20})/;

export const HOME = "https://www.tiktok.com";

export const linkOf = ({ handle, kind, id }) => `${HOME}/@${handle}/${kind}/${id}`;

/** How many comments the site loads by itself. */
export const FIRST_PAGE = 20;

/** All values at a thing's paths in `json`. */
export const valuesOf = (thing, json) => JSON_PATHS[thing].flatMap(([path]) => valuesAt(json, path));

/** All values at a path, in the order of the document. */
export function valuesAt(json, path) {
  let values = [json];
  for (const key of path) {
    values = values.flatMap((value) => {
      if (value === null || typeof value !== "object") return [];
      if (key === "**") return allBelow(value);
      return key === "[]" ? Object.values(value) : [value[key]];
    });
  }
  return values.filter((value) => value !== undefined && value !== null);
}

function allBelow(value) {
  if (value === null || typeof value !== "object") return [];
  return Object.values(value).flatMap((part) => [part, ...allBelow(part)]);
}

/** The first element that a thing's selectors find in `root`, or null. */
export function find(thing, root = document) {
  for (const [selector] of SELECTORS[thing]) {
    const element = root === document ? allInDocument(selector)[0] : root.querySelector(selector);
    if (element) return element;
  }
  return null;
}

/** All elements of the first of a thing's selectors that finds any in `root`. */
export function findAll(thing, root = document) {
  for (const [selector] of SELECTORS[thing]) {
    const elements = root === document ? allInDocument(selector) : root.querySelectorAll(selector);
    if (elements.length) return [...elements];
  }
  return [];
}

/** A thing's selectors as one, for `matches` and `closest`. */
export const anyOf = (thing) => SELECTORS[thing].map(([selector]) => selector).join(", ");
