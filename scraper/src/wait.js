/** Waits for the page: as long as needed, and not a moment longer. */

/** Events without a change in the document: a video gets its source. */
const MEDIA_EVENTS = ["loadstart", "loadedmetadata"];

/**
 * The first value of `ready()` that isn't empty, or null once `ms` have passed.
 *
 * It calls `ready` at once, and again whenever the page, its data or `signals` change.
 */
export function until(ready, ms, signals = []) {
  const first = ready();
  if (first || ms <= 0) return Promise.resolve(first || null);
  return new Promise((resolve, reject) => {
    const finish = (settle, value) => {
      clearTimeout(timer);
      observer.disconnect();
      MEDIA_EVENTS.forEach((name) => document.removeEventListener(name, ask, true));
      signals.forEach((signal) => signal.removeEventListener("change", ask));
      settle(value);
    };
    const ask = () => {
      try {
        const value = ready();
        if (value) finish(resolve, value);
      } catch (error) {
        finish(reject, error);
      }
    };
    const observer = new MutationObserver(ask);
    observer.observe(document, {
      attributes: true,
      characterData: true,
      childList: true,
      subtree: true,
    });
    MEDIA_EVENTS.forEach((name) => document.addEventListener(name, ask, true));
    signals.forEach((signal) => signal.addEventListener("change", ask));
    const timer = setTimeout(() => finish(resolve, ready() || null), ms);
  });
}
