/**
 * Everything that depends on how the site is made: when the site changes, this file is what to
 * change. `check_site()` tells on the open page which of it still matches.
 *
 * Of each list, the first that matches is taken. Old and new names stand side by side, since not
 * every visitor gets the new page at once. Nothing here is a word that people read: words are
 * translated.
 */

/** One thing on the page each, as CSS selectors. */
export const SELECTORS = {
  // The kind of page, and its parts that belong to one post each.
  modal: ["[data-e2e^='browse-']"],
  cinema: ["[class*='DivCinemaModeRoot']"],
  card: ["article[data-e2e='recommend-list-item-container']"],

  // The post.
  permalink: ["[data-e2e='browse-video-link']"],
  likeCount: ["[data-e2e='browse-like-count']", "[data-e2e='like-count']"],
  commentCount: ["[data-e2e='browse-comment-count']", "[data-e2e='comment-count']"],
  username: ["[data-e2e='browse-username']", "[data-e2e='video-author-uniqueid']"],
  nickname: ["[data-e2e='browser-nickname']"], // nickname · date
  description: [
    "[data-e2e='browse-video-desc']",
    "[data-e2e='video-desc']",
    "[data-e2e='new-desc-span']",
  ],
  music: ["[data-e2e='browse-music'] a", "[data-e2e='video-music'] a"],
  video: ["[data-e2e='browse-video'] video", "video"],
  cover: ["img[mode='2']"],
  photo: [
    "[data-e2e='detail-photo'] .swiper-slide:not(.swiper-slide-duplicate) img",
    "[data-e2e='detail-photo'] img",
    "img[class*='ImgPhotoSlide']",
  ],

  // Its comments.
  openComments: ["[data-e2e='browse-comment-icon']", "[data-e2e='comment-icon']"],
  commentList: ["[data-e2e='comment-list']", "[data-e2e='comments-list']"],
  drawer: ["[class*='DivCommentMain']"], // in the place of the list, since 2026
  comment: ["[data-e2e='comment-level-1']"],
  reply: ["[data-e2e='comment-level-2']"],
  commenter: ["[data-e2e='comment-username-1']"],
  replier: ["[data-e2e='comment-username-2']"],
  creatorMark: ["[data-e2e^='comment-creator']"], // a translated word behind the creator's name
  commentTime: [
    "[data-e2e='comment-time-1']",
    "[data-e2e='comment-time-2']",
    "[class*='DivCommentSubContentSplitWrapper'] span",
  ],
  commentLikes: ["[data-e2e='comment-like-count']", "[class*='DivLikeContainer'] span"],
  moreReplies: [
    "[data-e2e='view-more-1']",
    "[data-e2e='view-more-2']",
    "[class*='DivViewRepliesContainer']",
  ],

  // The way on, and what blocks it.
  next: [
    "button[data-e2e='arrow-right']",
    "[data-e2e='feed-navigation-next']",
    "[class*='DivCinemaModeRoot'] button[aria-label='Next video']",
  ],
  captcha: [
    "#captcha-verify-container-main-page",
    "#captcha_container",
    "[class*='captcha-verify']",
    "[class*='captcha_verify']",
  ],
  login: ["#login-modal", "[data-e2e='login-modal']", "#loginContainer"],
};

/** Where cinema mode has a post. */
export const LAYOUTS = { cinemaRow: (id) => `[data-cinema-mode-snap-row="${id}"]` };

/** The player's element names its post. */
export const PLAYER_ID = /^xgwrapper-\d+-(\d{1,20})$/;

/** The page's own data, in `<script id>`s of JSON or in a variable of that name. */
export const EMBEDDED = {
  rehydration: "__UNIVERSAL_DATA_FOR_REHYDRATION__",
  sigi: "SIGI_STATE",
};

/**
 * Where in JSON a thing is: keys from the outside in. `[]` is each of a list or object, `**` is
 * anything below, at any depth.
 */
export const JSON_PATHS = {
  posts: [
    ["itemList", "[]"],
    ["item_list", "[]"],
    ["data", "[]", "item"],
    ["itemInfo", "itemStruct"],
    ["__DEFAULT_SCOPE__", "webapp.video-detail", "itemInfo", "itemStruct"],
    ["__DEFAULT_SCOPE__", "webapp.updated-items", "**"],
    ["__DEFAULT_SCOPE__", "webapp.user-post", "**"],
    ["ItemModule", "[]"],
  ],
  webId: [["__DEFAULT_SCOPE__", "webapp.app-context", "wid"], ["AppContext", "appContext", "wid"]],
  comments: [["comments", "[]"]],
};

/** The page's own requests. Posts may be in the answer to any of `api`. */
export const ENDPOINTS = {
  api: /^\/api\//,
  comments: /^\/api\/comment\/list\/?$/,
  replies: /^\/api\/comment\/list\/reply\/?$/,
  commentsPath: "/api/comment/list/",
  repliesPath: "/api/comment/list/reply/",
};

/** What a request for comments needs at least. Unsigned, it was answered in 2026-09. */
export const MINIMAL_QUERY = { aid: 1988, count: 50 };

/** Parameters that say which post or comment a request is about. */
export const POST_PARAMETERS = ["aweme_id", "item_id", "comment_id"];

/** Parameters that hold for one request only; the page puts new ones in by itself. */
export const SIGNATURES = ["X-Bogus", "X-Gnarly", "_signature"];

/** Where the browser's id stands besides: in links, in requests, and in the local storage. */
export const WEB_ID = { inLinks: "web_id", inRequests: "device_id", stored: "__tea_cache_tokens_1988" };

/** A post's address. */
export const POST_LINK = /\/@([^/?#]+)\/(video|photo)\/(\d{1,20})/;

export const HOME = "https://www.tiktok.com";

/** How many comments the site loads by itself. */
export const FIRST_PAGE = 20;

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
  for (const selector of SELECTORS[thing]) {
    const element = root.querySelector(selector);
    if (element) return element;
  }
  return null;
}

/** All elements of the first of a thing's selectors that finds any in `root`. */
export function findAll(thing, root = document) {
  for (const selector of SELECTORS[thing]) {
    const elements = root.querySelectorAll(selector);
    if (elements.length) return [...elements];
  }
  return [];
}

/** A thing's selectors as one, for `matches` and `closest`. */
export const anyOf = (thing) => SELECTORS[thing].join(", ");
