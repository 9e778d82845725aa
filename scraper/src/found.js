/** Finds elements in the whole document without searching it again each time: a long page has 100,000 of them. */

/** The attributes that selectors name. */
const attributeFilter = ["aria-label", "class", "data-cinema-mode-snap-row", "data-e2e", "id", "mode"];

const known = new Map(); // selector: the elements that it found
let observer = null;

/** All elements of the document that match, in their order. */
export function allInDocument(selector) {
  if (!observer) {
    observer = new MutationObserver(forgetChanged);
    observer.observe(document, { attributeFilter, childList: true, subtree: true });
  }
  forgetChanged(observer.takeRecords());
  if (!known.has(selector)) known.set(selector, [...document.querySelectorAll(selector)]);
  return known.get(selector);
}

/** Forget what a selector found if that has gone or changed, or if what has come or changed matches it, too. */
function forgetChanged(changes) {
  if (!changes.length) return;
  const nodes = changes.flatMap(({ type, target, addedNodes }) => (type === "attributes" ? [target] : [...addedNodes]));
  const touched = [...new Set(nodes)].filter((node) => node instanceof Element);
  for (const [selector, elements] of known) {
    const isGone = (element) => !element.isConnected || !element.matches(selector);
    const isFound = (element) => element.matches(selector) || element.querySelector(selector);
    if (elements.some(isGone) || touched.some(isFound)) known.delete(selector);
  }
}
