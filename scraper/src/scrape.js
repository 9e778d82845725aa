/** The loop: read the open TikTok as soon as it is complete, store it, and go on to the next. */

import { CommentCollector } from "./comments.js";
import { Before, dialog, isMediaLink, nextButton, shownComments, shownPost } from "./dom.js";
import { GridWalk, clickLink } from "./grid.js";
import { commentsRoot, describedPost, nextCard, openPost, rootOf, tiles } from "./layout.js";
import { better, commentCountOf, postRecord } from "./record.js";
import { isDone, wanted } from "./run.js";
import { FIRST_PAGE, find, linkOf } from "./site.js";
import { until } from "./wait.js";

const MOVE_MS = 15_000; // a new address comes at once, unless the list has to load
const END_MS = 3000; // an arrow may be disabled while the list loads
const OPEN_COMMENTS_MS = 400; // after this time, comments do not open by themselves any more
const CLICK_MS = 3000; // a click has its effect within this time
const LONGEST_MS = 2 ** 31 - 1; // of a browser's timer

const NO_NEXT_BUTTON =
  "I can't find the next button of this page. Type check_site() in the console to see what has changed";
const NOTHING_OPEN =
  "no TikTok is open, and I see no grid of TikToks: open one, or type check_site() in the console";
const NO_MORE_TILES =
  "the grid shows no further TikToks, but the site has more: scroll down and start again";

const BLOCKED = {
  captcha: "The site asks for a captcha: solve it, and I go on",
  login: "The site asks you to log in: log in, or close the dialog, and I go on",
};

export class Scraper {
  #before = new Before(); // what was shown of TikToks before the open one
  #last = null; // id of the TikTok that was left last
  #commentsSeen = false; // they are open, and stay so
  #clicked = false; // to open them
  #clicksFail = false; // the page ignores clicks that no person made
  #walk = null; // through a grid whose posts don't open

  constructor(data, batch, media) {
    Object.assign(this, { data, batch, media });
  }

  #openPost = () => this.#walk?.current ?? openPost(this.data.posts);
  #rootOf = (open) => (open.tile ? null : rootOf(open, this.data.posts));
  #hasLeft = (open) => this.#openPost()?.id !== open.id;

  /** Scrape up to `run.count` TikToks, starting with the open one or the first in a grid. */
  async all(run) {
    this.#walk = null;
    this.data.readEmbedded();
    await this.#until(run, () => this.#openPost() || tiles().length, run.options.delay);
    if (!run.ended && !this.#openPost()) await this.#enterGrid(run);
    while (!run.ended) {
      const id = await this.#one(run);
      if (id) await this.#move(run, id);
      if (run.isFull) run.stop("done");
    }
  }

  /** Scrape the open TikTok, and stay there. */
  async open(run) {
    this.#walk = null;
    await this.#one(run);
    run.stop("done");
  }

  /** Keep the open TikTok, and return its id; null if the run has ended or another one was opened. */
  async #one(run) {
    const deadline = Date.now() + run.options.delay;
    const open = await this.#until(run, this.#openPost, run.options.delay);
    if (run.ended) return null;
    if (!open) return void run.stop(NOTHING_OPEN);
    const { again } = run.options;
    if (!again && (await this.batch.isInCorpus(open.id))) {
      run.skipped += 1;
      run.changed();
      this.data.release(open.id);
      return open.id;
    }
    const before = await this.batch.get(open.id);
    if (before && !again && isDone(before, run.options)) {
      run.known += 1;
      run.add(before.record);
      this.data.release(open.id);
      return open.id;
    }
    const scraped = await this.#scrape(run, open, deadline);
    if (!scraped) return null;
    const record = await this.batch.update(open.id, (before) => ({
      record: before ? better(scraped, before.record, again) : scraped,
      asked: wanted(run.options),
    }));
    run.add(record);
    if (run.options.media) await this.media.save(record, run);
    this.data.release(open.id);
    return open.id;
  }

