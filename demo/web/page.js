"use strict";
/* The page of the stand-in. `demo` holds its options and, where no endpoint is to be asked, all
   posts. Names of classes and `data-e2e` are those of the real site; the rest is as short as it can
   be. `old` says which of the two families of markup it is. */

document.currentScript.remove();  // otherwise, a scraper could read inlined posts from it

if (demo.rehydration === "brief") {
  document.getElementById("__UNIVERSAL_DATA_FOR_REHYDRATION__").remove();
}

const old = demo.selectors === "old";
const browse = demo.surface === "browse";
const inColumn = !["browse", "direct"].includes(demo.surface);
const [replyWord, viewWords, moreWords, hideWord, creatorWord] = {
  en: ["Reply", "View # replies", "View # more", "Hide", "Creator"],
  de: ["Antworten", "# Antworten anzeigen", "# weitere", "Ausblenden", "Ersteller"],
  ja: ["返信", "返信#件を表示", "あと#件を表示", "非表示", "クリエイター"],
}[demo.words];

// --- the parts of the page

function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "onclick") element.addEventListener("click", value);
    else if (value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null && child !== ""));
  return element;
}

/** A class as the site's build makes it. Only the part after the last dash stays the same. */
function css(name, ours = "") {
  return `${old ? "tiktok-1a2b3c" : "css-1a2b3c-7937d88b-"}-${name} ${ours}`;
}

function arrow(name, ours, step, sign) {
  return h("button", { "data-e2e": name, class: `arrow ${ours}`, onclick: () => go(step) }, sign);
}

const media = h("div", { class: css("DivVideoContainer", "media") });
const text = h("div", { class: css("DivInfoContainer", "post") });
let comments = h("div", {
  class: css("DivCommentListContainer", "comments"),
  "data-e2e": old ? "comment-list" : "comments-list",
});
const previous = arrow("arrow-left", "previous", -1, "▲");
const next = arrow("arrow-right", "next", 1, "▼");

/** The player, on the page or over a grid. */
function mount() {
  document.getElementById("app").append(
    h("div", { class: `${demo.surface}${demo.grid ? " over" : ""}` },
      h("div", { class: "player" }, media, ...(browse ? [previous, next] : [])),
      h("div", { class: "panel" }, text, comments)),
  );
}

// --- how the site shows numbers and dates

function count(number) {
  for (const [letter, unit] of [["M", 1e6], ["K", 1e3]]) {
    if (number >= 10000 && number >= unit) return `${Math.floor(number * 10 / unit) / 10}${letter}`;
  }
  return `${number}`;
}

function date(seconds) {
  const time = new Date(seconds * 1000);
  return `${time.getUTCFullYear()}-${time.getUTCMonth() + 1}-${time.getUTCDate()}`;
}

// --- the sources of posts and comments

function query(parameters) {
  const all = new URLSearchParams(location.search);
  const signature = demo.signed ? { "X-Gnarly": demo.token } : {};
  const site = { aid: "1988", device_id: demo.webId, msToken: demo.token, ...signature };
  for (const [name, value] of Object.entries({ ...site, ...parameters })) all.set(name, value);
  return all;
}

const endpoints = {
  async posts(cursor) {
    const answer = await fetch(`${demo.list.path}?${query({ cursor })}`);
    return (await answer.json())[demo.list.key].map((entry) => entry.item ?? entry);
  },
  async comments(id, cursor) {
    const answer = await fetch(`/api/comment/list/?${query({ aweme_id: id, cursor, count: 20 })}`);
    const text = await answer.text();
    return text ? JSON.parse(text) : null;
  },
  replies(id, comment, cursor, count) {
    const parameters = query({ item_id: id, comment_id: comment, cursor, count });
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      request.open("GET", `/api/comment/list/reply/?${parameters}`);
      request.onload = () => resolve(JSON.parse(request.responseText));
      request.onerror = reject;
      request.send();
    });
  },
};

const inlined = {
  posts: async (cursor) => demo.inlined.posts.slice(cursor, cursor + 6),
  comments: async (id, cursor) => slice(demo.inlined.comments[id], cursor, 20),
  replies: async (id, comment, cursor, count) =>
    slice(demo.inlined.replies[comment], cursor, count),
};

