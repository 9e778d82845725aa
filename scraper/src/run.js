/** One run: its settings, its progress, and the reason for its end. */

import { isSaved } from "./media.js";
import { FIRST_PAGE } from "./site.js";
import { until } from "./wait.js";

const PAUSE_MS = 2000; // between two TikToks, give or take a half: people take 0.2 to 7 s
const LONGEST_MS = 2 ** 31 - 1; // of a browser's timer

/** The settings, from the arguments of `scrape_tiktoks`. */
export function optionsOf(delay, more) {
  const options = { delay: 2000, pause: PAUSE_MS, replies: false, again: false, media: false };
  Object.assign(options, typeof delay === "number" ? { delay } : delay, more);
  for (const name of ["delay", "pause"]) {
    const milliseconds = Number(options[name]);
    if (!(milliseconds >= 0)) throw new TypeError(`${name} must be milliseconds, not ${options[name]}`);
    options[name] = Math.min(milliseconds, LONGEST_MS / 2);
  }
  return options;
}

/** How many comments are wanted, and whether with replies. */
export function wanted({ comments = FIRST_PAGE, replies }) {
  return { comments, replies };
}

/** True if a TikTok in the batch is complete, and was scraped with at least the present settings. */
export function isDone({ record, asked = { comments: FIRST_PAGE, replies: false } }, options) {
  const now = wanted(options);
  const isEnough = asked.comments >= now.comments && (asked.replies || !now.replies);
  return isEnough && !record.missing && (!options.media || isSaved(record));
}

/** A run. Each progress fires a `change` event. */
export class Run extends EventTarget {
  ids = []; // of the recorded TikToks
  known = 0; // how many of them were recorded before
  skipped = 0; // TikToks in the corpus: they aren't among `ids`
  comments = 0; // that were collected while a person browses
  pending = 0; // TikToks whose media are being saved
  saved = 0; // media
  unsaved = 0;
  lacks = new Map(); // field: how many records lack it
  ended = null; // the reason for its end
  waiting = null; // what the person has to do before it goes on
  notes = new Set(); // what the person should know
  startedAt = Date.now();

  constructor(data, batch, count, options) {
    super();
    Object.assign(this, { data, batch, count, options });
  }

  get isFull() {
    return this.ids.length >= this.count;
  }

  /** Count a record. */
  add(record) {
    this.ids.push(record.id);
    for (const key of Object.keys(record.missing ?? {})) this.lacks.set(key, (this.lacks.get(key) ?? 0) + 1);
    this.changed();
  }

  stop(reason = "stopped") {
    this.ended ??= reason;
    this.changed();
  }

  /** Tell the person something about the page, once. */
  note(message) {
    if (this.notes.has(message)) return;
    this.notes.add(message);
    console.info(message);
    this.changed();
  }

  /** Wait for the person to do what `message` says, until `isOver()`. */
  async wait(message, isOver) {
    console.info(message);
    this.waiting = message;
    this.changed();
    await until(() => this.ended || isOver(), LONGEST_MS, [this]);
    this.waiting = null;
    this.changed();
  }

  /** Wait for a `share` of the pause between two TikToks, give or take a half. */
  async pause(share = 1) {
    const ms = this.options.pause * share * (0.5 + Math.random());
    await until(() => this.ended, ms, [this]);
  }

  changed() {
    this.dispatchEvent(new Event("change"));
  }
}
