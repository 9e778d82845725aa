/** Reads what the page shows, element by element, and decides whether it already belongs to this post. */

import { commentsRoot, playerIn } from "./layout.js";
import { HOME, POST_LINK, anyOf, find, findAll } from "./site.js";

/** The dialog that blocks the page: "captcha", "login" or null. */
export function dialog() {
  return ["captcha", "login"].find((kind) => find(kind)?.checkVisibility()) ?? null;
}

/** The button that leads to the next post, or null if there is none or it is disabled. */
export function nextButton() {
  const found = find("next");
  const button = found?.querySelector("button") ?? found;
  return button && !button.disabled && button.ariaDisabled !== "true" ? button : null;
}

const textOf = (element) => element?.innerText?.trim() ?? null;

/** For each datum of a post: how to read its element. */
const READERS = {
  permalink: textOf,
  likeCount: textOf,
  commentCount: textOf,
  username: (element) => textOf(element)?.replace(/^@/, ""),
  nickname: (element) => splitNickname(element)[0],
  description: textOf,
  music: textOf,
  video: (element) => element.getAttribute("src") || element.currentSrc || "",
  cover: (element) => element.getAttribute("src"),
};

/** Everything that the page shows about the post in `root`: `{name: text}`, without missing data. */
export function shownPost(root, open) {
  if (!root) return {};
  const shown = {};
  for (const [name, read] of Object.entries(READERS)) {
    const element = elementOf(name, root, open);
    if (element) shown[name] = read(element);
  }
  const nickname = find("nickname", root);
  if (nickname) shown.date = splitNickname(nickname)[1];
  shown.musicLink = find("music", root)?.href;
  shown.photos = [...new Set(findAll("photo", root).map((image) => image.getAttribute("src")))];
  return shown;
}

/** Split a nickname from its date. A nickname may contain a `·`; the date comes after the last one. */
function splitNickname(element) {
  const text = textOf(element);
  const dot = text.lastIndexOf("·");
  return dot < 0 ? [text, null] : [text.slice(0, dot).trim(), text.slice(dot + 1).trim()];
}

/** True if a link leads to a video file, and not to the page itself. */
export function isMediaLink(link) {
  return /^https?:/.test(link ?? "") && !POST_LINK.test(link);
}

// --- comments

/** All comments on the post in `root` that are shown now. */
export function shownComments(root, creator) {
  const list = commentsRoot(root);
  return (list ? findAll("comment", list) : []).map((text) => new ShownComment(text, list, creator));
}

/** A comment or reply in the document. */
export class ShownComment {
  constructor(text, list, creator, isReply = false) {
    this.text = text;
    this.creator = creator;
    this.isReply = isReply;
    this.item = itemOf(text, isReply ? `${anyOf("comment")}, ${anyOf("reply")}` : anyOf("comment"), list);
  }

  get id() {
    return this.text.closest("[id]")?.id.match(/^\d{10,20}$/)?.[0];
  }

  /** A key that stays the same for a comment, even after the page draws it again. */
  get signature() {
    const { id, record } = this;
    return id ?? JSON.stringify([record["commenter-handle"], record["comment-text"], record["time-posted"]]);
  }

  get replies() {
    return findAll("reply", this.item).map((text) => new ShownComment(text, this.item, this.creator, true));
  }

  /** The element that shows more replies. If there are several, the last ones hide replies. */
  get expander() {
    return this.isReply ? null : find("moreReplies", this.item);
  }

  get repliesCount() {
    const more = numberIn(textOf(this.expander));
    const shown = this.isReply ? 0 : findAll("reply", this.item).length;
    if (!shown) return more;
    return String(shown + (Number(more) || 0));
  }

