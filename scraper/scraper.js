/**
 * Scrapes TikToks from the open page of TikTok's desktop site.
 *
 *     results = await scrape_tiktoks(100, delay=2000); console.log(JSON.stringify(results));
 *
 * See docs/scraper.md. It sends nothing anywhere: the results stay in this browser until they are
 * exported.
 */

import { Batch } from "./src/batch.js";
import { checkSite } from "./src/check.js";
import { Collector } from "./src/collect.js";
import { readIds } from "./src/corpus.js";
import { exportBatch, exportLog } from "./src/export.js";
import { Folder } from "./src/folder.js";
import { MediaSaver } from "./src/media.js";
import { PageData } from "./src/page_data.js";
import { Panel } from "./src/panel.js";
import { Run, optionsOf } from "./src/run.js";
import { Scraper } from "./src/scrape.js";

const HERE = Symbol.for("tiktok-retrieval");

/** If the scraper is pasted twice, the data that it has seen stays, and the rest is replaced. */
window[HERE]?.leave();
const data = window[HERE]?.data ?? hookedData();
const batch = new Batch();
const folder = new Folder(batch);
const media = new MediaSaver(batch, folder);
const scraper = new Scraper(data, batch, media);
let run = null;

const panel = new Panel(batch, folder, {
  start: ({ count, ...options }) => start(count, optionsOf(undefined, options), (run) => scraper.all(run)),
  collect: (options) => collect_tiktoks(options),
  stop: () => stop_scraping(),
  export: () => export_batch(),
  exportLog: () => exportLog(batch),
  clear: () => clear(),
  load: (file) => readIds(file, (ids) => batch.addToCorpus(ids)),
});

function hookedData() {
  const data = new PageData();
  data.hook(window);
  data.watchEmbedded();
  return data;
}

/** Scrape `count` TikToks, from the open one on. `delay`: the longest wait for each, in ms. */
async function scrape_tiktoks(count = Infinity, delay, options) {
  if (!(count > 0)) throw new TypeError(`How many? ${count} is no number above 0.`);
  const { ids, ended } = await start(count, optionsOf(delay, options), (run) => scraper.all(run));
  console.info(`${ids.length} TikToks: ${ended}.`);
  return batch.records(ids);
}

/** Scrape the TikTok that is open, and stay there. */
async function scrape_tiktok(delay, options) {
  const asked = { ...optionsOf(delay, options), again: true };
  const { ids } = await start(1, asked, (run) => scraper.open(run));
  const [record] = await batch.records(ids);
  return record ?? null;
}

/** Store what the page loads, until `stop_scraping()`. Returns the number of TikToks. */
async function collect_tiktoks(options) {
  const asked = optionsOf(undefined, options);
  const { ids } = await start(Infinity, asked, (run) => new Collector(data, batch, run, media).all());
  return ids.length;
}

async function start(count, options, work) {
  if (run && !run.ended) throw new Error("It is scraping already: stop_scraping() stops it.");
  run = new Run(data, batch, count, options);
  panel.follow(run);
  navigator.storage.persist?.().catch(() => {});
  try {
    if (options.media) await folder.restore();
    await work(run);
    await media.finish();
    if (options.media && folder.name) await writeRecords();
  } catch (error) {
    run.stop(`failed: ${error.message}`);
    throw error;
  } finally {
    if (!["done", "stopped"].includes(run.ended)) await batch.note("", "run", run.ended).catch(() => {});
  }
  return run;
}

/** Write the records into the corpus that was picked. */
async function writeRecords() {
  try {
    await exportBatch(batch, folder, { onlyNew: true });
  } catch (error) {
    run.note(`The records can't be written into ${folder.name} (${error.message}): pick it again, and export.`);
  }
}

/** Stop after the present TikTok; the call of `scrape_tiktoks` then returns its results. */
function stop_scraping() {
  run?.stop();
}

/** Save the batch as files. Returns the number of its TikToks. */
async function export_batch() {
  await media.finish();
  return exportBatch(batch, folder);
}

/** Delete the batch, and the media in the browser's own file system. */
async function clear() {
  await media.finish();
  await batch.clear();
  await folder.clearStage();
}

/** Show which parts of the site the scraper still knows. First, open a TikTok with comments. */
function check_site() {
  const rows = checkSite(data);
  console.table(rows);
  return rows;
}

// `delay=2000` in a call is an assignment, and in strict code the variable has to exist.
window.delay ??= 2000;
const commands = { scrape_tiktoks, scrape_tiktok, collect_tiktoks, stop_scraping, export_batch, check_site };
Object.assign(window, commands);
window[HERE] = {
  data,
  leave() {
    stop_scraping();
    panel.remove();
  },
};
if (document.documentElement) panel.attach();
else document.addEventListener("readystatechange", () => panel.attach(), { once: true });
