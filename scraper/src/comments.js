/** Collects all comments of a post: from the page's endpoints if it has used them, or else by scrolling. */

import { scroller, shownComments } from "./dom.js";
import { commentRecord } from "./record.js";
import { FIRST_PAGE, REQUESTS } from "./site.js";
import { until } from "./wait.js";

const REQUEST_SHARE = 0.2; // of the pause between two posts: the wait before the next request
const PAGES = 1000; // of comments or replies; no post has more
const TRIES = 3; // pages in a row that are empty, refused, or contain nothing new
const SCROLL_MS = 150; // a virtual list needs this time to draw what came into view, without a request
const PASSES = 2; // expanded replies push other comments out of a virtual list, sometimes before they are read
const INCOMPLETE = "not all comments or replies loaded";

/** Comments by signature, in their order on the page, whatever the order in which the page draws them. */
class Found extends Map {
  /** Add what is new in `shown`, next to its neighbours there. Without known neighbours, it goes to the top. */
  merge(shown) {
    if ([...shown.keys()].every((key) => this.has(key))) return;
    const keys = [...this.keys()];
    let place = Math.max(keys.indexOf([...shown.keys()].find((key) => this.has(key))), 0);
    for (const key of shown.keys()) {
      if (this.has(key)) place = keys.indexOf(key);
      else keys.splice(place, 0, key);
      place += 1;
    }
    const records = new Map([...shown, ...this]);
    this.clear();
    keys.forEach((key) => this.set(key, records.get(key)));
  }
}

/** Collects the comments of one post for a task `{id, creator, want, …}`. */
export class CommentCollector {
  constructor(data, task) {
    this.data = data;
    this.task = task;
  }

  /** Returns `{comments, source, incomplete}`. Call it when the first page of comments is there. */
  async collect() {
    const asks = !this.task.firstPage || this.task.replies;
    if (asks) await this.#askForAll();
    const before = this.#fromJson();
    if (before && !before.incomplete) return before;
    if (!this.task.root()) return before ?? { comments: [], source: "none", incomplete: INCOMPLETE };
    // Scrolling makes the page ask for the rest, and its answers are read as well.
    const shown = await this.#fromPage();
    const after = this.#fromJson();
    return after && (!after.incomplete || after.comments.length >= shown.comments.length) ? after : shown;
  }

  /** Request `want` comments. Returns true if there is an answer. */
  async ask(want) {
    const { id } = this.task;
    const thread = () => this.data.threads.get(id);
    await this.#askFor(thread, (cursor) => this.data.commentsLinks(id, cursor), want);
    return Boolean(thread());
  }

  // --- the page's own endpoints