function slice(found, cursor, count) {
  if (!found) return null;
  const stop = Math.min(cursor + count, found.length);
  return { comments: found.slice(cursor, stop), cursor: stop, has_more: stop < found.length };
}

const source = demo.inlined ? inlined : endpoints;
const posts = [];  // by number

async function post(number) {
  if (!posts[number]) {
    const cursor = number - number % 6;
    const items = await source.posts(cursor);
    items.forEach((item, place) => { posts[cursor + place] = item; });
  }
  return posts[number];
}

// --- delays: lognormal, with the median and the 99th percentile in the options

let state = demo.seed;

function random() {  // mulberry32
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
}

function late() {
  const [median, p99] = demo.delay;
  if (!median) return Promise.resolve();
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const time = median * Math.exp(normal * Math.log(p99 / median) / 2.326);
  return new Promise((resolve) => setTimeout(resolve, time));
}

// --- one post after the other

let shown = -1;  // number of the post that is open or opening
let current = null;
let threads = [];  // of the open post: { comment, replies, element }
let opened = old;  // true if comments are shown: the newer page needs one click
let asked = null;  // the post whose comments are there or requested

async function go(step) {
  if (document.querySelector(".dialog")) return;
  const item = await post(shown + step);
  history.pushState({}, "", `${path(item)}${location.search}`);
  show(shown + step);
}

function path(item) {
  return `/@${item.author.uniqueId}/${item.imagePost ? "photo" : "video"}/${item.id}`;
}

async function show(number) {
  shown = number;
  current = asked = null;
  previous.disabled = number === 0;
  next.disabled = number + 1 >= demo.count;
  media.replaceChildren();
  text.replaceChildren();
  if (!("stale-comments" in demo.faults)) comments.replaceChildren();
  for (const kind of ["captcha", "login"]) {
    if (demo.faults[kind]?.includes(number)) {
      document.body.append(dialog(kind, number));
      return;
    }
  }
  const item = await post(number);
  if (number + 2 < demo.count) post(number + 2);
  delete posts[number - 12];  // so that a long session doesn't fill the memory
  if (shown !== number) return;
  current = item;
  const here = () => current === item;
  const parts = item.imagePost ? slides(item) : video(item);
  late().then(() => here() && media.replaceChildren(...parts));
  late().then(() => here() && text.replaceChildren(...description(item)));
  if (opened) load(item);
}

function dialog(kind, number) {
  const onclick = () => {
    box.remove();
    delete demo.faults[kind];
    show(number);
  };
  const attributes = old ? {
    captcha: { id: "captcha-verify-container-main-page", class: "dialog" },
    login: { id: "login-modal", "data-e2e": "login-modal", role: "dialog", class: "dialog" },
  }[kind] : {
    captcha: { class: "captcha-verify-container dialog" },
    login: { id: "loginContainer", class: "dialog" },
  }[kind];
  const close = h("button", { "data-e2e": "modal-close-inner-button", onclick }, "×");
  const box = h("div", attributes, h("div", {}, close, ` ${kind}`));
  return box;
}

function video(item) {
  const src = {
    link: () => item.video.playAddr,
    blob: () => URL.createObjectURL(new MediaSource()),
    empty: () => "",
  }[demo.video]();
  return [
    h("img", { mode: "2", class: css("ImgPoster", "cover"), src: item.video.cover, alt: "" }),
    h("video", { src, preload: "none", playsinline: true }),
  ];
}

/** The carousel repeats its last slide before the first and its first after the last. */
function slides(item) {
  const images = item.imagePost.images;
  const places = [images.length - 1, ...images.keys(), 0];
  const carousel = places.map((place, position) => {
    const again = position === 0 || position > images.length;
    return h("div", {
      class: `swiper-slide${again ? " swiper-slide-duplicate" : ""}`,
      "data-swiper-slide-index": place,
    }, h("img", { src: images[place].imageURL.urlList[0], alt: "" }));
  });
  return [h("div", { "data-e2e": "detail-photo", class: "swiper-wrapper slides" }, ...carousel)];
}

