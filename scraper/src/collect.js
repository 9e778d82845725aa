/** Stores what the page loads while a person browses. It opens nothing, and requests nothing. */

import { commentRecord, better, postRecord } from "./record.js";

/** A function for a filter in the panel: `#hashtag`, `@profile`, or nothing. */
export function filterOf(text) {
  const name = text.trim().toLowerCase();
  if (!name) return () => true;
  if (name.startsWith("@")) return (record) => record["creator-username"]?.toLowerCase() === name;
  const tag = name.replace(/^#/, "");
  return (record) => (record.hashtags ?? []).some((hashtag) => hashtag.toLowerCase() === tag);
}

/** One session of browsing. Every post of the page's data becomes a record of the batch. */
export class Collector {
  #waiting = new Set(); // ids of posts with new data
  #counted = new Map(); // id: how many of its comments were counted
  #work = null;

  constructor(data, batch, run, media) {
    Object.assign(this, { data, batch, run, media });
    this.matches = filterOf(run.options.filter ?? "");
  }

  /** Store what is there, and everything that comes until the run ends. */
  async all() {
    const listen = ({ ids }) => this.#take(ids);
    this.data.addEventListener("posts", listen);
    this.#take(this.data.posts.keys());
    await new Promise((resolve) => {
      const check = () => this.run.ended && resolve();
      this.run.addEventListener("change", check);
      check();
    });
    this.data.removeEventListener("posts", listen);
    await this.#work;
  }

  #take(ids) {
    for (const id of ids) this.#waiting.add(String(id));
    this.#work ??= this.#keepAll().finally(() => (this.#work = null));
  }

  async #keepAll() {
    await null; // then handle all posts of one answer together
    try {
      for (const id of this.#waiting) {
        this.#waiting.delete(id);
        await this.#keep(id);
      }
    } catch (error) {
      this.run.stop(`failed: ${error.message}`);
    }
  }

  async #keep(id) {
    const { data, batch, run } = this;
    const post = data.posts.get(id);
    if (!post) return; // comments of a post whose own data didn't come
    const scraped = this.#recordOf(id, post);
    if (!this.matches(scraped)) return data.release(id);
    const isNew = !this.#counted.has(id);
    if (await batch.isInCorpus(id)) {
      run.skipped += isNew ? 1 : 0;
      this.#counted.set(id, 0);
      return run.changed();
    }
    const record = await batch.update(id, (before) => ({
      record: before ? better(scraped, before.record) : scraped,
      asked: before?.asked ?? { comments: 0, replies: false },
    }));
    run.comments += record.comments.length - (this.#counted.get(id) ?? 0);
    this.#counted.set(id, record.comments.length);
    if (isNew) run.add(record);
    else run.changed();
    if (isNew && run.options.media) await this.media.save(record, run);
    data.release(id);
  }

  #recordOf(id, post) {
    const handle = typeof post.author === "string" ? post.author : post.author?.uniqueId ?? "";
    const open = { id, handle, kind: post.imagePost ? "photo" : "video" };
    const webId = this.data.webIdWith(null);
    const { record, missing } = postRecord({ open, post, shown: {}, webId }, "the page's data did not contain it");
    const comments = [...(this.data.threads.get(id)?.comments.values() ?? [])];
    record.comments = comments.map((comment) => this.#commentOf(comment, handle));
    return {
      ...record,
      "scrape-timestamp": Date.now() / 1000,
      ...(Object.keys(missing).length && { missing }),
      scraper: VERSION,
      sources: { post: "json", comments: comments.length ? "json" : "none" },
    };
  }

  #commentOf(comment, handle) {
    const first = comment.reply_comment ?? [];
    const loaded = [...(this.data.replyThreads.get(String(comment.cid))?.comments.values() ?? [])];
    const replies = new Map([...first, ...loaded].map((reply) => [String(reply.cid), reply]));
    const record = commentRecord(comment, handle);
    if (!replies.size) return record;
    return { ...record, replies: [...replies.values()].map((reply) => commentRecord(reply, handle)) };
  }
}