  get record() {
    const handle = this.#handle();
    return {
      "commenter-username": this.#name(handle === this.creator),
      "comment-text": textOf(this.text),
      "time-posted": textOf(this.#part("commentTime")),
      "like-count": textOf(this.#part("commentLikes")),
      "replies-count": this.repliesCount,
      ...(this.id && { "comment-id": this.id }),
      ...(handle && { "commenter-handle": handle }),
    };
  }

  #commenter() {
    return find(this.isReply ? "replier" : "commenter", this.item);
  }

  #handle() {
    const commenter = this.#commenter();
    const link = commenter?.querySelector("a[href]") ?? commenter?.closest("a[href]");
    return link?.getAttribute("href").match(/\/@([^/?#]+)/)?.[1] ?? null;
  }

  #name(isCreator) {
    const commenter = this.#commenter();
    if (!commenter) return null;
    const copy = (commenter.querySelector("a") ?? commenter).cloneNode(true);
    findAll("creatorMark", copy).forEach((mark) => mark.remove());
    const name = copy.textContent.trim();
    return `@${isCreator ? `${name.replace(/\s*·$/, "")} · Creator` : name}`;
  }

  /** A part of this comment, but not of the replies below it. */
  #part(thing) {
    const part = find(thing, this.item);
    const reply = this.isReply ? null : find("reply", this.item);
    const below = reply && reply.compareDocumentPosition(part) & Node.DOCUMENT_POSITION_FOLLOWING;
    return below ? null : part;
  }
}

/** The largest element around a comment's text that contains no other comment. */
function itemOf(text, others, list) {
  let item = text;
  while (item.parentElement && item.parentElement !== list) {
    const inside = [...item.parentElement.querySelectorAll(others)];
    if (inside.some((other) => other !== text)) break;
    item = item.parentElement;
  }
  return item;
}

/** The number in a text of any language, with its unit if that is K, M or B. */
function numberIn(text) {
  const number = text?.match(/\p{Nd}+(?:[.,]\p{Nd}+)?[KMB]?/u)?.[0] ?? "";
  return number.replace(/\p{Nd}/gu, digitValue);
}

/** The value of a digit. In Unicode, the digits of a script follow each other from 0 to 9. */
function digitValue(digit) {
  let zero = digit.codePointAt(0);
  while (/\p{Nd}/u.test(String.fromCodePoint(zero - 1)) && digit.codePointAt(0) - zero < 9) zero -= 1;
  return String(digit.codePointAt(0) - zero);
}

/** The element that scrolls the comments, or else the page. */
export function scroller(root) {
  let element = root === document ? find("commentList") ?? find("drawer") : commentsRoot(root);
  while (element && !scrolls(element)) element = element.parentElement;
  return element ?? document.scrollingElement;
}

const scrolls = (element) =>
  element.scrollHeight > element.clientHeight + 1 && /auto|scroll/.test(getComputedStyle(element).overflowY);

// --- Does it belong to this post?

/**
 * Remembers what was shown of earlier posts: the site leaves it there until it has the next post's.
 *
 * A part belongs to the open post once its element is a different one, or says something else.
 */
export class Before {
  #parts = new Map(); // name: [[element, text]]
  #comments = new Map(); // text element: signature
  #signatures = new Set();

  /** Remember that what is shown now does not belong to the next post. */
  remember(root) {
    if (!root) return;
    const shown = shownPost(root);
    for (const [name, text] of Object.entries(shown)) {
      if (!this.isNew(name, text, root)) continue;
      const parts = this.#parts.get(name) ?? [];
      this.#parts.set(name, [...parts, [elementOf(name, root), text]]);
    }
    for (const comment of shownComments(root)) {
      this.#comments.set(comment.text, comment.signature);
      this.#signatures.add(comment.signature);
    }
  }

  /** True if a part has changed since then. */
  isNew(name, text, root) {
    const element = elementOf(name, root);
    const parts = this.#parts.get(name) ?? [];
    return !parts.some(([known, before]) => known === element && String(before) === String(text));
  }

  /** True if all comments are new: none is in its old element, and few equal an earlier one. */
  areNew(comments) {
    const signatures = comments.map((comment) => comment.signature);
    const standing = comments.some(
      (comment, index) => this.#comments.get(comment.text) === signatures[index],
    );
    const known = signatures.filter((signature) => this.#signatures.has(signature)).length;
    return !standing && known <= comments.length / 2;
  }
}

/** The element that shows a part. A player that names another post shows nothing of this one. */
function elementOf(name, root, open) {
  const thing = { date: "nickname", musicLink: "music", photos: "photo" }[name] ?? name;
  const place = open && (name === "video" || name === "cover") ? playerIn(root, open) : root;
  return place && find(thing, place);
}

export const musicLinkOf = (shown) => shown.musicLink && new URL(shown.musicLink, HOME).href;