function description(item) {
  const { author, music, stats } = item;
  const name = (inBrowse, direct) => ({ "data-e2e": browse ? inBrowse : direct });
  const handle = name("browse-username", old ? "video-author-uniqueid" : "browse-username");
  const newSpan = () => h("span", { "data-e2e": "new-desc-span" }, ...phrases(item));
  const about = browse || old ? phrases(item) : [newSpan()];
  const song = `/music/${music.title.replaceAll(" ", "-")}-${music.id}`;
  const onclick = () => toggle(item);
  return [
    h("a", { href: `/@${author.uniqueId}`, class: "creator" }, h("span", handle, author.uniqueId)),
    h("span", { "data-e2e": "browser-nickname" },
      h("span", {}, author.nickname), h("span", {}, " · "), h("span", {}, date(item.createTime))),
    h("div", { ...name("browse-video-desc", "video-desc"), class: "description" }, ...about),
    h("h4", name("browse-music", "video-music"),
      h("a", { href: song }, h("div", {}, `${music.title} - ${music.authorName}`))),
    h("div", { class: "numbers" },
      h("button", {}, h("span", name("browse-like-icon", "like-icon"), "♥")),
      h("strong", name("browse-like-count", "like-count"), count(stats.diggCount)),
      h("button", {}, h("span", { ...name("browse-comment-icon", "comment-icon"), onclick }, "💬")),
      h("strong", name("browse-comment-count", "comment-count"), count(stats.commentCount))),
    browse && h("p", { "data-e2e": "browse-video-link", class: "address" }, permalink(item)),
  ].filter(Boolean);
}

function permalink(item) {
  const query = `is_from_webapp=1&sender_device=pc&web_id=${demo.webId}`;
  return `https://www.tiktok.com${path(item)}?${query}`;
}

/** The description, with its hashtags as links. */
function phrases(item) {
  const tag = (part) => h("a", { "data-e2e": "search-common-link", href: `/tag/${part.slice(1)}` },
    h("strong", {}, part));
  return item.desc.split(/(#[\p{L}\p{M}\p{N}_]+)/u).filter(Boolean)
    .map((part) => part[0] === "#" ? tag(part) : h("span", {}, part));
}

// --- comments

function toggle(item) {
  if (old) return;
  opened = !opened;
  asked = null;
  if (opened) load(item);
  else comments.replaceChildren();
}

async function load(item) {
  asked = item;
  await late();
  const first = asked === item && await source.comments(item.id, 0);
  if (!first || asked !== item) return;
  threads = [];
  comments.replaceChildren();
  add(item, first);
}

function add(item, answer) {
  for (const comment of answer.comments ?? []) {
    const part = old ? "DivCommentItemContainer" : "DivCommentObjectWrapper";
    const element = h("div", { class: css(part, "thread") });
    const thread = { item, comment, replies: [], element };
    threads.push(thread);
    comments.append(element);
    if (demo.virtual) nearby.observe(element);
    else draw(thread);
  }
  if (!threads.length) comments.append(h("p", { class: css("PEmptyText") }, "…"));
  if (answer.has_more && answer.comments) awaitEnd(item, answer.cursor);  // it may stay 1 forever
}

/** Load more when the end of the list comes near. */
function awaitEnd(item, cursor) {
  const end = h("div", { class: css("DivLoadingContainer") }, "…");
  comments.append(end);
  const watcher = new IntersectionObserver(async (entries) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    watcher.disconnect();
    await late();
    const answer = await source.comments(item.id, cursor);
    if (!end.isConnected) return;
    end.remove();
    add(item, answer);
  }, { root: browse || inColumn ? comments : null, rootMargin: "100px" });
  watcher.observe(end);
}

/** In a virtual list, comments that are far from view leave only their height. */
const nearby = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    const thread = threads.find(({ element }) => element === target);
    if (!thread) nearby.unobserve(target);
    else if (isIntersecting) draw(thread);
    else if (target.hasChildNodes()) {
      target.style.height = `${target.offsetHeight}px`;
      target.replaceChildren();
    }
  }
}, { root: browse ? comments : null, rootMargin: "100px" });

function draw(thread) {
  const { item, comment, replies, element } = thread;
  element.style.height = "";
  element.replaceChildren(
    drawn(item, comment, 1),
    h("div", { class: css("DivReplyContainer", "replies") },
      ...replies.map((reply) => drawn(item, reply, 2)), ...expanders(thread)),
  );
}

