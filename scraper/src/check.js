/** Checks which of the selectors, paths and requests in `site.js` still match. */

import { pageType } from "./layout.js";
import { EMBEDDED, JSON_PATHS, PAGES, REQUESTS, SELECTORS, find, valuesAt } from "./site.js";

/**
 * Returns one row for each: `{what, name, pattern, seen, found}`. A name counts as lost only if nothing matches.
 *
 * The first rows are the types of pages. For the type that is open, `found` counts the necessary
 * parts that it has, and `pattern` names those that it lacks.
 */
export function checkSite(data) {
  data.readEmbedded();
  return [...pageRows(), ...selectorRows(), ...embeddedRows(), ...answerRows(data)];
}

function pageRows() {
  const open = pageType();
  return Object.entries(PAGES).map(([name, needs]) => {
    const lost = needs.filter((need) => !find(need));
    const state = lost.length ? `lacks ${lost.join(", ")}` : "has all parts";
    return { what: "page", name, pattern: name === open ? state : "not open now", found: needs.length - lost.length };
  });
}

function selectorRows() {
  return Object.entries(SELECTORS).flatMap(([name, selectors]) =>
    selectors.map(([pattern, seen]) => ({
      what: "selector",
      name,
      pattern,
      seen,
      found: document.querySelectorAll(pattern).length,
    })),
  );
}

function embeddedRows() {
  const texts = Object.values(EMBEDDED).map((id) => document.getElementById(id)?.textContent);
  const pages = texts.filter(Boolean).map((text) => JSON.parse(text));
  return ["posts", "webId"].flatMap((name) =>
    JSON_PATHS[name].map(([path, seen]) => ({
      what: "JSON of the page",
      name,
      pattern: path.join(" → "),
      seen,
      found: pages.flatMap((page) => valuesAt(page, path)).length,
    })),
  );
}

function answerRows(data) {
  const answers = Object.entries(data.seen).map(([name, found]) => ({
    what: "answers to the page",
    name,
    pattern: "see ENDPOINTS",
    found,
  }));
  const asked = REQUESTS.map(([name, seen]) => ({
    what: "answers to the scraper",
    name,
    pattern: "see REQUESTS",
    seen,
    found: data.answered[name],
  }));
  return [...answers, ...asked];
}
