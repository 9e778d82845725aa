// Ranks the posts for a query with the index of the export, like scripts/search.
(() => {
  "use strict";
  const { load, shard } = Viewer.files;
  const { wholeTerm } = Viewer.words;
  const FIELDS = ["description", "cover", "speech", "screen", "comments", "creator", "music"];
  const LARGEST_WEIGHT = 255;
  const POSTING_BYTES = 4;
  const LEAST_SHARE = 0.1;
  const LEAST_LIKENESS = 0.03;
  const UNKNOWN = {
    "@": (handle) => `No TikTok in the corpus is by ${handle}. Check the handle.`,
    "#": (tag) => `No TikTok in the corpus has the hashtag ${tag}. Check the hashtag.`,
  };

  function bytes(base64) {
    return Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
  }

  // [{block, held}] of a term: the bytes of its places, then of its weights, then of its fields.
  async function postings(term, about) {
    const held = await load(`terms/${shard(term, about.term_shards)}`);
    const blocks = held && Object.hasOwn(held, term) ? held[term] : [];
    return blocks.map(([block, base64]) => ({ block, held: bytes(base64) }));
  }

  const holders = (blocks) =>
    blocks.reduce((sum, { held }) => sum + held.length / POSTING_BYTES, 0);
  const idf = (count, about) => Math.log(1 + (about.tiktoks - count + 0.5) / (count + 0.5));

  // {scores, least}: the score of every post, by number from 0, and the least score of a result. It
  // rounds where Python rounds, so that near ties have the same order.
  async function score(words, typed, fields, about) {
    const sums = new Float64Array(about.tiktoks);
    const bits = fields.reduce((sum, field) => sum | (1 << FIELDS.indexOf(field)), 0);
    const distinct = [...new Set(words.flatMap(Viewer.words.terms))].sort();
    const found = await Promise.all(distinct.map((term) => postings(term, about)));
    const whole = new Set(typed.filter((word) => [...word].length > 2).map(wholeTerm));
    const isKnown = distinct.some((term, place) => whole.has(term) && found[place].length);
    const possible = found.reduce((sum, blocks) => sum + idf(holders(blocks), about), 0);
    for (const blocks of found) {
      const worth = Math.fround(idf(holders(blocks), about) / LARGEST_WEIGHT);
      for (const { block, held } of blocks) {
        const count = held.length / POSTING_BYTES;
        const start = block * about.block;
        for (let n = 0; n < count; n += 1) {
          if (!bits || held[3 * count + n] & bits) {
            const part = Math.fround(held[2 * count + n] * worth);
            sums[start + held[2 * n] + 256 * held[2 * n + 1]] += part;
          }
        }
      }
    }
    return { scores: Float32Array.from(sums), least: isKnown ? 0 : LEAST_LIKENESS * possible };
  }

  // A hashtag as a key of a filter, in the form of `normal_hashtag` in scripts/characters.py.
  const tagOf = (value) => `#${value.trim().replace(/^[#\uff03]+/, "").normalize("NFC").toLowerCase()
    .replace(/[\ufe0e\ufe0f]/g, "").replaceAll("i\u0307", "i").normalize("NFC")}`;
  const handleOf = (value) => `@${value.trim().replace(/^@/, "").toLowerCase()}`;

  // The numbers of the posts that pass the filters, the newest first; null without a filter.
  // `passes` decides whether a post passes the conditions of the query, by its number; it may be null.
  async function allowed({ from, to, creator, tag, not }, about, passes) {
    const sets = [];
    for (const [sign, name] of [["@", creator], ["#", tag]]) {
      if (name) {
        const key = sign === "@" ? handleOf(name) : tagOf(name);
        const held = await load(`filters/${shard(key, about.filter_shards)}`);
        if (!held || !Object.hasOwn(held, key)) throw new Error(UNKNOWN[sign](key));
        sets.push(new Set(held[key]));
      }
    }
    const seen = new Set(not);
    if (!sets.length && !from && !to && !seen.size && !passes) return null;
    const times = await load("times");
    const first = from ? midnight(from) : -Infinity;
    const end = to ? midnight(to) + 86_400 : Infinity;
    if (first >= end) {
      throw new Error(`No day is both on or after ${from} and on or before ${to}. Swap the two dates.`);
    }
    const isLeft = (time, number) => sets.every((set) => set.has(number))
      && !seen.has(number) && (!passes || passes(number))
      && ((!from && !to) || (time !== null && time >= first && time < end));
    const numbers = [...times.keys()].filter((number) => isLeft(times[number], number));
    return numbers.sort((a, b) => (times[b] ?? -1) - (times[a] ?? -1) || b - a);
  }

  function midnight(day) {
    const time = Date.parse(`${day}T00:00:00Z`);
    if (Number.isNaN(time)) throw new Error(`“${day}” is not a date: write it as 2022-11-30.`);
    return time / 1000;
  }

  // The numbers of all posts that are found, the best first. `typed`: the query of these words.
  async function rank(words, typed, fields, filters, about, passes) {
    const passing = await allowed(filters, about, passes);
    if (!words.length) return passing ?? [];
    const { scores, least } = await score(words, typed, fields, about);
    const numbers = passing ?? [...scores.keys()];
    const best = numbers.reduce((most, number) => Math.max(most, scores[number]), 0);
    return numbers.filter((number) => scores[number] > Math.max(least, LEAST_SHARE * best))
      .sort((a, b) => scores[b] - scores[a] || a - b);
  }

  // True if the corpus contains a word, even if only as a hashtag.
  const isThere = async (word, about) => (await postings(wholeTerm(word), about)).length > 0;

  // True if the corpus contains a word within a longer hashtag or word.
  async function isWithin(word, about) {
    const within = Viewer.words.innerGrams(word);
    let held = new Uint8Array(about.tiktoks).fill(within.length ? 255 : 0);
    for (const blocks of await Promise.all(within.map((term) => postings(term, about)))) {
      const ofTerm = new Uint8Array(about.tiktoks);
      for (const { block, held: bytesOfBlock } of blocks) {
        const count = bytesOfBlock.length / POSTING_BYTES;
        for (let n = 0; n < count; n += 1) {
          const place = bytesOfBlock[2 * n] + 256 * bytesOfBlock[2 * n + 1];
          ofTerm[block * about.block + place] = bytesOfBlock[3 * count + n];
        }
      }
      held = held.map((bits, number) => bits & ofTerm[number]);
    }
    return held.some(Boolean);
  }

  const weight = async (word, about) => idf(holders(await postings(wholeTerm(word), about)), about);

  Viewer.ranking = { FIELDS, isThere, isWithin, midnight, postings, rank, tagOf, weight };
})();