function drawn(item, comment, level) {
  const creator = comment.user.uid === item.author.id;
  return (old ? drawnOld : drawnNew)(comment, level, creator);
}

function drawnOld(comment, level, creator) {
  const { user } = comment;
  const mark = h("span", { "data-e2e": `comment-creator-${level}` }, creatorWord);
  return h("div", { id: comment.cid, class: css("DivCommentContentContainer", "comment") },
    h("div", { class: css("DivContentContainer") },
      h("a", { href: `/@${user.unique_id}`, class: css("StyledUserLinkName", "name") },
        h("span", { "data-e2e": `comment-username-${level}` },
          user.nickname, ...(creator ? [" · ", mark] : []))),
      h("p", { "data-e2e": `comment-level-${level}`, class: css("PCommentText", "text") },
        h("span", {}, comment.text)),
      h("p", { class: "details" },
        h("span", { "data-e2e": `comment-time-${level}` }, `${date(comment.create_time)} `),
        h("span", { "data-e2e": `comment-reply-${level}`, role: "button" }, replyWord))),
    h("div", { class: css("DivLikeWrapper", "details") },
      h("div", { "data-e2e": "comment-like-icon" }, "♡"),
      h("span", { "data-e2e": "comment-like-count" }, count(comment.digg_count))));
}

function drawnNew(comment, level, creator) {
  const { user } = comment;
  const href = `/@${user.unique_id}`;
  const mark = h("span", { "data-e2e": `comment-creator-${level}` }, creatorWord);
  return h("div", { class: css("DivCommentItemWrapper", "comment") },
    h("div", { class: css("DivAvatarWrapper") }, h("a", { href, class: "link-a11y-focus" })),
    h("div", { class: css("DivCommentContentWrapper") },
      h("div", { class: css("DivCommentHeaderWrapper") },
        h("div", {
          "data-e2e": `comment-username-${level}`,
          class: css("DivUsernameContentWrapper", "name"),
        },
          h("div", { class: css("DivTriggerWrapper") },
            h("a", { href }, h("p", { class: "TUXText" }, user.nickname))),
          ...(creator ? [h("span", {}, " · "), mark] : []))),
      h("span", { "data-e2e": `comment-level-${level}`, class: "TUXText text" },
        h("span", {}, comment.text)),
      h("div", { class: css("DivCommentSubContentSplitWrapper", "details") },
        h("div", { class: css("DivCommentSubContentWrapper", "details") },
          h("span", { class: "TUXText" }, date(comment.create_time)),
          h("span", { "data-e2e": `comment-reply-${level}`, role: "button" }, replyWord)),
        h("div", { class: css("DivLikeContainer") },
          "♡ ", h("span", { class: "TUXText" }, count(comment.digg_count))))));
}

/** The elements that show more replies and that hide them. Only their words differ. */
function expanders(thread) {
  const { comment, replies } = thread;
  const left = comment.reply_comment_total - replies.length;
  const [name, label] = replies.length ? ["view-more-2", moreWords] : ["view-more-1", viewWords];
  return [
    left && expander(name, label.replace("#", left), () => expand(thread)),
    replies.length && expander("comment-hide", hideWord, () => hide(thread)),
  ].filter(Boolean);
}

function expander(name, label, onclick) {
  return old
    ? h("p", { "data-e2e": name, class: css("PReplyActionText", "more"), onclick }, label)
    : h("div", { class: css("DivViewRepliesContainer", "more"), onclick }, h("span", {}, label));
}

/** Three replies at first, then up to ten. */
async function expand(thread) {
  if (thread.busy) return;
  thread.busy = true;
  const { item, comment, replies } = thread;
  await late();
  const count = replies.length ? 10 : 3;
  const answer = await source.replies(item.id, comment.cid, replies.length, count);
  thread.replies = [...replies, ...answer.comments];
  thread.busy = false;
  if (thread.element.hasChildNodes()) draw(thread);
}

function hide(thread) {
  thread.replies = [];
  draw(thread);
}

if (demo.rehydration === "sigi") {
  window.SIGI_STATE = JSON.parse(document.getElementById("SIGI_STATE").text);
}
if (!inColumn && !demo.grid) {
  mount();
  show(demo.start);
}
