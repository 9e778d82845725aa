/** The loop: read the open TikTok as soon as all of it is there, keep it, go on to the next. */

import { CommentCollector } from "./comments.js";
import {
  Before,
  describedPost,
  dialog,
  isMediaLink,
  nextButton,
  openPost,
  shownComments,
  shownPost,
} from "./dom.js";
import { commentCountOf, postRecord } from "./record.js";
import { FIRST_PAGE, find } from "./site.js";
import { until } from "./wait.js";

const MOVE_MS = 15_000; // a new address comes at once, but for lists that load
const END_MS = 3000; // an arrow may be disabled while the list loads
const OPEN_COMMENTS_MS = 400; // comments that open by themselves have had their chance
const LONGEST_MS = 2 ** 31 - 1; // of a browser's timer

const BLOCKED = {
  captcha: "the site asks for a captcha: solve it and start again",
  login: "the site asks to log in: do, or close the dialog, and start again",
};

/** What was asked for, from the arguments of `scrape_tiktoks`. */
export function optionsOf(delay, more) {
  const options = { delay: 2000, replies: false, again: false };
  Object.assign(options, typeof delay === "number" ? { delay } : delay, more);
  const milliseconds = Number(options.delay);
  if (!(milliseconds >= 0)) throw new TypeError(`delay must be milliseconds, not ${options.delay}`);
  return { ...options, delay: Math.min(milliseconds, LONGEST_MS) };
}

/** One run. It tells by a `change` event how far it is. */
export class Run extends EventTarget {
  records = [];
  known = 0; // of them, scraped before
  ended = null; // why it is over
  startedAt = Date.now();

  constructor(data, batch, count, options) {
    super();
    Object.assign(this, { data, batch, count, options });
  }

  stop(reason = "stopped") {
    this.ended ??= reason;
    this.dispatchEvent(new Event("change"));
  }
}

export class Scraper {
  #before = new Before(); // what was shown of TikToks before the open one
  #last = null; // id of the TikTok that was left last
  #commentsSeen = false; // they are open, and stay so
  #clicked = false; // to open them

  constructor(data, batch) {
    this.data = data;
    this.batch = batch;
  }

  /** Scrape up to `run.count` TikToks, from the open one on. */
  async all(run) {
    while (!run.ended) {
      const record = await this.#one(run);
      if (record) {
        run.records.push(record);
        run.dispatchEvent(new Event("change"));
        await this.#move(run, record.id);
      }
      if (run.records.length >= run.count) run.stop("done");
    }
    return run.records;
  }

  /** Scrape the open TikTok, and stay there. */
  async open(run) {
    const record = await this.#one(run);
    if (record) run.records.push(record);
    run.stop("done");
    return record;
  }