  async #askForAll() {
    const { id, want, firstPage, replies } = this.task;
    const thread = () => this.data.threads.get(id);
    const links = (cursor) => this.data.commentsLinks(id, cursor);
    if (!(firstPage && thread()) && !(await this.#askFor(thread, links, want))) return;
    for (const { cid, reply_comment_total: total } of replies ? this.#known() : []) {
      const answers = () => this.data.replyThreads.get(String(cid));
      const links = (cursor) => this.data.repliesLinks(id, cid, cursor);
      if (total && !(await this.#askFor(answers, links, total))) return;
    }
  }

  #known() {
    const thread = this.data.threads.get(this.task.id);
    return [...(thread?.comments.values() ?? [])].slice(0, this.task.want);
  }

  #fromJson() {
    const { id, want, firstPage, creator, replies } = this.task;
    const thread = this.data.threads.get(id);
    if (!thread) return null;
    let complete = firstPage || !thread.hasMore || thread.comments.size >= want;
    const comments = this.#known().map((comment) => {
      const record = commentRecord(comment, creator);
      if (!replies) return record;
      record.replies = this.#knownReplies(comment).map((reply) => commentRecord(reply, creator));
      complete &&= this.#hasAllReplies(comment, record.replies);
      return record;
    });
    return { comments, source: "json", incomplete: complete ? null : INCOMPLETE };
  }

  #knownReplies({ cid, reply_comment: first }) {
    const found = new Map((first ?? []).map((reply) => [String(reply.cid), reply]));
    this.data.replyThreads.get(String(cid))?.comments.forEach((reply, key) => found.set(key, reply));
    return [...found.values()];
  }

  /** The count includes hidden replies, so the end of the list also means that these are all. */
  #hasAllReplies({ cid, reply_comment_total: total }, found) {
    return found.length >= (total ?? 0) || this.data.replyThreads.get(String(cid))?.hasMore === false;
  }

  /** Request further pages until there are `want` comments, or no more. Returns false if that fails. */
  async #askFor(threadOf, linksOf, want) {
    const state = () => `${threadOf()?.cursor} ${threadOf()?.comments.size} ${threadOf()?.hasMore}`;
    let failures = 0;
    for (let page = 0; page < PAGES && !this.task.stopped(); page += 1) {
      const thread = threadOf();
      if (thread && (!thread.hasMore || thread.comments.size >= want)) return true;
      if (failures === TRIES) return false;
      if (page) await this.task.pause(REQUEST_SHARE);
      const before = `${thread?.comments.size}`;
      const answered = await this.#ask(linksOf(thread?.cursor ?? 0), state);
      const isNew = answered && `${threadOf()?.comments.size}` !== before;
      failures = isNew || threadOf()?.hasMore === false ? 0 : failures + 1;
    }
    return false;
  }

  /** Try these addresses until one is answered. From then on, that one is tried first. */
  async #ask(links, state) {
    const first = Math.min(this.data.answeredLink, links.length - 1);
    for (const index of new Set([first, ...links.keys()])) {
      const before = state();
      await this.#fetch(links[index]);
      if (state() === before) continue;
      this.data.answeredLink = index;
      this.data.answered[REQUESTS[index][0]] += 1;
      return true;
    }
    return false;
  }

  /** Send a request. Its answer is read like the answers to the page's own requests. */
  async #fetch(link) {
    try {
      const response = await fetch(link, { signal: AbortSignal.timeout(Math.max(this.task.delay, 1)) });
      this.data.add(link.href, await response.json());
    } catch {
      // Refused, empty or too late: the caller sees that nothing came.
    }
  }

  // --- the comments that the page shows

  async #fromPage() {
    const found = new Found();
    const replies = new Map(); // signature: replies, by signature
    for (let pass = 0; pass < PASSES && !this.#isDone(found, replies); pass += 1) {
      const bar = scroller(this.task.root());
      if (bar.scrollTop > 0) await this.#scroll(bar, 0);
      await this.#walk(bar, found, replies);
    }
    const comments = [...found].slice(0, this.task.want).map(([signature, record]) =>
      this.task.replies ? { ...record, replies: [...(replies.get(signature)?.values() ?? [])] } : record,
    );
    return { comments, source: "dom", incomplete: this.#isShort(found, replies) ? INCOMPLETE : null };
  }

  /** Go from the top of the list to its end. */
  async #walk(bar, found, replies) {
    const tried = new Set();
    let more = true;
    let idle = 0; // steps in a row that should have brought something new
    while (more && idle < TRIES && !this.task.stopped()) {
      await this.#backToKnown(bar, found);
      if (this.task.replies) await this.#expandAll(found, replies, tried);
      const before = found.size;
      const isAtEnd = bar.scrollTop + bar.clientHeight >= bar.scrollHeight - 1;
      const isRepeated = this.#shown().length > before; // the site sends the same page again
      more = !this.#isDone(found, replies) && (await this.#further(bar, found));
      if (found.size > before) idle = 0;
      else if (isAtEnd || isRepeated) idle += 1;
    }
  }

  #isDone(found, replies) {
    const enough = found.size >= this.task.want || this.#isAll(found);
    return enough && !this.#lacksReplies(found, replies);
  }

  #shown() {
    return shownComments(this.task.root(), this.task.creator);
  }

  /** Scroll up to where the list was read: a list that draws late may have been scrolled too far. */
  async #backToKnown(bar, found) {
    const known = () => this.#gather(found);
    while (!known() && bar.scrollTop > 0 && !this.task.stopped()) {
      await this.#scroll(bar, bar.scrollTop - bar.clientHeight / 2, known);
    }
    if (!known()) found.merge(this.#shownBySignature());
  }

  /** Add the shown comments, if any is known: only then is their place known. Returns true if added. */
  #gather(found) {
    const shown = this.#shownBySignature();
    const known = !found.size || [...shown.keys()].some((key) => found.has(key));
    if (known) found.merge(shown);
    return known;
  }

  /** Shown comments by signature. Two equal texts by one person are two comments, unless their ids agree. */
  #shownBySignature() {
    const shown = new Map();
    for (const { id, signature, record } of this.#shown()) {
      if (id && shown.has(id)) continue;
      let key = signature;
      for (let copy = 1; shown.has(key); copy += 1) key = `${signature}#${copy}`;
      shown.set(key, record);
    }
    return shown;
  }

  /** True if there are as many comments as the page says. It counts replies, too. */
  #isAll(found) {
    const replies = [...found.values()].map((record) => Number(record["replies-count"]) || 0);
    return this.task.total !== null && found.size + sum(replies) >= this.task.total;
  }

  #lacksReplies(found, replies) {
    const known = (signature) => replies.get(signature)?.size ?? 0;
    const lacks = ([signature, record]) => known(signature) < Number(record["replies-count"]);
    return this.task.replies && [...found].some(lacks);
  }

  #isShort(found, replies) {
    const { firstPage, total, want } = this.task;
    const lacksComments = !firstPage && total !== null && found.size < want && !this.#isAll(found);
    return lacksComments || this.#lacksReplies(found, replies);
  }

  /** Go one step down the list. Returns false at its end. */
  async #further(bar, found) {
    const before = found.size;
    const grown = () => this.#gather(found) && found.size > before;
    const height = bar.scrollHeight;
    if (bar.scrollTop + bar.clientHeight < height - 1) {
      await this.#scroll(bar, bar.scrollTop + bar.clientHeight * 0.8, grown);
      return true;
    }
    const isEnd = this.#isAll(found) || this.data.threads.get(this.task.id)?.hasMore === false;
    if (this.task.firstPage || isEnd) return false;
    await until(() => grown() || bar.scrollHeight > height, this.task.delay, [this.task.signal]);
    return found.size > before || bar.scrollHeight > height;
  }

  #scroll(bar, top, drawn = () => false) {
    bar.scrollTop = top;
    return until(drawn, SCROLL_MS, [this.task.signal]);
  }

  /** Expand all replies. Each expansion pushes others out of a virtual list, so look again each time. */
  async #expandAll(found, replies, tried) {
    for (;;) {
      this.#gather(found);
      const next = this.#shown().find((one) => one.repliesCount && !tried.has(one.signature));
      if (!next || this.task.stopped()) return;
      tried.add(next.signature);
      if (!replies.has(next.signature)) replies.set(next.signature, new Map());
      next.text.scrollIntoView({ block: "center", behavior: "instant" });
      await this.#expand(next.signature, Number(next.repliesCount) || Infinity, replies.get(next.signature));
    }
  }

  /** Click "show more" as long as it shows more: the element that hides replies looks the same. */
  async #expand(signature, total, replies) {
    const current = () => this.#shown().find((comment) => comment.signature === signature);
    const gather = () => {
      current()?.replies.forEach((reply) => replies.set(reply.signature, reply.record));
      return replies.size;
    };
    let before = -1;
    while (gather() > before && replies.size < total && !this.task.stopped()) {
      before = replies.size;
      const expander = current()?.expander;
      if (!expander) return;
      expander.click();
      await until(() => this.task.stopped() || gather() > before, this.task.delay, [this.task.signal]);
    }
  }
}

const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);
