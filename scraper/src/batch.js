/** What was scraped, kept in the browser until it is exported and cleared: a reload loses nothing. */

const DATABASE = "tiktok-retrieval";
const RECORDS = "records";

export class Batch extends EventTarget {
  #database = null;

  /** The record of this id and what was asked for then, `{record, asked}`, or null. */
  async get(id) {
    return (await this.#do("readonly", (records) => records.get(id))) ?? null;
  }

  /** Keep a record, and what was `asked` for, in the place of the one before. */
  async put(record, asked) {
    await this.#do("readwrite", (records) => records.put({ id: record.id, record, asked }));
    this.dispatchEvent(new Event("change"));
  }

  /** All records, oldest scrape first. */
  async all() {
    const kept = await this.#do("readonly", (records) => records.getAll());
    const records = kept.map(({ record }) => record);
    return records.sort((a, b) => a["scrape-timestamp"] - b["scrape-timestamp"]);
  }

  async count() {
    return this.#do("readonly", (records) => records.count());
  }

  async clear() {
    await this.#do("readwrite", (records) => records.clear());
    this.dispatchEvent(new Event("change"));
  }

  /** Save all as `batch_<UTC time>.json`, ready for `data/info/`. */
  async export() {
    const records = await this.all();
    const time = new Date().toISOString().slice(0, 19).replace(/[-:]/g, "");
    const file = new Blob([JSON.stringify(records, null, 1)], { type: "application/json" });
    const link = document.createElement("a");
    link.href = URL.createObjectURL(file);
    link.download = `batch_${time}Z.json`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000); // the browser reads it until then
    return records.length;
  }

  async #do(mode, request) {
    this.#database ??= this.#open();
    const transaction = (await this.#database).transaction(RECORDS, mode, { durability: "strict" });
    const asked = request(transaction.objectStore(RECORDS));
    return new Promise((resolve, reject) => {
      transaction.oncomplete = () => resolve(asked.result);
      transaction.onabort = () => reject(transaction.error);
    });
  }

  #open() {
    return new Promise((resolve, reject) => {
      const opening = indexedDB.open(DATABASE, 1);
      opening.onupgradeneeded = () => opening.result.createObjectStore(RECORDS, { keyPath: "id" });
      opening.onsuccess = () => resolve(opening.result);
      opening.onerror = () => reject(opening.error);
    });
  }
}
