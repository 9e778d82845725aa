/** The loop: read the open TikTok as soon as all of it is there, keep it, go on to the next. */

import { CommentCollector } from "./comments.js";
import { Before, dialog, isMediaLink, nextButton, shownComments, shownPost } from "./dom.js";
import { commentsRoot, describedPost, nextCard, openPost, rootOf } from "./layout.js";
import { better, commentCountOf, postRecord } from "./record.js";
import { FIRST_PAGE, find } from "./site.js";
import { until } from "./wait.js";

const MOVE_MS = 15_000; // a new address comes at once, but for lists that load
const END_MS = 3000; // an arrow may be disabled while the list loads
const OPEN_COMMENTS_MS = 400; // comments that open by themselves have had their chance
const CLICK_MS = 3000; // what a click does begins sooner
const PAUSE_MS = 2000; // between two TikToks, give or take a half: people take 0.2 to 7 s
const LONGEST_MS = 2 ** 31 - 1; // of a browser's timer

const NO_NEXT_BUTTON =
  "I can't find this page's next button. check_site() in the console tells what else has changed";

const BLOCKED = {
  captcha: "the site asks for a captcha: solve it and start again",
  login: "the site asks to log in: do, or close the dialog, and start again",
};

/** What was asked for, from the arguments of `scrape_tiktoks`. */
export function optionsOf(delay, more) {
  const options = { delay: 2000, pause: PAUSE_MS, replies: false, again: false };
  Object.assign(options, typeof delay === "number" ? { delay } : delay, more);
  for (const name of ["delay", "pause"]) {
    const milliseconds = Number(options[name]);
    if (!(milliseconds >= 0)) throw new TypeError(`${name} must be milliseconds, not ${options[name]}`);
    options[name] = Math.min(milliseconds, LONGEST_MS / 2);
  }
  return options;
}

/** One run. It tells by a `change` event how far it is. */
export class Run extends EventTarget {
  records = [];
  known = 0; // of them, scraped before
  ended = null; // why it is over
  notes = new Set(); // what the person should know
  startedAt = Date.now();

  constructor(data, batch, count, options) {
    super();
    Object.assign(this, { data, batch, count, options });
  }

  stop(reason = "stopped") {
    this.ended ??= reason;
    this.dispatchEvent(new Event("change"));
  }

  /** Tell the person something about the page, once. */
  note(message) {
    if (this.notes.has(message)) return;
    this.notes.add(message);
    console.info(message);
    this.dispatchEvent(new Event("change"));
  }

  /** Wait for a `share` of the pause between two TikToks, give or take a half. */
  async pause(share = 1) {
    const ms = this.options.pause * share * (0.5 + Math.random());
    await until(() => this.ended, ms, [this]);
  }
}

export class Scraper {
  #before = new Before(); // what was shown of TikToks before the open one
  #last = null; // id of the TikTok that was left last
  #commentsSeen = false; // they are open, and stay so
  #clicked = false; // to open them
  #clicksFail = false; // the page ignores clicks that no person made

  constructor(data, batch) {
    this.data = data;
    this.batch = batch;
  }

