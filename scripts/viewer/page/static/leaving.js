// Finds the posts that pass the operators of a query, like scripts/search/conditions.py, and suggests
// more likely spellings, like scripts/search/spelling.py.
(() => {
  "use strict";
  const { load, shard } = Viewer.files;
  const { isUnspaced, wholeTerm } = Viewer.words;
  const { FIELDS, midnight, postings, tagOf } = Viewer.ranking;
  const DAY_S = 86_400;
  const ANY = ["creator", "sound", "id"]; // if a query has several of one of these kinds, any one is enough
  const LONGEST_WORD = 40;
  const LEAST_OCCURRENCES = 2;
  const TIMES_AS_OFTEN = 50;
  const MOST_OWN = 10;
  // In hashtags, handles and addresses.
  const NAME = /^[^\p{L}\p{N}_]*[#@]|[\p{L}\p{N}_][.@][\p{L}\p{N}_]|:\/\//u;

  async function filed(key, about) {
    const held = await load(`filters/${shard(key, about.filter_shards)}`);
    return held && Object.hasOwn(held, key) ? held[key] : null;
  }

  // The operators without unknown hashtags, whose words are searched anyway.
  async function usable(operators, about) {
    const isThere = await Promise.all(operators.map(async ({ kind, value, is_excluded: isExcluded }) =>
      kind !== "tag" || isExcluded || (await filed(tagOf(value), about)) !== null));
    return operators.filter((_, place) => isThere[place]);
  }

  // The numbers of the posts that contain all of these words, each in any of these fields.
  async function holders(words, fields, about) {
    const bits = fields.reduce((sum, field) => sum | (1 << FIELDS.indexOf(field)), 0);
    const sets = await Promise.all([...new Set(words)].map(async (word) => {
      const term = isUnspaced(word) ? word : wholeTerm(word.slice(0, LONGEST_WORD));
      const numbers = new Set();
      for (const { block, held } of await postings(term, about)) {
        const count = held.length / 4;
        for (let n = 0; n < count; n += 1) {
          if (held[3 * count + n] & bits) numbers.add(block * about.block + held[2 * n] + 256 * held[2 * n + 1]);
        }
      }
      return numbers;
    }));
    return [...(sets[0] ?? [])].filter((number) => sets.every((set) => set.has(number)));
  }

  async function numbers({ kind, value }, about, language, posts) {
    if (kind === "word") return holders(language.tokens(value), FIELDS, about);
    if (kind === "phrase" || kind === "sound") {
      const fields = kind === "sound" ? ["music"] : FIELDS;
      const found = await holders(value.split(" "), fields, about);
      const texts = await posts.texts(found);
      const has = (field, text) => (field === "comments" ? text.split("\n") : [text])
        .some((line) => ` ${language.flat(line)} `.includes(` ${value} `));
      return found.filter((_, place) =>
        fields.some((field) => texts[place][field] && has(field, texts[place][field])));
    }
    if (kind === "creator") return (await filed(`@${value}`, about)) ?? [];
    if (kind === "tag") return (await filed(tagOf(value), about)) ?? [];
    if (kind === "id") return [await posts.number(value)].filter((number) => number !== null);
    const all = [...Array(about.tiktoks).keys()];
    if (kind === "like") {
      const own = await posts.number(value);
      return all.filter((number) => number !== own);
    }
    if (kind === "days") {
      const [first, last] = value.split("..");
      const start = first ? midnight(first) : -Infinity;
      const end = last ? midnight(last) + DAY_S : Infinity;
      const times = await load("times");
      return all.filter((n) => times[n] !== null && times[n] >= start && times[n] < end);
    }
    const durations = await load("durations");
    const [least, most] = kind === "lasts" ? value.split("..") : kind === "longer" ? [value] : [0, value];
    const isRight = (seconds) =>
      seconds !== null && seconds >= Number(least) && seconds <= Number(most ?? Infinity);
    return all.filter((number) => isRight(durations[number]));
  }

  // Returns a function that decides whether a post passes, by its number from 0; null without conditions. `posts`: {number, texts}.
  async function passing(operators, about, language, posts) {
    if (!operators.length) return null;
    const sets = await Promise.all(operators.map(async (operator) =>
      new Set(await numbers(operator, about, language, posts))));
    const isAny = ({ kind, is_excluded: isExcluded }) => !isExcluded && ANY.includes(kind);
    return (number) =>
      operators.every((operator, n) => isAny(operator) || sets[n].has(number) !== operator.is_excluded)
      && ANY.every((kind) => {
        const held = operators.flatMap((one, n) => (isAny(one) && one.kind === kind ? [sets[n]] : []));
        return !held.length || held.some((set) => set.has(number));
      });
  }

  function neighbours(word) {
    const letters = [..."abcdefghijklmnopqrstuvwxyz"];
    const found = new Set();
    for (let place = 0; place <= word.length; place += 1) {
      const [before, after] = [word.slice(0, place), word.slice(place)];
      if (after) found.add(before + after.slice(1));
      if (after.length > 1) found.add(before + after[1] + after[0] + after.slice(2));
      for (const letter of letters) {
        if (after) found.add(before + letter + after.slice(1));
        found.add(before + letter + after);
      }
    }
    for (const same of [word, `${word}s`, word.replace(/s$/, "")]) found.delete(same);
    return [...found].sort();
  }
  function likelier(word, count) {
    if (!/^[a-z]{4,20}$/.test(word) || count(word) > MOST_OWN) return null;
    let best = { word: null, count: Math.max(LEAST_OCCURRENCES, TIMES_AS_OFTEN * count(word)) - 1 };
    for (const other of neighbours(word)) {
      if (count(other) > best.count) best = { word: other, count: count(other) };
    }
    return best.word;
  }
  // The query with more likely spellings, or null. `count` returns how often the corpus contains a word.
  // `tags`: the words that only hashtags are, which are no typing errors.
  function suggest(query, operators, count, tags) {
    const isTaken = (index) => {
      const place = [...query.slice(0, index)].length;
      return operators.some((one) => one.start <= place && place < one.end
        && (one.is_excluded || one.kind !== "phrase"));
    };
    const suggested = query.replace(/\S+/gu, (part, start) => (NAME.test(part) ? part
      : part.replace(/\p{L}+/gu, (word, index) =>
        (isTaken(start + index) || tags.has(word.toLowerCase()) ? word
          : likelier(word.toLowerCase(), count) ?? word))));
    return suggested === query ? null : suggested;
  }

  Viewer.leaving = { usable, passing, suggest };
})();
