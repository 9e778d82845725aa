/**
 * The place of saved media: the corpus, in a folder that the person picked, or else the browser's own
 * file system. From there, an export writes them into zip files.
 */

const STAGE = "tiktok-retrieval";
const SETTING = "folder";

/** All paths are relative to `data/` in the corpus: `videos/1.mp4`. */
export class Folder {
  #picked = null; // the folder that the person picked

  constructor(batch) {
    this.batch = batch;
  }

  get canPick() {
    return "showDirectoryPicker" in window;
  }

  get name() {
    return this.#picked?.name ?? null;
  }

  /** Let the person pick the corpus. It stays picked after a reload. */
  async pick() {
    this.#picked = await window.showDirectoryPicker({ id: STAGE, mode: "readwrite" });
    await this.batch.set(SETTING, this.#picked);
  }

  /** Use the folder of the last visit again, if the browser still allows it, or allows it after a click. */
  async restore() {
    const before = this.#picked ?? (await this.batch.setting(SETTING));
    const access = { mode: "readwrite" };
    const granted = async (ask) => (await before?.[ask]?.(access)) === "granted";
    if (before && !before.queryPermission) this.#picked = before;
    else if ((await granted("queryPermission")) || (await granted("requestPermission"))) this.#picked = before;
  }

  async #data() {
    if (!this.#picked) return (await navigator.storage.getDirectory()).getDirectoryHandle(STAGE, { create: true });
    if (this.#picked.name === "data") return this.#picked;
    return this.#picked.getDirectoryHandle("data", { create: true });
  }

  /**
   * Write a file. Returns false if it already exists. It gets its name when it is complete. If the browser
   * can't rename files, it stays empty until then, and an empty file counts as missing.
   */
  async write(path, blob) {
    const { folder, name } = await this.#place(path);
    if (await sizeOf(folder, name)) return false;
    const part = `.${name}.${crypto.randomUUID().slice(0, 8)}.part`;
    const canMove = "move" in FileSystemFileHandle.prototype;
    const file = await folder.getFileHandle(canMove ? part : name, { create: true });
    try {
      const stream = await file.createWritable();
      await blob.stream().pipeTo(stream);
      if (canMove) await file.move(name);
    } catch (error) {
      await folder.removeEntry(file.name).catch(() => {});
      throw error;
    }
    return true;
  }

  /** The files in the browser's own file system, `[path, handle]`. */
  async *staged() {
    if (this.#picked) return;
    yield* filesIn(await this.#data(), "");
  }

  /** Delete all files in the browser's own file system. */
  async clearStage() {
    const root = await navigator.storage.getDirectory();
    await root.removeEntry(STAGE, { recursive: true }).catch(() => {});
  }

  /** A new file in the browser's own file system, for a growing zip file. */
  async scratch(name) {
    const root = await navigator.storage.getDirectory();
    const folder = await root.getDirectoryHandle(`${STAGE}-zips`, { create: true });
    return folder.getFileHandle(name, { create: true });
  }

  async clearScratch() {
    const root = await navigator.storage.getDirectory();
    await root.removeEntry(`${STAGE}-zips`, { recursive: true }).catch(() => {});
  }

  async #place(path) {
    const parts = path.split("/");
    const name = parts.pop();
    let folder = await this.#data();
    for (const part of parts) folder = await folder.getDirectoryHandle(part, { create: true });
    return { folder, name };
  }
}

async function sizeOf(folder, name) {
  try {
    return (await (await folder.getFileHandle(name)).getFile()).size;
  } catch (error) {
    if (error.name === "NotFoundError") return 0;
    throw error;
  }
}

async function* filesIn(folder, prefix) {
  const entries = [];
  for await (const entry of folder.values()) entries.push(entry);
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of entries) {
    const path = prefix + entry.name;
    if (entry.kind === "directory") yield* filesIn(entry, `${path}/`);
    else if (!entry.name.endsWith(".part")) yield [path, entry];
  }
}