  #openPost = () => openPost(this.data.posts);
  #rootOf = (open) => rootOf(open, this.data.posts);
  #hasLeft = (open) => this.#openPost()?.id !== open.id;

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
    const open = await this.#until(run, this.#openPost, run.options.delay);
    if (run.ended) return null;
    if (!open) return void run.stop("no TikTok is open: open one, so that its comments are visible");
    const { again } = run.options;
    const before = await this.batch.get(open.id);
    if (before && !again && isDone(before, run.options)) {
      run.known += 1;
      return before.record;
    }
    const scraped = await this.#scrape(run, open, deadline);
    if (!scraped) return null;
    const record = before ? better(scraped, before.record, again) : scraped;
    await this.batch.put(record, wanted(run.options));
    return record;
  }

  async #scrape(run, open, deadline) {
    this.data.readEmbedded();
    const state = () => this.#stateOf(open, run);
    const settled = () => this.#hasLeft(open) || state().complete;
    const wait = () => this.#until(run, settled, deadline - Date.now());
    await this.#whileOpening(run, open, state, wait);
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
    if (!this.#hasLeft(open)) return false;
    this.#leave(open);
    return true;
  }

  /** What is shown from now on may still be this TikTok's. */
  #leave(open) {
    this.#before = new Before();
    this.#before.remember(this.#rootOf(open));
    this.#last = open.id;
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
    const root = this.#rootOf(open);
    const all = shownPost(root, open);
    if (this.#last === null || this.#last === open.id) return all;
    const described = describedPost();
    const isDescribed =
      (!described || described.id === open.id) && this.#before.isNew("description", all.description, root);
    const isNew = (name) =>
      ["video", "cover", "photos"].includes(name) ? this.#before.isNew(name, all[name], root) : isDescribed;
    return Object.fromEntries(Object.entries(all).filter(([name]) => isNew(name)));
  }

  /** "zero", "some" or "none yet". */
  #commentsOf(open, post, shown, options) {
    const thread = this.data.threads.get(open.id);
    if (options.comments === 0 || String(commentCountOf(post) ?? shown.commentCount) === "0") return "zero";
    if (thread?.comments.size) return "some";
    if (thread && !thread.hasMore) return "zero";
    const visible = shownComments(this.#rootOf(open));
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
    this.#commentsSeen ||= shownComments(this.#rootOf(open)).length > 0;
    return {
      id: open.id,
      root: () => this.#rootOf(open),
      creator: open.handle,
      firstPage: comments === undefined,
      want: comments ?? FIRST_PAGE,
      replies,
      delay,
      total: Number.isNaN(total) ? null : total,
      signal: run,
      stopped: () => run.ended !== null,
      pause: (share) => run.pause(share),
    };
  }

  /** Some pages want a click before they load comments; a second one would close them. */
  async #whileOpening(run, open, state, wait) {
    let isOver = false;
    const noneYet = () => !isOver && state().comments === "none yet";
    this.#openComments(run, open, () => isOver, noneYet);
    await wait();
    isOver = true;
  }

  async #openComments(run, open, isOver, noneYet) {
    const patience = Math.min(OPEN_COMMENTS_MS, run.options.delay / 2);
    const button = () => find("openComments", this.#rootOf(open) ?? document.createElement("p"));
    await until(() => isOver() || button(), LONGEST_MS);
    await until(() => isOver() || !noneYet(), patience, [this.data]);
    if (isOver() || !noneYet()) return;
    if (this.#clicksFail) return void (await this.#askForComments(run, open));
    const isShut = !commentsRoot(this.#rootOf(open)) || !(this.#commentsSeen || this.#clicked);
    if (!isShut) return;
    this.#clicked = true;
    button()?.click();
    await until(() => isOver() || !noneYet(), Math.min(CLICK_MS, run.options.delay / 2), [this.data]);
    if (isOver() || !noneYet() || this.data.reading) return;
    if (await this.#askForComments(run, open)) {
      this.#clicksFail = true;
      run.note("A click on the comments' button does nothing here: the site is asked for them instead.");
    }
  }

  /** Ask the site for the first comments. True if it has answered. */
  async #askForComments(run, open) {
    const task = this.#taskFor(run, open, this.#stateOf(open, run));
    return new CommentCollector(this.data, { ...task, firstPage: false, replies: false }).ask(1);
  }

  /** On to the next TikTok: its address, its card or its row says when it is there. */
  async #move(run, id) {
    const isLast = run.records.length >= run.count; // the next run goes on from the one after it
    const open = { id };
    const further = () => nextButton() ?? nextCard(open, this.data.posts);
    const isKnown = Boolean(find("next") || further());
    const way = await this.#until(run, further, isKnown && !isLast ? END_MS : 0);
    if (!way && !isLast) run.stop(isKnown ? "this is the end of the list" : NO_NEXT_BUTTON);
    if (way && !isLast) await run.pause();
    if (!way || run.ended) return;
    this.#leave(open);
    const hasMoved = () => this.#hasMoved(open);
    nextButton()?.click();
    const card = nextCard(open, this.data.posts);
    if (card && !(await this.#until(run, hasMoved, CLICK_MS))) card.scrollIntoView({ behavior: "instant" });
    const moved = await this.#until(run, hasMoved, Math.max(MOVE_MS, run.options.delay));
    if (!moved && !run.ended) run.stop("the next TikTok did not open");
  }

  /** What comes while the old post is still the open one is the old one's. */
  #hasMoved(open) {
    const now = this.#openPost();
    if (now && now.id !== open.id) return true;
    this.#before.remember(this.#rootOf(open));
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

/** How many comments, and whether with replies. */
function wanted({ comments = FIRST_PAGE, replies }) {
  return { comments, replies };
}

/** Whether a TikTok of the batch lacks nothing, and no less was asked for than now. */
function isDone({ record, asked = { comments: FIRST_PAGE, replies: false } }, options) {
  const now = wanted(options);
  return !record.missing && asked.comments >= now.comments && (asked.replies || !now.replies);
}