  /** The open TikTok's record, or null where the run has ended. */
  async #one(run) {
    const deadline = Date.now() + run.options.delay;
    const open = await this.#until(run, openPost, run.options.delay);
    if (run.ended) return null;
    if (!open) return void run.stop("no TikTok is open: open one, so that its comments are visible");
    const before = run.options.again ? null : await this.batch.get(open.id);
    if (before) {
      run.known += 1;
      return before;
    }
    const record = await this.#scrape(run, open, deadline);
    if (record) await this.batch.put(record);
    return record;
  }

  async #scrape(run, open, deadline) {
    this.data.readEmbedded();
    const state = () => this.#stateOf(open, run);
    const settled = () => hasLeft(open) || state().complete;
    const wait = () => this.#until(run, settled, deadline - Date.now());
    await this.#whileOpening(run, state, wait);
    if (run.ended || this.#wasMoved(open)) return null;
    const found = state();
    const { record, missing } = this.#postRecord(open, found, run);
    record.comments = [];
    const task = this.#taskFor(run, open, found);
    const collected = found.comments === "some" ? await new CommentCollector(this.data, task).collect() : null;
    if (run.ended || this.#wasMoved(open)) return null;
    if (collected) record.comments = collected.comments;
    if (found.comments === "none yet") {
      missing.comments = `they did not load within ${run.options.delay} ms`;
      this.#clicked = false; // if that was why: try again
    }
    if (collected?.incomplete) missing.comments = collected.incomplete;
    return {
      ...record,
      "scrape-timestamp": Date.now() / 1000,
      ...(Object.keys(missing).length && { missing }),
      scraper: VERSION,
      sources: {
        post: found.post ? "json" : "dom",
        comments: collected?.source ?? (found.comments === "zero" ? found.source : "none"),
      },
    };
  }

  /** Whether somebody else went on to another TikTok: what is read now may be of either. */
  #wasMoved(open) {
    if (!hasLeft(open)) return false;
    this.#leave(open.id);
    return true;
  }

  /** What is shown from now on may still be this TikTok's. */
  #leave(id) {
    this.#before = new Before();
    this.#before.remember();
    this.#last = id;
  }

  /** What there is of the open TikTok by now, and whether it is complete. */
  #stateOf(open, run) {
    const post = this.data.posts.get(open.id);
    const shown = this.#shownOf(open);
    const comments = this.#commentsOf(open, post, shown, run.options);
    const described = post || (shown.description !== undefined && shown.nickname);
    const filmed =
      post || shown.photos?.length || isMediaLink(shown.video) || shown.video?.startsWith("blob:");
    const complete = described && filmed && comments !== "none yet" && !this.data.reading;
    return { post, shown, comments, complete, source: post ? "json" : "dom" };
  }

  /** What the page shows, without what may still be the TikTok's before. */
  #shownOf(open) {
    const all = shownPost();
    if (this.#last === null || this.#last === open.id) return all;
    const described = describedPost();
    const isDescribed =
      (!described || described.id === open.id) && this.#before.isNew("description", all.description);
    const isNew = (name) =>
      ["video", "cover", "photos"].includes(name) ? this.#before.isNew(name, all[name]) : isDescribed;
    return Object.fromEntries(Object.entries(all).filter(([name]) => isNew(name)));
  }

  /** "zero", "some" or "none yet". */
  #commentsOf(open, post, shown, options) {
    const thread = this.data.threads.get(open.id);
    if (options.comments === 0 || String(commentCountOf(post) ?? shown.commentCount) === "0") return "zero";
    if (thread?.comments.size) return "some";
    if (thread && !thread.hasMore) return "zero";
    const visible = shownComments();
    const isOurs = this.#last === null || this.#last === open.id || this.#before.areNew(visible);
    return visible.length && isOurs ? "some" : "none yet";
  }

  #postRecord(open, { post, shown, complete }, run) {
    const webId = this.data.webIdWith(shown.permalink);
    const late = complete ? "" : ` within ${run.options.delay} ms`;
    return postRecord({ open, post, shown, webId }, `neither the page nor its data had it${late}`);
  }

  #taskFor(run, open, { post, shown }) {
    const { comments, replies, delay } = run.options;
    const total = Number(commentCountOf(post) ?? shown.commentCount);
    this.#commentsSeen ||= shownComments().length > 0;
    return {
      id: open.id,
      creator: open.handle,
      firstPage: comments === undefined,
      want: comments ?? FIRST_PAGE,
      replies,
      delay,
      total: Number.isNaN(total) ? null : total,
      signal: run,
      stopped: () => run.ended !== null,
    };
  }

  /** Some pages want a click before they load comments; a second one would close them. */
  async #whileOpening(run, state, wait) {
    let isOver = false;
    const patience = Math.min(OPEN_COMMENTS_MS, run.options.delay / 2);
    this.#openComments(() => isOver, () => state().comments === "none yet", patience);
    await wait();
    isOver = true;
  }

  async #openComments(isOver, noneYet, patience) {
    await until(() => isOver() || find("openComments"), LONGEST_MS);
    await until(() => isOver() || !noneYet(), patience, [this.data]);
    const isShut = !find("commentList") || !(this.#commentsSeen || this.#clicked);
    if (isOver() || !noneYet() || !isShut) return;
    this.#clicked = true;
    find("openComments")?.click();
  }

  /** On to the next TikTok: the address changes first, the rest when it comes. */
  async #move(run, id) {
    const isLast = run.records.length >= run.count;
    const button = await this.#until(run, nextButton, isLast || !find("next") ? 0 : END_MS);
    if (!button && !isLast) run.stop("this is the end of the list");
    if (!button) return;
    this.#leave(id);
    button.click();
    const moved = await this.#until(run, () => this.#hasMoved({ id }), Math.max(MOVE_MS, run.options.delay));
    if (!moved && !run.ended) run.stop("the next TikTok did not open");
  }

  /** What comes while the address is still the old one's is the old one's. */
  #hasMoved(open) {
    if (hasLeft(open)) return true;
    this.#before.remember();
    return false;
  }

  /** Wait, but end the run where a dialog blocks the page. */
  async #until(run, ready, ms) {
    const answer = await until(
      () => {
        const value = !run.ended && ready();
        const blocked = !value && dialog();
        if (blocked) run.stop(BLOCKED[blocked]);
        return value || run.ended;
      },
      ms,
      [this.data, run],
    );
    return run.ended ? null : answer;
  }
}

const hasLeft = (open) => openPost()?.id !== open.id;
