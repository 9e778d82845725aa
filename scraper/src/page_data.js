/**
 * Reads the page's own JSON: the data that it was delivered with, and the answers to its requests.
 *
 * It reads copies of the answers; the page gets its own, untouched and without delay.
 */

import {
  EMBEDDED,
  ENDPOINTS,
  MINIMAL_QUERY,
  POST_PARAMETERS,
  REQUESTS,
  SIGNATURES,
  WEB_ID,
  valuesOf,
} from "./site.js";

const KEPT = 100; // the posts left last, because the person may go back to them
const MOST = 2000; // posts with data: the page also loads some that nobody opens

/** Comments (or replies) of one post, as far as they are known. */
class Thread {
  comments = new Map(); // id: comment
  cursor = 0;
  hasMore = true;

  constructor(post) {
    this.post = post; // its id
  }

  /** Add an answer; comments that name another post are left out. */
  add(answer) {
    const all = commentsOf(answer);
    const ours = all.filter((comment) => !this.post || (postOf(comment) ?? this.post) === this.post);
    for (const comment of ours) this.comments.set(String(comment.cid), comment);
    if (all.length && !ours.length) return;
    const cursor = Number(answer.cursor) || 0;
    if (cursor < this.cursor) return; // an older answer knows less about the end of the list
    this.cursor = cursor;
    // An empty page means the end, whatever the site says: `has_more` may stay 1 forever.
    this.hasMore = all.length > 0 && Boolean(Number(answer.has_more));
  }
}

const postOf = (comment) => (comment.aweme_id === undefined ? undefined : String(comment.aweme_id));

const commentsOf = (answer) =>
  valuesOf("comments", answer).filter((comment) => comment.cid);

const isPost = (value) =>
  typeof value === "object" && /^\d{1,20}$/.test(value.id) && ("video" in value || "imagePost" in value);

export class PageData extends EventTarget {
  posts = new Map(); // id: itemStruct
  threads = new Map(); // id of a post: Thread
  replyThreads = new Map(); // id of a comment: Thread
  webId = null;
  answeredLink = 0; // the number of the address for comments that was answered last
  answered = Object.fromEntries(REQUESTS.map(([name]) => [name, 0])); // how often, for `check_site`
  listGoesOn = true; // true if the page's list has more posts, by its last answer
  request = null; // the page's last request for comments, as a pattern for further ones
  reading = 0; // the number of answers that have come but aren't read yet
  seen = { posts: 0, comments: 0, replies: 0 }; // answers that contained any, for `check_site`
  #embedded = new Map(); // by name: the last text that was read
  #left = new Set(); // ids of posts that were recorded, oldest first
  #loaded = new Set(); // ids of posts whose data are here, oldest first
  #forgotten = new Set(); // ids of posts whose data were here

