// Reads numbers and durations in queries in the same way as scripts/search/amounts.py.
(() => {
  "use strict";
  const NUMBERS = { a: 1, an: 1, one: 1, two: 2, three: 3, four: 4, five: 5, six: 6, seven: 7, eight: 8,
    nine: 9, ten: 10, eleven: 11, twelve: 12, fifteen: 15, twenty: 20, thirty: 30, forty: 40, fifty: 50,
    ninety: 90 };
  const SECONDS = { s: 1, m: 60, h: 3600 };
  const OPPOSITE = { shorter: "longer", longer: "shorter" };

  const NAMED = `(?:${Object.keys(NUMBERS).join("|")})`;
  const DIGITS = "[0-9]{1,5}(?:[.,][0-9]{1,2})?";
  const UNIT = "(?:s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?)";
  const LENGTH = "(?:[0-9]{1,3}:[0-9]{2}"
    + `|(?:${DIGITS}\\s*|half\\s+an?\\s+|${NAMED}\\s+)${UNIT}(?:\\s*(?:and\\s+)?${DIGITS}\\s*${UNIT})?)`;
  const SHORTER = "(?:(?:under|below|less\\s+than|shorter\\s+than|at\\s+most|up\\s+to|maximum|max"
    + "|no\\s+more\\s+than|no\\s+longer\\s+than)\\s+|<=?\\s*)";
  const LONGER = "(?:(?:over|above|more\\s+than|longer\\s+than|at\\s+least|minimum|no\\s+less\\s+than"
    + "|no\\s+shorter\\s+than)\\s+|>=?\\s*)";
  const NUMBER = `(?:[0-9]{1,3}|${NAMED})`;
  const RANGE = `(?:${LENGTH}|${DIGITS})\\s*(?:and|to|-)\\s*${LENGTH}`;
  const DURATION = `(?:(?:(?:${SHORTER}|${LONGER})${LENGTH}`
    + `|(?:between|from)\\s+${RANGE})(?:\\s+long)?|${RANGE}\\s+long)`
    + "(?!\\s+(?:ago|old|later)(?![a-z]))";

  const IS_DURATION = new RegExp(`^(?:${DURATION})$`, "u");
  const IS_SHORTER = new RegExp(`^${SHORTER}`, "u");
  const ENDS = new RegExp(`^(?:(?:between|from) )?(${LENGTH}|${DIGITS}) ?(?:and|to|-) ?(${LENGTH})(?: long)?$`,
    "u");
  const CLOCK = /([0-9]{1,3}):([0-9]{2})/;
  const PART = new RegExp(`(?<![a-z0-9])(?:(${DIGITS})|half an?|(${NAMED}))\\s*([smh])`, "gu");
  const LAST_UNIT = new RegExp(`(${UNIT})$`, "u");

  const spaced = (text) => text.split(/\s+/).filter(Boolean).join(" ");
  const readNumber = (text) => (Object.hasOwn(NUMBERS, text) ? NUMBERS[text] : Number(text));

  function amount(digits, named) {
    if (digits) return Number(digits.replace(",", "."));
    return named ? NUMBERS[named] : 0.5;
  }
  function seconds(text) {
    const clock = CLOCK.exec(text);
    if (clock) return Number(clock[1]) * SECONDS.m + Number(clock[2]);
    return [...text.matchAll(PART)].reduce((sum, [, digits, named, unit]) =>
      sum + amount(digits, named) * SECONDS[unit], 0);
  }
  const written = (value) => value.toFixed(2).replace(/\.?0+$/, "");

  // [kind, value] of a duration in lower case, or null.
  function readDuration(given) {
    const text = spaced(given);
    if (!IS_DURATION.test(text)) return null;
    const ends = ENDS.exec(text);
    if (!ends) return [IS_SHORTER.test(text) ? "shorter" : "longer", written(seconds(text))];
    const [, first, last] = ends;
    const [, unit] = LAST_UNIT.exec(last) ?? [null, ""];
    const hasUnit = CLOCK.test(first) || first.search(PART) >= 0;
    const both = [seconds(hasUnit ? first : first + unit), seconds(last)];
    return ["lasts", both.sort((a, b) => a - b).map(written).join("..")];
  }

  Viewer.amounts = { DURATION, NUMBER, OPPOSITE, readDuration, readNumber, spaced };
})();
