/** What the page shows, read element by element, and whether it is already that of this post. */

import { commentsRoot, playerIn } from "./layout.js";
import { HOME, POST_LINK, anyOf, find, findAll } from "./site.js";

/** The dialog that blocks the page: "captcha", "login" or null. */
export function dialog() {
  return ["captcha", "login"].find((kind) => find(kind)?.checkVisibility()) ?? null;
}

/** What leads to the next post, or null where there is none or it is disabled. */
export function nextButton() {
  const found = find("next");
  const button = found?.querySelector("button") ?? found;
  return button && !button.disabled && button.ariaDisabled !== "true" ? button : null;
}

const textOf = (element) => element?.innerText?.trim() ?? null;

/** Where each datum of a post is shown. */
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

/** All that is shown of the post in `root`: `{name: text}`, without what isn't there. */
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

/** A nickname may hold a `·` itself: the date stands after the last one. */
function splitNickname(element) {
  const text = textOf(element);
  const dot = text.lastIndexOf("·");
  return dot < 0 ? [text, null] : [text.slice(0, dot).trim(), text.slice(dot + 1).trim()];
}

/** A link that leads to a video file, and not to the page itself. */
export function isMediaLink(link) {
  return /^https?:/.test(link ?? "") && !POST_LINK.test(link);
}

// --- comments

/** All comments that are shown now of the post in `root`. */
export function shownComments(root, creator) {
  const list = commentsRoot(root);
  return (list ? findAll("comment", list) : []).map((text) => new ShownComment(text, list, creator));
}

/** A comment in the document, or a reply. */
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

  /** The same for the same comment, also when the page has drawn it anew. */
  get signature() {
    const { id, record } = this;
    return id ?? JSON.stringify([record["commenter-handle"], record["comment-text"], record["time-posted"]]);
  }

  get replies() {
    return findAll("reply", this.item).map((text) => new ShownComment(text, this.item, this.creator, true));
  }

  /** Shows more replies. Where there are several, the last ones hide them. */
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

  /** A part of this comment, and not of the replies below it. */
  #part(thing) {
    const part = find(thing, this.item);
    const reply = this.isReply ? null : find("reply", this.item);
    const below = reply && reply.compareDocumentPosition(part) & Node.DOCUMENT_POSITION_FOLLOWING;
    return below ? null : part;
  }
}

/** The largest element around a comment's text that holds no other comment. */
function itemOf(text, others, list) {
  let item = text;
  while (item.parentElement && item.parentElement !== list) {
    const inside = [...item.parentElement.querySelectorAll(others)];
    if (inside.some((other) => other !== text)) break;
    item = item.parentElement;
  }
  return item;
}

/** The number in a text of any language, with its unit where it is K or M. */
function numberIn(text) {
  const number = text?.match(/\p{Nd}+(?:[.,]\p{Nd}+)?[KMB]?/u)?.[0] ?? "";
  return number.replace(/\p{Nd}/gu, digitValue);
}

/** Digits of a script stand together in Unicode, from 0 to 9. */
function digitValue(digit) {
  let zero = digit.codePointAt(0);
  while (/\p{Nd}/u.test(String.fromCodePoint(zero - 1)) && digit.codePointAt(0) - zero < 9) zero -= 1;
  return String(digit.codePointAt(0) - zero);
}

/** The comments' own scroll bar, or else the page's. */
export function scroller(root) {
  let element = root === document ? find("commentList") ?? find("drawer") : commentsRoot(root);
  while (element && !scrolls(element)) element = element.parentElement;
  return element ?? document.scrollingElement;
}

const scrolls = (element) =>
  element.scrollHeight > element.clientHeight + 1 && /auto|scroll/.test(getComputedStyle(element).overflowY);

// --- is it this post's?

/**
 * What was shown of posts before: the site leaves it standing until the next post's is there.
 *
 * A part is of the open post once its element is another one, or says something else.
 */
export class Before {
  #parts = new Map(); // name: [[element, text]]
  #comments = new Map(); // text element: signature
  #signatures = new Set();

  /** Remember what is shown now as that of another post than the next. */
  remember(root) {
    if (!root) return;
    const shown = shownPost(root);
    for (const [name, text] of Object.entries(shown)) {
      const parts = this.#parts.get(name) ?? [];
      this.#parts.set(name, [...parts, [elementOf(name, root), text]]);
    }
    for (const comment of shownComments(root)) {
      this.#comments.set(comment.text, comment.signature);
      this.#signatures.add(comment.signature);
    }
  }

  /** True if a part is new since then. */
  isNew(name, text, root) {
    const element = elementOf(name, root);
    const parts = this.#parts.get(name) ?? [];
    return !parts.some(([known, before]) => known === element && String(before) === String(text));
  }

  /** True if all comments are: none stands where it stood, and few say what those before said. */
  areNew(comments) {
    const signatures = comments.map((comment) => comment.signature);
    const standing = comments.some(
      (comment, index) => this.#comments.get(comment.text) === signatures[index],
    );
    const known = signatures.filter((signature) => this.#signatures.has(signature)).length;
    return !standing && known <= comments.length / 2;
  }
}

/** The element that shows a part; a player that names another post shows nothing of this one. */
function elementOf(name, root, open) {
  const thing = { date: "nickname", musicLink: "music", photos: "photo" }[name] ?? name;
  const place = open && (name === "video" || name === "cover") ? playerIn(root, open) : root;
  return place && find(thing, place);
}

export const musicLinkOf = (shown) => shown.musicLink && new URL(shown.musicLink, HOME).href;
