/**
 * Builds the three forms of the scraper into dist/. `--check` only checks that dist/ is up to date.
 */

import { mkdir, readFile, writeFile } from "node:fs/promises";
import { build } from "esbuild";

const { version } = JSON.parse(await readFile(new URL("package.json", import.meta.url)));
const DIST = new URL("dist/", import.meta.url);
const PROJECT = "TikTok-Retrieval: the browser scraper. Built from scraper/ by `npm run build`.";
/** A browser may report the first 40 characters of a script to the site, so these say nothing. */
const START = `/*${"*".repeat(40)}*/`;
const USERSCRIPT = `// ==UserScript==
// @name         TikTok-Retrieval
// @description  Scrapes TikToks from the open page: video, cover, description, comments
// @version      ${version}
// @license      MIT
// @match        https://www.tiktok.com/*
// @run-at       document-start
// @inject-into  page
// @sandbox      raw
// @grant        none
// @noframes
// ==/UserScript==
`;

async function bundle(options) {
  const { outputFiles } = await build({
    absWorkingDir: new URL(".", import.meta.url).pathname,
    entryPoints: ["scraper.js"],
    bundle: true,
    charset: "utf8",
    define: { VERSION: JSON.stringify(version) },
    format: "iife",
    target: ["chrome111", "firefox115"],
    write: false,
    ...options,
  });
  return outputFiles[0].text;
}

/** A link has to escape each `#`, with three bytes. So in it, private names are other names, and short ones. */
const SHORT_NAMES = {
  minify: true,
  mangleProps: /^private_/,
  plugins: [
    {
      name: "short names",
      setup: ({ onLoad }) =>
        onLoad({ filter: /\/src\/\w+\.js$/ }, async ({ path }) => ({
          contents: (await readFile(path, "utf8")).replace(/(?<=\.|^ +(?:async |get )?)#(?=[a-z])/gm, "private_"),
        })),
    },
  ],
};

/** The longest bookmark that Firefox accepts. */
const LONGEST_LINK = 65_536;

/** Escape the characters that a link would change, or that would end it. */
function asLink(code) {
  const escaped = code.trim().replace(/[%#]|[^\S ]/gu, encodeURIComponent);
  const link = `javascript:${START}${escaped}void 0`;
  const length = new TextEncoder().encode(link).length;
  if (length > LONGEST_LINK) throw new Error(`a bookmark of ${length} bytes is too long for Firefox`);
  return link;
}

const files = {
  "console.js": `${START}\n// ${PROJECT}\n${await bundle({})}`,
  "scraper.user.js": `${START}\n${USERSCRIPT}${START}\n${await bundle({})}`,
  "bookmarklet.txt": `${asLink(await bundle(SHORT_NAMES))}\n`,
};

await mkdir(DIST, { recursive: true });
for (const [name, text] of Object.entries(files)) {
  const file = new URL(name, DIST);
  if (!process.argv.includes("--check")) await writeFile(file, text);
  else if ((await readFile(file, "utf8").catch(() => "")) !== text) {
    console.error(`dist/${name} is not what the sources give: npm run build`);
    process.exitCode = 1;
  }
}
