// Reads dates in queries in the same way as scripts/search/dates.py. Days are texts such as 2022-12-31,
// which sort correctly.
(() => {
  "use strict";
  const { NUMBER, readNumber, spaced } = Viewer.amounts;
  const MONTHS = ["january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december"];
  const WEEKDAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
  const SEASONS = { spring: 3, summer: 6, autumn: 9, fall: 9, winter: 12 };

  const MONTH = "(?:(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    + "|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\\.?)";
  const SEASON = `(?:${Object.keys(SEASONS).join("|")})`;
  const YEAR = "(?:19|20)[0-9]{2}";
  const DAY = "[0-9]{1,2}(?:st|nd|rd|th|\\.)?";
  const THEN = "(?:\\s+of\\s+|\\s*,\\s*|\\s+)";
  const SPAN = `(?:${NUMBER}\\s+(?:day|week|month|year)s?|half\\s+a\\s+year)`;
  const AGO = `${SPAN}\\s+ago`;
  const THAN = "(?:more\\s+than|less\\s+than|over|under)";
  const AGE = "(?:older\\s+than|newer\\s+than)";
  const NUMERIC = `(?:${YEAR}[\\-\\/][0-9]{1,2}[\\-\\/][0-9]{1,2}|${YEAR}-[0-9]{2}`
    + `|[0-9]{1,2}\\.[0-9]{1,2}\\.${YEAR}|(?:0?[1-9]|1[0-2])\\/${YEAR})`;
  const CLEAR = `(?:${NUMERIC}|${MONTH}\\s+${DAY}${THEN}${YEAR}|${DAY}${THEN}${MONTH}${THEN}${YEAR}`
    + `|(?:${MONTH}|${SEASON})${THEN}${YEAR}`
    + `|last\\s+(?:${MONTH}|${SEASON}|week|month|year)|past\\s+(?:week|month|year)`
    + `|(?:last|past)\\s+${NUMBER}\\s+(?:day|week|month|year)s|${AGO})`;
  const DATE = `(?:${CLEAR}|${YEAR}|this\\s+(?:${MONTH}|${SEASON}|week|month|year)`
    + `|last\\s+(?:${WEEKDAYS.join("|")})|today|yesterday)`;
  const THE = "(?:the\\s+)?";
  const WORD = "(?:before|after|since|until|till|in|from|during|on|between)";
  const DOTS = "(?:\\.{2,3}|\\u2026)";
  const TO = `(?:\\s+(?:to|until|till|through|and|or)\\s+|\\s*(?:[\\-\\u2013]|${DOTS})\\s*)`;
  const OPEN = `(?:(?:${NUMERIC}|${YEAR})\\s?\\.\\.(?!\\.)|${DOTS}\\s?(?:${NUMERIC}|${YEAR}))`;
  const FIRST = `(?:${DATE}|${MONTH}|${SEASON})`;
  const DAYS = `${DAY}${TO}${THE}${DAY}${THEN}${MONTH}${THEN}${YEAR}`;
  const PERIOD = `(?:(?:posted\\s+)?(?:(?:from|between)\\s+${THE})?${DAYS}`
    + `|(?:posted\\s+)?(?:(?:from|between|in|during)\\s+${THE}${FIRST}|${THE}${CLEAR})`
    + `${TO}${THE}${DATE}|${YEAR}\\s?${DOTS}\\s?${DATE}|${OPEN}`
    + `|(?:posted\\s+)?${THAN}\\s+${AGO}|${AGE}\\s+(?:${THE}${DATE}|${SPAN})`
    + `|(?:posted\\s+)?${WORD}\\s+${THE}${DATE}|posted\\s+${THE}${DATE}|${THE}${CLEAR})`;

  const IS_DATE = new RegExp(`^(?:${DATE})$`, "u");
  const IS_OPEN = new RegExp(`^${OPEN}$`, "u");
  const NUMBERS = /^[1-9][0-9]{3}(?:[-/][0-9]{1,2}){0,2}$/;
  const PARTS = new RegExp(`^(?:posted )?(?:(?<word>${WORD}|${THAN}|${AGE}) )?${THE}`
    + `(?<first>${FIRST}|${SPAN}|${DAY})(?:${TO}${THE}(?<last>${DATE}))?$`, "u");
  const IS_SPAN = new RegExp(`^${SPAN}(?: ago)?$`, "u");
  const BEFORE = ["more than", "over", "older than"];
  const SINCE = ["less than", "under", "newer than"];
  const IS_DAY = new RegExp(`^${DAY}$`, "u");
  const OLDEST = "2014-01-01";

  function day(year, month, date) {
    const time = new Date(0);
    time.setUTCFullYear(year, month - 1, date);
    return time.toISOString().slice(0, 10);
  }
  const parted = (one) => one.split("-").map(Number);
  const lastOf = (year, month) => day(year, month + 1, 0);
  function span(year, month, date) {
    if (month === undefined) return [day(year, 1, 1), day(year, 12, 31)];
    if (month < 1 || month > 12) return null;
    if (date === undefined) return [day(year, month, 1), lastOf(year, month)];
    return date >= 1 && day(year, month, date) <= lastOf(year, month)
      ? [day(year, month, date), day(year, month, date)] : null;
  }
  const season = (name, year) => [day(year, SEASONS[name], 1), lastOf(year, SEASONS[name] + 2)];
  const isSeason = (name) => Object.hasOwn(SEASONS, name);
  const monthOf = (word) =>
    (word.length < 3 ? 0 : MONTHS.findIndex((name) => name.startsWith(word)) + 1);

  // The day, the week, the month or the year that was so long ago.
  function ago(count, unit, today) {
    const [year, month, date] = parted(today);
    if (unit === "day") return [day(year, month, date - count), day(year, month, date - count)];
    if (unit === "week") {
      const monday = date - ((new Date(`${today}T00:00Z`).getUTCDay() + 6) % 7) - 7 * count;
      return [day(year, month, monday), day(year, month, monday + 6)];
    }
    if (unit === "month") return [day(year, month - count, 1), lastOf(year, month - count)];
    return span(year - count);
  }
  // So many days, weeks, months or years before a day.
  function earlier(count, unit, today) {
    const [year, month, date] = parted(today);
    if (unit === "day" || unit === "week") return day(year, month, date - count * (unit === "week" ? 7 : 1));
    const then = month - count * (unit === "year" ? 12 : 1);
    const same = day(year, then, date);
    return same <= lastOf(year, then) ? same : lastOf(year, then);
  }
  function thisOrLast(word, name, today) {
    if (word === "past") return [earlier(1, name, today), today];
    if (["week", "month", "year"].includes(name)) return ago(word === "this" ? 0 : 1, name, today);
    const [year, month, date] = parted(today);
    if (WEEKDAYS.includes(name)) {
      const weekday = (new Date(`${today}T00:00Z`).getUTCDay() + 6) % 7;
      const one = day(year, month, date - ((weekday - WEEKDAYS.indexOf(name) + 6) % 7) - 1);
      return [one, one];
    }
    const found = [year, year - 1, year - 2]
      .map((one) => (isSeason(name) ? season(name, one) : span(one, monthOf(name))));
    if (word === "last") return found.find(([, end]) => end < today);
    return found.find(([first, end]) => first <= today && today <= end) ?? found[0];
  }
  // Since when: `3 days ago`, `last 3 days`.
  function before(words, today) {
    const [number, unit] = ["last", "past"].includes(words[0]) ? words.slice(1) : words;
    return earlier(readNumber(number), unit.replace(/s$/, ""), today);
  }

  const whole = (text) => text.replace("half a year", "6 months");

  // The first and the last day that a date in lower case means, or null.
  function readDays(given, today) {
    const text = whole(spaced(given));
    const words = text.match(/[a-z]+|[0-9]+/g);
    if (NUMBERS.test(text)) return span(...words.map(Number));
    if (!IS_DATE.test(text)) return null;
    if (/^[0-9]+$/.test(words.join(""))) return span(...words.reverse().map(Number));
    if (text === "today") return ago(0, "day", today);
    if (text === "yesterday") return ago(1, "day", today);
    if (words.at(-1) === "ago") return ago(readNumber(words[0]), words[1].replace(/s$/, ""), today);
    if (["this", "last", "past"].includes(words[0])) {
      return words.length === 3 ? [before(words, today), today] : thisOrLast(words[0], words[1], today);
    }
    const numbers = words.filter((word) => /^[0-9]/.test(word)).map(Number);
    const name = words.find((word) => isSeason(word) || monthOf(word));
    const year = numbers.at(-1);
    if (isSeason(name)) return season(name, year);
    return numbers.length > 1 ? span(year, monthOf(name), numbers[0] || 32) : span(year, monthOf(name));
  }

  // What a word before a date makes of its days: `2022-12-01..2022-12-31`; an end may be missing.
  function limited(word, [first, last]) {
    if (word === "before") {
      const [year, month, date] = parted(first);
      return `..${day(year, month, date - 1)}`;
    }
    if (["after", "since"].includes(word)) return `${first}..`;
    return ["until", "till"].includes(word) ? `..${last}` : `${first}..${last}`;
  }
  function range(first, last, today) {
    const end = readDays(last, today);
    let start = readDays(first, today);
    if (end && IS_DAY.test(first)) {
      start = readDays(last.replace(new RegExp(`^${DAY}`, "u"), first), today);
    } else if (end && !start) {
      const year = Number(end[1].slice(0, 4));
      start = readDays(`${first} ${year}`, today);
      if (start && start[0] > end[1]) start = readDays(`${first} ${year - 1}`, today);
    }
    if (!start || !end) return null;
    return `${start[0] < end[0] ? start[0] : end[0]}..${start[1] > end[1] ? start[1] : end[1]}`;
  }

  // The days that a period in lower case means, or null.
  function readPeriod(given, today) {
    const text = spaced(given);
    const parts = PARTS.exec(text);
    const days = IS_OPEN.test(text) ? readOpen(text, today) : parts && readParts(parts.groups, today);
    if (!days) return null;
    const [first, last] = days.split("..");
    return (last || first) < OLDEST || first > today ? null : days;
  }
  function readOpen(text, today) {
    const days = readDays(text.replace(/[.\u2026 ]+$|^[.\u2026 ]+/g, ""), today);
    return days && limited(text.endsWith(".") ? "since" : "until", days);
  }
  function readParts({ word: typed = "in", first, last }, today) {
    if (last) return range(first, last, today);
    const word = BEFORE.includes(typed) ? "before" : SINCE.includes(typed) ? "since" : typed;
    if (word !== typed && IS_SPAN.test(first)) {
      const one = before(whole(first).split(" "), today);
      return limited(word, [one, one]);
    }
    const days = readDays(first, today);
    return days && limited(word, days);
  }

  Viewer.dates = { DATE, PERIOD, limited, readDays, readPeriod };
})();