  /** Listen to all requests from now on. */
  hook(page) {
    const data = this;
    // The page's own checks can't tell a proxy from the native function.
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

  /** Read the JSON that the page was delivered with. This is cheap if nothing has changed. */
  readEmbedded() {
    for (const name of Object.values(EMBEDDED)) this.#readScript(document.getElementById(name));
    if (window[EMBEDDED.sigi] && !this.#embedded.has(EMBEDDED.sigi)) {
      this.#embedded.set(EMBEDDED.sigi, "variable");
      this.#guard(() => this.#addAll(window[EMBEDDED.sigi]));
    }
  }

  /** Read it as soon as it is parsed: the page may remove its element a moment later. */
  watchEmbedded() {
    if (document.readyState === "complete") return;
    const names = Object.values(EMBEDDED);
    const isData = (node) => node.localName === "script" && names.includes(node.id);
    const observer = new MutationObserver((changes) => {
      this.readEmbedded(); // elements that have grown
      const nodes = changes.flatMap(({ addedNodes, removedNodes }) => [...addedNodes, ...removedNodes]);
      nodes.filter(isData).forEach((script) => this.#readScript(script));
    });
    observer.observe(document, { childList: true, subtree: true });
    addEventListener("load", () => observer.disconnect(), { once: true });
  }

  #readScript(script) {
    const text = script?.textContent;
    if (!text || this.#embedded.get(script.id) === text) return;
    this.#embedded.set(script.id, text);
    this.#guard(() => this.#addAll(JSON.parse(text)));
  }

  /** Request the page of a post, and read the JSON that it is delivered with. */
  async askForPost(link, ms) {
    const signal = AbortSignal.timeout(Math.max(ms, 1));
    const answer = await fetch(link, { signal }).catch(() => null);
    const page = (await answer?.text().catch(() => "")) ?? "";
    for (const name of Object.values(EMBEDDED)) {
      const start = page.indexOf(">", page.indexOf(`id="${name}"`)) + 1;
      const text = start > 0 && page.slice(start, page.indexOf("</script>", start));
      if (page.includes(`id="${name}"`)) this.#guard(() => this.#addAll(JSON.parse(text)));
    }
    this.dispatchEvent(new Event("change"));
  }

  /** Forget a recorded post after many others, so that the memory stays constant. */
  release(id) {
    this.#left.delete(id);
    this.#left.add(id);
    if (this.#left.size > KEPT) this.#forget(this.#left);
  }

  hasForgotten(id) {
    return this.#forgotten.has(id);
  }

  #forget([oldest]) {
    this.#left.delete(oldest);
    this.#loaded.delete(oldest);
    this.#forgotten.add(oldest);
    for (const comment of this.threads.get(oldest)?.comments.keys() ?? []) this.replyThreads.delete(comment);
    this.threads.delete(oldest);
    this.posts.delete(oldest);
  }

  /** The browser's id, by which the site knows the visitor. It never changes. */
  webIdWith(permalink) {
    const link = permalink && new URL(permalink, location.href);
    this.webId ??= link?.searchParams?.get(WEB_ID.inLinks) ?? storedWebId();
    return this.webId;
  }

  /** The addresses of a further page of comments, in the order to try them. */
  commentsLinks(id, cursor) {
    return this.#links(ENDPOINTS.commentsPath, { aweme_id: id, cursor });
  }

  repliesLinks(id, comment, cursor) {
    return this.#links(ENDPOINTS.repliesPath, { item_id: id, comment_id: comment, cursor });
  }

  /** Read the contents of an answer to one of the page's requests. */
  add(address, answer) {
    const link = new URL(address, location.href);
    this.webId ??= link.searchParams.get(WEB_ID.inRequests);
    if (ENDPOINTS.replies.test(link.pathname)) this.#addReplies(link, answer);
    else if (ENDPOINTS.comments.test(link.pathname)) this.#addComments(link, answer);
    else if (this.#addAll(answer)) this.#addList(answer);
  }

  #addList(answer) {
    this.seen.posts += 1;
    const [goesOn] = valuesOf("listGoesOn", answer);
    if (goesOn !== undefined) this.listGoesOn = Boolean(Number(goesOn));
  }

  /** Addresses as in REQUESTS. If the page itself has asked before, one has the same form. */
  #links(path, parameters) {
    this.request ??= this.#requestBefore();
    const few = new URL(path, location.origin);
    Object.entries(MINIMAL_QUERY).forEach(([name, value]) => few.searchParams.set(name, value));
    const own = this.request && new URL(path + this.request.search, location.origin);
    [...SIGNATURES, ...POST_PARAMETERS].forEach((name) => own?.searchParams.delete(name));
    const links = REQUESTS.map(([name]) => ({ few, own })[name]);
    return links.filter(Boolean).map((link) => {
      Object.entries(parameters).forEach(([name, value]) => link.searchParams.set(name, value));
      return link;
    });
  }

  /** An earlier request: the browser remembers the addresses of requests from before the scraper. */
  #requestBefore() {
    const entries = performance.getEntriesByType("resource").map((entry) => new URL(entry.name));
    const isOwn = (link) => ENDPOINTS.comments.test(link.pathname) && !isMinimal(link);
    return entries.findLast(isOwn) ?? null;
  }

  #addComments(link, answer) {
    const id = link.searchParams.get("aweme_id") ?? commentsOf(answer)[0]?.aweme_id;
    if (!id || !("comments" in answer)) return;
    this.seen.comments += 1;
    if (!isMinimal(link)) this.request = link;
    threadOf(this.threads, id, id).add(answer);
    this.#tell([id]);
  }

  #addReplies(link, answer) {
    const comment = link.searchParams.get("comment_id");
    if (!comment || !("comments" in answer)) return;
    this.seen.replies += 1;
    const id = link.searchParams.get("item_id") ?? undefined;
    threadOf(this.replyThreads, comment, id).add(answer);
    if (id) this.#tell([id]);
  }

  /** Tell listeners which posts have new data. */
  #tell(ids) {
    for (const id of ids) {
      this.#forgotten.delete(id);
      this.#loaded.delete(id);
      this.#loaded.add(id);
    }
    while (this.#loaded.size > MOST) this.#forget(this.#loaded);
    if (ids.length) this.dispatchEvent(Object.assign(new Event("posts"), { ids }));
  }

  #addAll(json) {
    const posts = valuesOf("posts", json).filter(isPost);
    for (const post of posts) {
      this.posts.set(String(post.id), { ...this.posts.get(String(post.id)), ...post });
    }
    this.webId ??= valuesOf("webId", json)[0] ?? null;
    this.#tell(posts.map((post) => String(post.id)));
    return posts.length;
  }

  async #readResponse(response) {
    if (!isApi(response.url)) return;
    this.reading += 1;
    try {
      this.add(response.url, await response.clone().json());
    } catch {
      // Not JSON, or cut off: the page has to deal with it.
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
      // The site has changed: `check_site` shows it.
    }
  }
}

/** True for the scraper's own requests, which have no parameter of the page's. */
function isMinimal(link) {
  const known = [...Object.keys(MINIMAL_QUERY), ...POST_PARAMETERS, "cursor"];
  return [...link.searchParams.keys()].every((name) => known.includes(name));
}

function threadOf(threads, id, post) {
  if (!threads.has(id)) threads.set(id, new Thread(post));
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
