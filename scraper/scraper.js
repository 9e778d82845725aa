/**
 * Scrapes TikToks from the open page of TikTok's desktop site.
 *
 *     results = await scrape_tiktoks(100, delay=2000); console.log(JSON.stringify(results));
 *
 * See docs/scraper.md. Nothing is sent anywhere: what is scraped stays in this browser until it is
 * exported.
 */

import { Batch } from "./src/batch.js";
import { checkSite } from "./src/check.js";
import { PageData } from "./src/page_data.js";
import { Panel } from "./src/panel.js";
import { Run, Scraper, optionsOf } from "./src/scrape.js";

const HERE = Symbol.for("tiktok-retrieval");

/** Pasted twice: what was seen stays, the rest is replaced. */
window[HERE]?.leave();
const data = window[HERE]?.data ?? hookedData();
const batch = new Batch();
const scraper = new Scraper(data, batch);
let run = null;

const panel = new Panel(batch, {
  start: ({ count, ...options }) => scrape_tiktoks(count, options),
  stop: () => stop_scraping(),
});

function hookedData() {
  const data = new PageData();
  data.hook(window);
  data.watchEmbedded();
  return data;
}

/** Scrape `count` TikToks, from the open one on. `delay`: wait at most so long for each, in ms. */
async function scrape_tiktoks(count = Infinity, delay, options) {
  if (!(count > 0)) throw new TypeError(`How many? ${count} is no number above 0.`);
  await start(count, optionsOf(delay, options), (run) => scraper.all(run));
  console.info(`${run.records.length} TikToks: ${run.ended}.`);
  return run.records;
}

/** Scrape the TikTok that is open, and stay there. */
async function scrape_tiktok(delay, options) {
  return start(1, { ...optionsOf(delay, options), again: true }, (run) => scraper.open(run));
}

async function start(count, options, work) {
  if (run && !run.ended) throw new Error("It is scraping already: stop_scraping() stops it.");
  run = new Run(data, batch, count, options);
  try {
    panel.follow(run);
    return await work(run);
  } catch (error) {
    run.stop(`failed: ${error.message}`);
    throw error;
  }
}

/** Stop after what is being read now; the call of `scrape_tiktoks` returns what there is. */
function stop_scraping() {
  run?.stop();
}

/** Save the batch as a file. */
function export_batch() {
  return batch.export();
}

/** Tell which parts of the site the scraper still knows: open a TikTok with comments before. */
function check_site() {
  const rows = checkSite(data);
  console.table(rows);
  return rows;
}

// `delay=2000` in a call is an assignment: strict code wants the variable to be there.
window.delay ??= 2000;
Object.assign(window, { scrape_tiktoks, scrape_tiktok, stop_scraping, export_batch, check_site });
window[HERE] = {
  data,
  leave() {
    stop_scraping();
    panel.remove();
  },
};
if (document.documentElement) panel.attach();
else document.addEventListener("readystatechange", () => panel.attach(), { once: true });
