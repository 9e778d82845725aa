// Numbers, dates and descriptions as people read them.
(() => {
  "use strict";
  const { element, foreign } = Viewer.dom;
  const { link, searchPath } = Viewer.routes;

  const compact = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });
  const whole = new Intl.NumberFormat("en");
  const day = new Intl.DateTimeFormat("en",
    { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });

  function date(iso) {
    return iso ? element("time", { datetime: iso }, day.format(new Date(`${iso}T00:00:00Z`))) : null;
  }

  // "1:05"
  function clock(seconds) {
    const full = Math.max(0, Math.floor(seconds || 0));
    return `${Math.floor(full / 60)}:${String(full % 60).padStart(2, "0")}`;
  }

  // A count is {number, shown}. `shown` is the site's own text; if nothing understands it, `number` is null.
  const count = (value) => value.number === null ? foreign(value.shown) : compact.format(value.number);

  // "@handle", whether or not the raw info has the @.
  const handle = (name) => (name ? `@${name.replace(/^@/, "")}` : "");

  const TAG = /#[\p{L}\p{N}_][\p{L}\p{M}\p{N}_]*/gu;

  // A description, with its hashtags as links to searches.
  function description(text) {
    const parts = [];
    let end = 0;
    for (const found of (text ?? "").matchAll(TAG)) {
      const tag = found[0].slice(1).toLowerCase();
      parts.push(text.slice(end, found.index), element("a", link(searchPath({ tag })), found[0]));
      end = found.index + found[0].length;
    }
    return [...parts, (text ?? "").slice(end)];
  }

  Viewer.texts = { date, clock, count, whole: (number) => whole.format(number), handle, description };
})();
