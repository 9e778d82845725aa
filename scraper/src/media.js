/**
 * Saves the media of a record during the session: their links need its cookie, and expire.
 *
 * For each file, it chooses the same link as the workflow.
 */

const AT_ONCE = 3;
const WAITING = 12; // files; if more are waiting, the next TikTok waits, too
const TIMEOUT_MS = 120_000; // for one file
const CODECS = [["h264", "avc1"], [], ["h265", "hevc", "hvc1", "hev1", "bytevc1"], ["bytevc2", "h266", "bvc2"]];
const UNKNOWN_CODEC = 1;
const UNPLAYABLE = 3;
const SAVED = "saved";
const NO_SOUND = "it has no sound";
const SOURCES = ["LC", "ASR"]; // of captions: the creator's, and the site's speech recognition

/** The files of a record, `{path, links, check}`. */
export function filesOf(record) {
  const { id } = record;
  const slides = record.photos ?? [];
  const one = (path, links, check) => ({ path, links: links.filter(isLink), check });
  const files = [
    one(`videos/${id}.mp4`, slides.length ? [] : videoLinks(record), checkVideo),
    one(`coverphotos/${id}.jpg`, [record["coverphoto-src"]], checkImage),
    ...slides.map(({ url }, index) => one(`photos/${id}/${index + 1}.jpg`, [url], checkImage)),
    one(`captions/${id}.vtt`, captionLinks(record), checkCaptions),
  ];
  const isExpected = ({ path, links }) => links.length || (path.startsWith("videos/") && !slides.length);
  return files.filter(isExpected);
}

/** Links in order of preference: H.264 with most bits first. HEVC often lacks sound, and nothing plays ByteVC2. */
function videoLinks(record) {
  const links = record["video-links"] ?? [];
  const known = new Map(links.map((link) => [link.url, link]));
  const all = [...links, { url: record["video-src"] }].map(({ url }) => known.get(url) ?? { url });
  const ranked = all.map(({ url, codec, bitrate }) => ({ url, rank: rankOf(url, codec), bitrate: bitrate ?? 0 }));
  ranked.sort((a, b) => a.rank - b.rank || b.bitrate - a.bitrate);
  return [...new Set(ranked.filter(({ rank }) => rank < UNPLAYABLE).map(({ url }) => url))];
}

function rankOf(url, codec) {
  const text = (codec || (url ?? "").split("?")[0]).toLowerCase();
  const rank = CODECS.findIndex((names) => names.some((name) => text.includes(name)));
  return rank < 0 ? UNKNOWN_CODEC : rank;
}

/** All addresses of the creator's track, or else of the site's, if possible in the post's language. */
function captionLinks({ captions = [], language }) {
  const tracks = captions.filter(({ source }) => SOURCES.includes(source));
  const isOther = (track) => base(track.language) !== base(language);
  tracks.sort((a, b) => isOther(a) - isOther(b) || SOURCES.indexOf(a.source) - SOURCES.indexOf(b.source));
  const isBest = (track) => ["language", "source", "format"].every((key) => track[key] === tracks[0][key]);
  return tracks.filter(isBest).map(({ url }) => url);
}

function base(language) {
  try {
    return new Intl.Locale(language).language;
  } catch {
    return null;
  }
}

const isLink = (link) => /^https?:\/\//.test(link ?? "");

// --- checks of the bytes

const text = (bytes, start, end) => String.fromCharCode(...bytes.subarray(start, end));

/** Returns what is wrong with a video, or null. */
function checkVideo(bytes) {
  if (text(bytes, 4, 8) !== "ftyp") return "it is not an MP4 file";
  return holds(bytes, "soun") ? null : NO_SOUND;
}

function checkImage(bytes) {
  const isImage =
    (bytes[0] === 0xff && bytes[1] === 0xd8) ||
    text(bytes, 1, 4) === "PNG" ||
    (text(bytes, 0, 4) === "RIFF" && text(bytes, 8, 12) === "WEBP") ||
    text(bytes, 4, 8) === "ftyp"; // AVIF or HEIC
  return isImage ? null : "it is not an image";
}

