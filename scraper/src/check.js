/** Which of the selectors, paths and requests in `site.js` still match. */

import { EMBEDDED, JSON_PATHS, SELECTORS, valuesAt } from "./site.js";

/** One row for each: `{what, name, pattern, found}`. Only a name with no match at all is lost. */
export function checkSite(data) {
  data.readEmbedded();
  return [...selectorRows(), ...embeddedRows(), ...answerRows(data)];
}

function selectorRows() {
  return Object.entries(SELECTORS).flatMap(([name, selectors]) =>
    selectors.map((pattern) => ({
      what: "selector",
      name,
      pattern,
      found: document.querySelectorAll(pattern).length,
    })),
  );
}

function embeddedRows() {
  const texts = Object.values(EMBEDDED).map((id) => document.getElementById(id)?.textContent);
  const pages = texts.filter(Boolean).map((text) => JSON.parse(text));
  return ["posts", "webId"].flatMap((name) =>
    JSON_PATHS[name].map((path) => ({
      what: "JSON of the page",
      name,
      pattern: path.join(" → "),
      found: pages.flatMap((page) => valuesAt(page, path)).length,
    })),
  );
}

function answerRows(data) {
  return Object.entries(data.seen).map(([name, found]) => ({
    what: "answers to the page",
    name,
    pattern: "see ENDPOINTS",
    found,
  }));
}
