/**
 * The page's own JSON: what it was delivered with, and what its requests answer.
 *
 * Answers are read from copies; the page gets its own, untouched and no later.
 */

import { EMBEDDED, ENDPOINTS, JSON_PATHS, SIGNATURES, WEB_ID, valuesAt } from "./site.js";

/** Comments (or replies) as far as they are known. */
class Thread {
  constructor() {
    this.comments = new Map(); // id: comment
    this.cursor = 0;
    this.hasMore = true;
  }

  add(answer) {
    for (const comment of commentsOf(answer)) this.comments.set(String(comment.cid), comment);
    const cursor = Number(answer.cursor) || 0;
    if (cursor < this.cursor) return; // an answer from before: the end is known better already
    this.cursor = cursor;
    this.hasMore = Boolean(Number(answer.has_more));
  }
}

const commentsOf = (answer) =>
  JSON_PATHS.comments.flatMap((path) => valuesAt(answer, path)).filter((comment) => comment.cid);

const isPost = (value) =>
  typeof value === "object" && /^\d{1,20}$/.test(value.id) && ("video" in value || "imagePost" in value);

export class PageData extends EventTarget {
  posts = new Map(); // id: itemStruct
  threads = new Map(); // id of a post: Thread
  replyThreads = new Map(); // id of a comment: Thread
  webId = null;
  request = null; // the page's last request for comments: the pattern for further ones
  reading = 0; // answers that have come but aren't read yet
  seen = { posts: 0, comments: 0, replies: 0 }; // answers that held any, for `check_site`
  #embedded = new Map(); // name: the text that was read

  /** Listen to all requests from now on. */
  hook(page) {
    const data = this;
    // A proxy looks like the native function to the page's own checks.
    page.fetch = new Proxy(page.fetch, {
      apply(fetch, self, args) {
        const answer = Reflect.apply(fetch, self, args);
        answer.then((response) => data.#readResponse(response), () => {});
        return answer;
      },
    });
    const prototype = page.XMLHttpRequest.prototype;
    const known = new WeakSet();
    prototype.open = new Proxy(prototype.open, {
      apply(open, request, args) {
        if (!known.has(request)) request.addEventListener("load", () => data.#readRequest(request));
        known.add(request);
        return Reflect.apply(open, request, args);
      },
    });
  }

  /** Read the JSON that the page was delivered with. Cheap when nothing has changed. */
  readEmbedded() {
    for (const name of Object.values(EMBEDDED)) {
      const text = document.getElementById(name)?.textContent;
      if (!text || this.#embedded.get(name) === text) continue;
      this.#embedded.set(name, text);
      this.#guard(() => this.#addAll(JSON.parse(text)));
    }
    if (window[EMBEDDED.sigi] && !this.#embedded.has(EMBEDDED.sigi)) {
      this.#embedded.set(EMBEDDED.sigi, "variable");
      this.#guard(() => this.#addAll(window[EMBEDDED.sigi]));
    }
  }

  /** The browser's id, by which the site knows the visitor; it is the same all the time. */
  webIdWith(permalink) {
    const link = permalink && new URL(permalink, location.href);
    this.webId ??= link?.searchParams?.get(WEB_ID.inLinks) ?? storedWebId();
    return this.webId;
  }

  /** The address of a further page of comments, or null where the page has asked for none yet. */
  commentsLink(id, cursor) {
    return this.#link({ aweme_id: id, cursor });
  }

  repliesLink(id, comment, cursor) {
    const link = this.#link({ item_id: id, comment_id: comment, cursor });
    if (!link) return null;
    link.searchParams.delete("aweme_id");
    link.pathname = ENDPOINTS.repliesPath;
    return link;
  }

  /** What an answer to one of the page's requests holds. */
  add(address, answer) {
    const link = new URL(address, location.href);
    if (ENDPOINTS.replies.test(link.pathname)) this.#addReplies(link, answer);
    else if (ENDPOINTS.comments.test(link.pathname)) this.#addComments(link, answer);
    else this.seen.posts += this.#addAll(answer) ? 1 : 0;
  }

  #link(parameters) {
    this.request ??= this.#requestBefore();
    if (!this.request) return null;
    const link = new URL(this.request);
    SIGNATURES.forEach((name) => link.searchParams.delete(name));
    Object.entries(parameters).forEach(([name, value]) => link.searchParams.set(name, value));
    return link;
  }

  /** The browser remembers the addresses of requests that were made before the scraper came. */
  #requestBefore() {
    const entries = performance.getEntriesByType("resource").map((entry) => new URL(entry.name));
    return entries.findLast((link) => ENDPOINTS.comments.test(link.pathname)) ?? null;
  }

  #addComments(link, answer) {
    const id = link.searchParams.get("aweme_id") ?? commentsOf(answer)[0]?.aweme_id;
    if (!id || !("comments" in answer)) return;
    this.seen.comments += 1;
    this.request = link;
    this.webId ??= link.searchParams.get(WEB_ID.inRequests);
    threadOf(this.threads, id).add(answer);
  }

  #addReplies(link, answer) {
    const comment = link.searchParams.get("comment_id");
    if (!comment || !("comments" in answer)) return;
    this.seen.replies += 1;
    threadOf(this.replyThreads, comment).add(answer);
  }

  #addAll(json) {
    const posts = JSON_PATHS.posts.flatMap((path) => valuesAt(json, path)).filter(isPost);
    for (const post of posts) {
      this.posts.set(String(post.id), { ...this.posts.get(String(post.id)), ...post });
    }
    this.webId ??= JSON_PATHS.webId.flatMap((path) => valuesAt(json, path))[0] ?? null;
    return posts.length;
  }

  async #readResponse(response) {
    if (!isApi(response.url)) return;
    this.reading += 1;
    try {
      this.add(response.url, await response.clone().json());
    } catch {
      // Not JSON, or cut off: the page's own affair.
    } finally {
      this.#changed();
    }
  }

  #readRequest(request) {
    if (!isApi(request.responseURL)) return;
    this.reading += 1;
    this.#guard(() => this.add(request.responseURL, jsonOf(request)));
    this.#changed();
  }

  #changed() {
    this.reading -= 1;
    this.dispatchEvent(new Event("change"));
  }

  #guard(read) {
    try {
      read();
    } catch {
      // Not what it used to be: `check_site` tells.
    }
  }
}

function threadOf(threads, id) {
  if (!threads.has(id)) threads.set(id, new Thread());
  return threads.get(id);
}

function isApi(address) {
  return Boolean(address) && ENDPOINTS.api.test(new URL(address, location.href).pathname);
}

function jsonOf({ responseType, response }) {
  if (responseType === "json") return structuredClone(response); // the page may change its own
  if (responseType === "arraybuffer") return JSON.parse(new TextDecoder().decode(response));
  return JSON.parse(response);
}

function storedWebId() {
  try {
    return JSON.parse(localStorage.getItem(WEB_ID.stored))?.web_id ?? null;
  } catch {
    return null;
  }
}