const checkCaptions = (bytes) => (text(bytes, 0, 9).includes("WEBVTT") ? null : "it is not a WebVTT file");

function holds(bytes, word) {
  const codes = [...word].map((letter) => letter.charCodeAt(0));
  for (let at = bytes.indexOf(codes[0]); at >= 0; at = bytes.indexOf(codes[0], at + 1)) {
    if (codes.every((code, place) => bytes[at + place] === code)) return true;
  }
  return false;
}

// --- one after the other

/** True if all files of a record were saved. */
export function isSaved({ media }) {
  return Boolean(media) && Object.values(media).every((note) => note.startsWith(SAVED));
}

export class MediaSaver {
  #waiting = [];
  #working = 0;
  #pending = new Set(); // promises

  constructor(batch, folder) {
    this.batch = batch;
    this.folder = folder;
  }

  /** Save a record's files, and note the results in the record. Returns when there is room for more. */
  async save(record, run) {
    const work = this.#saveAll(record, run).finally(() => this.#pending.delete(work));
    this.#pending.add(work);
    while (this.#waiting.length > WAITING) await Promise.race(this.#pending);
  }

  /** Wait until everything is saved. */
  async finish() {
    await Promise.all(this.#pending);
  }

  async #saveAll(record, run) {
    run.pending += 1;
    const files = filesOf(record);
    const notes = await Promise.all(files.map((file) => this.#queue(() => this.#saveOne(file, run))));
    const media = Object.fromEntries(files.map(({ path }, index) => [path, notes[index]]));
    await this.batch.update(record.id, (entry) => ({ ...entry, record: { ...(entry?.record ?? record), media } }));
    for (const [path, note] of Object.entries(media)) {
      const isIn = note.startsWith(SAVED);
      run[isIn ? "saved" : "unsaved"] += 1;
      if (!isIn) await this.batch.note(record.id, path, note);
    }
    run.pending -= 1;
    run.changed();
  }

  /** Return `saved`, or why the file was not saved. */
  async #saveOne({ path, links, check }, run) {
    let best = null; // the first complete file, if possible with sound
    let why = "the data contain no link to it";
    for (const link of links) {
      const { blob, problem } = await fetchFile(link, check);
      if (blob && (!best || !problem)) best = { blob, problem };
      if (blob && !problem) break;
      why = problem;
    }
    if (!best) return `not saved: ${why}`;
    try {
      const isNew = await this.folder.write(path, best.blob);
      return `${SAVED}${isNew ? "" : " before"}${best.problem ? `, but ${best.problem}` : ""}`;
    } catch (error) {
      run.note("Media can't be written: pick the folder again, or make room on the disk.");
      return `not saved: it can't be written (${error.message})`;
    }
  }

  #queue(work) {
    return new Promise((resolve, reject) => {
      this.#waiting.push(() => work().then(resolve, reject));
      this.#next();
    });
  }

  #next() {
    if (this.#working === AT_ONCE || !this.#waiting.length) return;
    this.#working += 1;
    this.#waiting.shift()().finally(() => {
      this.#working -= 1;
      this.#next();
    });
  }
}

/** The file, and what is wrong. Sends the session's cookie, and if that is refused, no cookie. */
async function fetchFile(link, check) {
  let problem = null;
  for (const credentials of ["include", "omit"]) {
    try {
      const answer = await fetch(link, { credentials, signal: AbortSignal.timeout(TIMEOUT_MS) });
      const blob = await answer.blob();
      const length = Number(answer.headers.get("Content-Length") ?? 0);
      const bytes = new Uint8Array(await blob.arrayBuffer());
      const found =
        (!answer.ok && `the server answered ${answer.status}`) ||
        (blob.size < length && `it ends after ${blob.size} of ${length} bytes`) ||
        check(bytes);
      if (!found || found === NO_SOUND) return { blob, problem: found };
      problem ??= found;
    } catch (error) {
      problem ??= `the request failed (${error.message})`;
    }
  }
  return { blob: null, problem };
}
