/** Writes the batch as files for `data/info/`: into the corpus, or as downloads. */

import { Zip, ZipPassThrough } from "fflate";

const PART_CHARS = 200e6; // of one file of records; browsers can't hold a text of 512 MB
const CHUNK_CHARS = 4e6; // the most that is in memory as text
const ZIP_BYTES = 500e6;

/**
 * Export all records, or only those that aren't in a file yet, and the media in the browser's own
 * file system. Returns the number of records.
 */
export async function exportBatch(batch, folder, { onlyNew = false } = {}) {
  const time = Date.now() / 1000;
  const stamp = new Date().toISOString().slice(0, 19).replace(/[-:]/g, "");
  let count = 0;
  const known = onlyNew ? await batch.exportedIds() : new Set();
  for await (const { ids, blob, number } of parts(batch, known)) {
    const name = `batch_${stamp}Z${number > 1 ? `_${number}` : ""}.json`;
    if (folder.name) await folder.write(`info/${name}`, blob);
    else await download(blob, name);
    await batch.markExported(ids, time);
    count += ids.length;
  }
  for await (const { file, name } of zips(folder, `media_${stamp}Z`)) await download(file, name);
  return count;
}

/** Download the log of what was missed and why, as a table. */
export async function exportLog(batch) {
  const clean = (value) => String(value).replace(/\s+/g, " ");
  const rows = (await batch.log()).map(({ time, id, what, why }) =>
    [new Date(time).toISOString(), id, what, why].map(clean).join("\t"),
  );
  const table = ["time\tid\twhat\twhy", ...rows].join("\n");
  await download(new Blob([table, "\n"], { type: "text/tab-separated-values" }), "missed.tsv");
}

/** The records as JSON, in as many files as needed. */
async function* parts(batch, known) {
  let part = null;
  let number = 0;
  for await (const { id, record } of batch.entries()) {
    if (known.has(id)) continue;
    part ??= { ids: [], chunks: [], text: "", size: 0, number: (number += 1) };
    part.text += `${part.ids.length ? ",\n" : "[\n"}${JSON.stringify(record)}`;
    part.ids.push(id);
    if (part.text.length < CHUNK_CHARS) continue;
    part.size += part.text.length;
    part.chunks.push(new Blob([part.text]));
    part.text = "";
    if (part.size < PART_CHARS) continue;
    yield closed(part);
    part = null;
  }
  if (part) yield closed(part);
}

function closed({ ids, chunks, text, number }) {
  return { ids, number, blob: new Blob([...chunks, text, "\n]\n"], { type: "application/json" }) };
}

/** The staged media in zip files, which grow on disk, not in memory. */
async function* zips(folder, name) {
  await folder.clearScratch();
  let zip = null;
  let number = 0;
  for await (const [path, handle] of folder.staged()) {
    const file = await handle.getFile();
    if (zip && zip.size + file.size > ZIP_BYTES) {
      yield await zip.close();
      zip = null;
    }
    zip ??= await ZipFile.open(folder, `${name}_${(number += 1)}.zip`);
    await zip.add(path, file);
  }
  if (zip) yield await zip.close();
}

/** A zip file. It stores media without compression, because they are already compressed. */
class ZipFile {
  size = 0;
  #written = Promise.resolve();

  static async open(folder, name) {
    const zip = new ZipFile();
    zip.name = name;
    zip.handle = await folder.scratch(name);
    zip.stream = await zip.handle.createWritable();
    zip.archive = new Zip((error, bytes) => {
      if (error) throw error;
      zip.#written = zip.#written.then(() => zip.stream.write(bytes));
    });
    return zip;
  }

  async add(path, file) {
    const entry = new ZipPassThrough(path);
    entry.mtime = new Date(file.lastModified);
    this.archive.add(entry);
    const reader = file.stream().getReader();
    for (;;) {
      const { done, value } = await reader.read();
      entry.push(value ?? new Uint8Array(), done);
      await this.#written;
      if (done) break;
    }
    this.size += file.size;
  }

  async close() {
    this.archive.end();
    await this.#written;
    await this.stream.close();
    return { file: await this.handle.getFile(), name: this.name };
  }
}

async function download(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000); // the browser may read it until then
}
