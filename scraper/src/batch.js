/**
 * Keeps what was scraped in the browser until it is exported and cleared, so a reload loses nothing.
 *
 * All tabs share the batch. If one tab changes it, the others get a `change` event.
 */

const DATABASE = "tiktok-retrieval";
const VERSION_OF_DATABASE = 2;
const STORES = {
  records: { keyPath: "id" }, // {id, record, asked}
  exported: {}, // by id: true, if the export contains the present record
  log: { autoIncrement: true }, // {time, id, what, why}
  corpus: {}, // by id: true, if the corpus has the TikTok
  settings: {}, // by name
};
const AT_ONCE = 25; // entries in one read
const FULL = "the browser has no more space: press Export, then New batch, and start again";

export class Batch extends EventTarget {
  #database = null;
  #channel = new BroadcastChannel(DATABASE);

  constructor() {
    super();
    this.#channel.onmessage = () => this.dispatchEvent(new Event("change"));
  }

  /** The record with this id and the settings it was scraped with, `{id, record, asked}`, or null. */
  async get(id) {
    return (await this.#do("readonly", ["records"], ({ records }) => records.get(id))) ?? null;
  }

  /** Store what `change` returns for the earlier entry (or null), `{record, asked}`; return the record. */
  async update(id, change) {
    let entry;
    await this.#do("readwrite", ["records", "exported", "log"], ({ records, exported, log }) => {
      records.get(id).onsuccess = ({ target }) => {
        entry = { id, ...change(target.result ?? null) };
        records.put(entry);
        exported.delete(id);
        const missing = Object.entries(entry.record.missing ?? {});
        missing.forEach(([what, why]) => log.add({ time: Date.now(), id, what, why }));
      };
    });
    this.#changed();
    return entry.record;
  }

  /** Write to the log what was missed, and why. */
  async note(id, what, why) {
    const time = Date.now();
    await this.#do("readwrite", ["log"], ({ log }) => log.add({ time, id, what, why }));
  }

  log() {
    return this.#do("readonly", ["log"], ({ log }) => log.getAll());
  }

  /** The records with these ids, in their order, each once. */
  async records(ids) {
    const entries = [];
    for (const id of new Set(ids)) entries.push(await this.get(id));
    return entries.filter(Boolean).map(({ record }) => record);
  }

  /** All entries by id, a few at a time. */
  async *entries() {
    for (let range = null; ; ) {
      const found = await this.#do("readonly", ["records"], ({ records }) => records.getAll(range, AT_ONCE));
      if (!found.length) return;
      yield* found;
      range = IDBKeyRange.lowerBound(found.at(-1).id, true);
    }
  }

  /** `{count, exported}` */
  async counts() {
    const asked = {};
    await this.#do("readonly", ["records", "exported"], ({ records, exported }) => {
      asked.count = records.count();
      asked.exported = exported.count();
    });
    return { count: asked.count.result, exported: asked.exported.result };
  }

  async exportedIds() {
    return new Set(await this.#do("readonly", ["exported"], ({ exported }) => exported.getAllKeys()));
  }

  /** Note that a file contains these records, unless they were scraped again since `time` (unix seconds). */
  async markExported(ids, time) {
    await this.#do("readwrite", ["records", "exported"], ({ records, exported }) => {
      for (const id of ids) {
        records.get(id).onsuccess = ({ target }) => {
          if (target.result?.record["scrape-timestamp"] <= time) exported.put(true, id);
        };
      }
    });
    this.#changed();
  }

  async clear() {
    await this.#do("readwrite", ["records", "exported", "log"], (stores) =>
      Object.values(stores).forEach((store) => store.clear()),
    );
    this.#changed();
  }

  // --- the ids in the corpus

  async isInCorpus(id) {
    return (await this.#do("readonly", ["corpus"], ({ corpus }) => corpus.count(id))) > 0;
  }

  async addToCorpus(ids) {
    await this.#do("readwrite", ["corpus"], ({ corpus }) => ids.forEach((id) => corpus.put(true, id)));
    this.#changed();
  }

  corpusCount() {
    return this.#do("readonly", ["corpus"], ({ corpus }) => corpus.count());
  }

  async setting(name) {
    return (await this.#do("readonly", ["settings"], ({ settings }) => settings.get(name))) ?? null;
  }

  async set(name, value) {
    await this.#do("readwrite", ["settings"], ({ settings }) => settings.put(value, name));
  }

  // --- the database

  #changed() {
    this.dispatchEvent(new Event("change"));
    this.#channel.postMessage("change");
  }

  async #do(mode, names, request) {
    this.#database ??= this.#open();
    const transaction = (await this.#database).transaction(names, mode, { durability: "strict" });
    const asked = request(Object.fromEntries(names.map((name) => [name, transaction.objectStore(name)])));
    return new Promise((resolve, reject) => {
      transaction.oncomplete = () => resolve(asked?.result);
      transaction.onabort = () => {
        const { error } = transaction;
        reject(error?.name === "QuotaExceededError" ? new Error(FULL) : error);
      };
    });
  }

  #open() {
    return new Promise((resolve, reject) => {
      const opening = indexedDB.open(DATABASE, VERSION_OF_DATABASE);
      opening.onupgradeneeded = () => {
        const known = opening.result.objectStoreNames;
        const lacking = Object.entries(STORES).filter(([name]) => !known.contains(name));
        lacking.forEach(([name, options]) => opening.result.createObjectStore(name, options));
      };
      opening.onsuccess = () => resolve(opening.result);
      opening.onerror = () => reject(opening.error);
    });
  }
}
