// Reads the operators of a query in the same way as scripts/search/operators.py and dates.py, which give
// the reasons. tests/query_operators.json has examples to test both.
(() => {
  "use strict";
  const MOST_OPERATORS = 32;
  const LOOK_BACK = 80;
  const SENTENCES = new Set(["am", "are", "be", "can", "could", "did", "do", "does", "had", "has", "have",
    "i", "if", "is", "it", "may", "might", "must", "or", "shall", "should", "that", "then", "this", "was",
    "we", "were", "what", "who", "why", "will", "would", "you"]);
  const SECONDS = { s: 1, m: 60, h: 3600 };
  const MONTHS = ["january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december"];
  const SEASONS = { spring: 3, summer: 6, autumn: 9, fall: 9, winter: 12 };

  const MONTH = "(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    + "|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)";
  const SEASON = `(?:${Object.keys(SEASONS).join("|")})`;
  const YEAR = "(?:19|20)[0-9]{2}";
  const DAY = "[0-9]{1,2}(?:st|nd|rd|th)?";
  const THEN = "(?:\\s+of\\s+|\\s*,\\s*|\\s+)";
  const MONTH_AND_YEAR = `${YEAR}-[0-9]{2}(?:-[0-9]{2})?`
    + `|${MONTH}\\s+${DAY}${THEN}${YEAR}|${DAY}${THEN}${MONTH}${THEN}${YEAR}`
    + `|(?:${MONTH}|${SEASON})${THEN}${YEAR}|last\\s+(?:${MONTH}|${SEASON}|week|month|year)`
    + "|[0-9]{1,3}\\s+(?:day|week|month|year)s?\\s+ago";
  const DATE = `${MONTH_AND_YEAR}|${YEAR}|this\\s+(?:week|month|year)|today|yesterday`;

  const QUOTES = "\"\u201c\u201d\u201e\u00ab\u00bb";
  const PHRASE = `[${QUOTES}][^${QUOTES}\\n]+[${QUOTES}]`;
  const VALUE = `(?:${PHRASE}|[^\\s${QUOTES}]+)`;
  const OPERATORS = {
    link: "-?(?:https?:\\/\\/)?[\\p{L}\\p{N}_.\\-]{0,40}tiktok\\.com\\/[^\\s]{0,200}",
    id: "-?[0-9]{15,20}",
    phrase: `-?${PHRASE}`,
    named: `-?(?:creator|sound|before|after|like):${VALUE}`,
    tag: "-?#[^\\s#]+",
    word: `-(?=\\p{L})[^\\s${QUOTES}]+`,
    not: "not\\s+\\p{L}[^\\s]*(?=\\s*(?:$|,|;|\\bnot\\b))",
    posted: `(?:posted\\s+)?(?:before|after|since|until|in|from|during)\\s+(?:${DATE})`,
    date: `(?:posted\\s+)?(?:${MONTH_AND_YEAR})`,
    duration: "(?:under|below|less\\s+than|shorter\\s+than|at\\s+most|over|above|more\\s+than"
      + "|longer\\s+than|at\\s+least)\\s+[0-9]{1,5}(?:\\.[0-9])?"
      + "\\s*(?:s|secs?|seconds?|m|mins?|minutes?|h|hours?)",
  };
  const named = Object.entries(OPERATORS).map(([name, pattern]) => `(?<${name}>${pattern})`);
  const OPERATOR = new RegExp(`(?<!\\S)(?:${named.join("|")})(?=[\\s,;.!?]|$)`, "giu");
  const LINKED = /\/(?:video|photo|v)\/([0-9]{1,20})(?![0-9])/;
  const SHORTER = /^(?:under|below|less|shorter|at most)/i;

  const words = (text) => text.split(/\s+/).filter(Boolean);
  const unquoted = (text) => text.replace(new RegExp(`^[${QUOTES}]+|[${QUOTES}]+$`, "g"), "");

  // ---- Dates: days are texts such as 2022-12-31, which sort correctly ----

  function day(year, month, date) {
    const time = new Date(0);
    time.setUTCFullYear(year, month - 1, date);
    return time.toISOString().slice(0, 10);
  }
  const lastOf = (year, month) => day(year, month + 1, 0);
  function span(year, month, date) {
    if (date) {
      const one = day(year, month, date);
      return Number(one.slice(-2)) === date && Number(one.slice(5, 7)) === month ? [one, one] : null;
    }
    if (month === undefined) return [day(year, 1, 1), day(year, 12, 31)];
    return month >= 1 && month <= 12 ? [day(year, month, 1), lastOf(year, month)] : null;
  }
  const season = (name, year) => [day(year, SEASONS[name], 1), lastOf(year, SEASONS[name] + 2)];
  const monthOf = (word) =>
    (word.length < 3 ? 0 : MONTHS.findIndex((name) => name.startsWith(word)) + 1);

  function ago(count, unit, today) {
    const [year, month, date] = today.split("-").map(Number);
    if (unit === "day") return [day(year, month, date - count), day(year, month, date - count)];
    if (unit === "week") {
      const monday = date - ((new Date(`${today}T00:00Z`).getUTCDay() + 6) % 7) - 7 * count;
      return [day(year, month, monday), day(year, month, monday + 6)];
    }
    if (unit === "month") return [day(year, month - count, 1), lastOf(year, month - count)];
    return span(year - count);
  }
  function last(name, today) {
    if (["week", "month", "year"].includes(name)) return ago(1, name, today);
    const year = Number(today.slice(0, 4));
    return [year, year - 1, year - 2]
      .map((one) => (Object.hasOwn(SEASONS, name) ? season(name, one) : span(one, monthOf(name))))
      .find(([, end]) => end < today) ?? null;
  }
  // The first and the last day that a date in lower case means, or null.
  function readDays(text, today) {
    if (/^[0-9]{4}(?:-[0-9]{2}){0,2}$/.test(text)) return span(...text.split("-").map(Number));
    if (!new RegExp(`^(?:${DATE})$`, "u").test(text)) return null;
    const parts = text.match(/[a-z]+|[0-9]+/g);
    if (text === "today") return ago(0, "day", today);
    if (text === "yesterday") return ago(1, "day", today);
    if (parts.at(-1) === "ago") return ago(Number(parts[0]), parts[1].replace(/s$/, ""), today);
    if (parts[0] === "this") return ago(0, parts[1], today);
    if (parts[0] === "last") return last(parts[1], today);
    const numbers = parts.filter((part) => /^[0-9]/.test(part)).map(Number);
    const year = numbers.at(-1);
    const name = parts.find((part) => Object.hasOwn(SEASONS, part) || monthOf(part));
    if (Object.hasOwn(SEASONS, name)) return season(name, year);
    return numbers.length > 1 ? span(year, monthOf(name), numbers[0] || 32) : span(year, monthOf(name));
  }
  function limit(word, found) {
    if (!found) return null;
    const [first, end] = found;
    if (word === "before") {
      const [year, month, date] = first.split("-").map(Number);
      return ["days", `..${day(year, month, date - 1)}`];
    }
    if (["after", "since"].includes(word)) return ["days", `${first}..`];
    return ["days", word === "until" ? `..${end}` : `${first}..${end}`];
  }

  // ---- Operators: [kind, value], or null ----

  function readNamed(text, flat, today) {
    const name = text.slice(0, text.indexOf(":")).toLowerCase();
    const value = unquoted(text.slice(name.length + 1));
    if (name === "before" || name === "after") return limit(name, readDays(value.toLowerCase(), today));
    if (name === "creator") {
      const handle = value.toLowerCase().replace(/^@/, "");
      return handle ? ["creator", handle] : null;
    }
    if (name === "sound") return flat(value) ? ["sound", flat(value)] : null;
    return /^[0-9]{1,20}$/.test(value) ? ["like", value] : null;
  }
  function readWord(text, flat) {
    const found = flat(text);
    return found ? [found.includes(" ") ? "phrase" : "word", found] : null;
  }
  const withoutPosted = (text) => words(text.toLowerCase().replace(/^posted/, ""));
  function readPosted(text, flat, today) {
    const [word, ...rest] = withoutPosted(text);
    return limit(word, readDays(rest.join(" "), today));
  }
  function readDuration(text) {
    const [, amount, unit] = /([0-9]{1,5}(?:\.[0-9])?)\s*([smh])/i.exec(text);
    const kind = SHORTER.test(words(text).join(" ")) ? "shorter" : "longer";
    return [kind, String(Number(amount) * SECONDS[unit.toLowerCase()])];
  }
  const READERS = {
    link: (text) => { const [, id] = LINKED.exec(text) ?? []; return id ? ["id", id] : null; },
    id: (text) => ["id", text],
    phrase: (text, flat) => { const found = flat(unquoted(text)); return found ? ["phrase", found] : null; },
    named: readNamed,
    tag: (text) => ["tag", text.slice(1).replace(/[,;.!?]+$/, "")],
    word: readWord,
    not: (text, flat) => readWord(text.slice("not".length).trim(), flat),
    posted: readPosted,
    date: (text, flat, today) => limit("in", readDays(withoutPosted(text).join(" "), today)),
    duration: readDuration,
  };
  // True if "not" after this text excludes something.
  function isExclusion(before) {
    const found = [...before].slice(-40).join("").toLowerCase().match(/[\p{L}\p{N}]+['\u2019]?/gu) ?? [];
    return !/['\u2019][\p{L}\p{N}_]{1,2}\s*$/u.test(before) && !SENTENCES.has(found.at(-1));
  }

  // {words, operators: [{kind, value, is_excluded, start, end}]}. Places count Unicode characters.
  // `flat` comes from Viewer.words; `today` is a day such as 2026-11-27.
  function parse(query, flat, today) {
    const operators = [];
    let kept = "";
    let end = 0;
    const place = (index) => [...query.slice(0, index)].length;
    for (const match of query.matchAll(OPERATOR)) {
      const [text] = match;
      const name = Object.keys(OPERATORS).find((one) => match.groups[one] !== undefined);
      const found = READERS[name](text.replace(/^-/, ""), flat, today);
      const before = query.slice(Math.max(0, match.index - LOOK_BACK), match.index);
      if (!found || (name === "not" && !isExclusion(before))) continue;
      const isExcluded = text.startsWith("-") || name === "not";
      const [kind, value] = found;
      const isKept = !isExcluded && (kind === "phrase" || kind === "tag");
      kept += query.slice(end, match.index) + (isKept ? ` ${unquoted(text)} ` : " ");
      end = match.index + text.length;
      operators.push({ kind, value, is_excluded: isExcluded, start: place(match.index), end: place(end) });
      if (operators.length === MOST_OPERATORS) break;
    }
    return { words: operators.length ? kept + query.slice(end) : query, operators };
  }

  Viewer.operators = { parse };
})();