  /** Open a grid's first post. If the page ignores the click, read the posts without opening them. */
  async #enterGrid(run) {
    const [first] = tiles();
    if (!first) return;
    clickLink(first.tile);
    if ((await this.#until(run, this.#openPost, MOVE_MS)) || run.ended) return;
    run.note("Clicks on a TikTok have no effect here, so I read it from the page's data.");
    this.#walk = new GridWalk();
    this.#walk.advance();
  }

  async #scrape(run, open, deadline) {
    this.data.readEmbedded();
    if (this.data.hasForgotten(open.id)) await this.data.askForPost(linkOf(open), run.options.delay);
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

  /** True if the user went on to another TikTok: values that are read now may belong to either. */
  #wasMoved(open) {
    if (!this.#hasLeft(open)) return false;
    this.#leave(open);
    return true;
  }

  /** Remember what is shown now: later, the page may still show values of this TikTok. */
  #leave(open) {
    this.#before = new Before();
    this.#before.remember(this.#rootOf(open));
    this.#last = open.id;
  }

  /** Return what is known about the open TikTok so far, and whether it is complete. */
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

  /** Return what the page shows, without values that may belong to the previous TikTok. */
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
    return postRecord({ open, post, shown, webId }, `neither the page nor its data contained it${late}`);
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

  /** Click once on pages that need it to load comments; a second click would close them. */
  async #whileOpening(run, open, state, wait) {
    let isOver = false;
    const noneYet = () => !isOver && state().comments === "none yet";
    this.#openComments(run, open, () => isOver, noneYet);
    await wait();
    isOver = true;
  }

  async #openComments(run, open, isOver, noneYet) {
    if (open.tile) return void (await this.#askForAll(run, open, noneYet));
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
      run.note("A click on the comments button has no effect here, so I request the comments from the site.");
    }
  }

  /** Get the data of a post that can't be opened, if the grid's data lack it, and its comments. */
  async #askForAll(run, open, noneYet) {
    if (!this.data.posts.has(open.id)) await this.data.askForPost(open.tile.href, run.options.delay);
    if (noneYet()) await this.#askForComments(run, open);
  }

  /** Ask the site for the first comments. True if it has answered. */
  async #askForComments(run, open) {
    const task = this.#taskFor(run, open, this.#stateOf(open, run));
    return new CommentCollector(this.data, { ...task, firstPage: false, replies: false }).ask(1);
  }

  /** Go on to the next TikTok. Its address, its card or its row shows when it is open. */
  async #move(run, id) {
    const open = { id };
    if (this.#walk) return void (await this.#walkOn(run));
    const further = () => nextButton() ?? nextCard(open, this.data.posts);
    const isKnown = Boolean(find("next") || further());
    const isLast = run.isFull; // the next run goes on from the one after it
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

  /** Go on to the next post of a grid; at its lower end, more posts may load. */
  async #walkOn(run) {
    if (run.isFull) return;
    const advance = () => this.#walk.advance();
    if (advance()) return void (await run.pause());
    this.#walk.scrollToEnd();
    const patience = this.data.listGoesOn ? Math.max(MOVE_MS, run.options.delay) : END_MS;
    if (await this.#until(run, advance, patience)) return void (await run.pause());
    run.stop(this.data.listGoesOn ? NO_MORE_TILES : "this is the end of the list");
  }

  /** Values that arrive while the old post is still open belong to the old post. */
  #hasMoved(open) {
    const now = this.#openPost();
    if (now && now.id !== open.id) return true;
    this.#before.remember(this.#rootOf(open));
    return false;
  }

  /** Wait. If a dialog blocks the page, wait for the user first, and then for the full time again. */
  async #until(run, ready, ms) {
    for (;;) {
      let blocked = null;
      const ask = () => {
        const value = !run.ended && ready();
        blocked = value || run.ended ? null : dialog();
        return value || run.ended || blocked;
      };
      const answer = await until(ask, ms, [this.data, run]);
      if (run.ended) return null;
      if (!blocked) return answer;
      await run.wait(BLOCKED[blocked], () => !dialog());
    }
  }
}
