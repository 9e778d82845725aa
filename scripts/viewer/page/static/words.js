// Turns text into terms, like scripts/search/words.py, which gives the reasons.
(() => {
  "use strict";
  const { load, shard } = Viewer.files;
  const TAG = "#";
  const GRAM = 4;
  const LONGEST_WORD = 40;
  const LONGEST_PART = 20;
  const MOST_TOKENS = 64;

  const UNSPACED_CHARS = "\\u0e00-\\u0eff\\u1000-\\u109f\\u1780-\\u17ff\\u3005-\\u3007"
    + "\\u3040-\\u30ff\\u31f0-\\u31ff\\u3400-\\u4dbf\\u4e00-\\u9fff\\uf900-\\ufaff"
    + "\\u{20000}-\\u{3ffff}";
  const UNSPACED = new RegExp(`[${UNSPACED_CHARS}]+`, "gu");
  const UNSPACED_WORD = new RegExp(`^[${UNSPACED_CHARS}]`, "u");
  const TAGS = /[#@]([\p{L}\p{N}_][\p{L}\p{N}_.\p{M}]*)/gu;
  const APOSTROPHES = /['\u2018\u2019\u02bc`\u00b4]/g;
  const FOREIGN = /(?:(?![\u0000-\u024f\u1e00-\u1eff])\p{L}\p{M}*)+/gu;

  // One entity at a time: nothing else that people write is read as HTML.
  const ENTITY = /&#?\w+;/g;
  const parser = new DOMParser();
  const unescaped = (text) => text.replace(ENTITY,
    (entity) => parser.parseFromString(entity, "text/html").body.textContent);

  const WORD = /[a-z0-9]+/g;
  const SPACED = new RegExp(`(?![${UNSPACED_CHARS}])\\P{ASCII}`, "gu");
  const FLAT_WORD = new RegExp(`[a-z0-9]+|[${UNSPACED_CHARS}]`, "gu");
  const DISTINCTIVE_WORDS = 12;
  const clipped = (words) => words.map((word) => [...word].slice(0, LONGEST_WORD).join(""));

  // `characters`: the Latin letters for each character of the corpus.
  function create(characters, vocabulary, total) {
    const counts = new Map(vocabulary);
    const latin = (char) => characters[char] ?? char.normalize("NFKD").replace(/\P{ASCII}/gu, "");

    function words(text) {
      const unspaced = text.match(UNSPACED) ?? [];
      const spaced = text.replace(UNSPACED, " ");
      const emoji = (spaced.match(/\P{ASCII}/gu) ?? []).map(latin).filter(isEmoji);
      return [...clipped([...unspaced,
        ...(spaced.replace(/\P{ASCII}/gu, written).match(WORD) ?? []),
        ...(spaced.match(FOREIGN) ?? [])]), ...emoji];
    }

    const fold = (text) => unescaped(text).normalize("NFKC").replace(APOSTROPHES, "").toLowerCase();
    const written = (char) => (isEmoji(latin(char)) ? " " : latin(char));

    // The words, separated by single spaces. In scripts without spaces: each character.
    const flat = (text) => (fold(text).replace(SPACED, written).match(FLAT_WORD) ?? []).join(" ");

    const count = (word) => counts.get(word) ?? 0;

    // The words that say most about a post with these texts.
    function distinctive(texts) {
      const times = new Map();
      for (const word of texts.flatMap(tokens)) {
        if (word.length > 2 && !word.startsWith(TAG) && !isEmoji(word)) {
          times.set(word, (times.get(word) ?? 0) + 1);
        }
      }
      return [...times].filter(([word]) => count(word) > 1)
        .map(([word, often]) => [word, (1 + Math.log(often)) * Math.log(total / count(word))])
        .sort(([one, a], [other, b]) => b - a || (one < other ? -1 : 1))
        .slice(0, DISTINCTIVE_WORDS).map(([word]) => word);
    }

    function tokens(text) {
      const folded = fold(text);
      const tags = [...folded.matchAll(TAGS)].flatMap(([, tag]) => words(tag));
      return [...words(folded), ...tags.map((word) => TAG + word)];
    }

    // How often running text contains a word, even one that is too rare to load at the start.
    async function occurrences(word, about) {
      if (counts.has(word)) return count(word);
      const rare = await load(`words/${shard(word, about.word_shards)}`);
      return rare && Object.hasOwn(rare, word) ? rare[word][0] : 0;
    }

    // {typed, own, words, tags}: the tokens of a query, how often running text contains each word among
    // them, all words of the query, and those that only hashtags are. A word that the corpus does not
    // contain, not even within a longer one, is also split.
    async function asked(query, about) {
      const typed = tokens(query).slice(0, MOST_TOKENS);
      const plain = [...new Set(typed.filter((word) => !word.startsWith(TAG) && !isEmoji(word)))];
      const held = await Promise.all(plain.map((word) => occurrences(word, about)));
      const own = new Map(plain.map((word, place) => [word, held[place]]));
      const others = plain.filter((word) => !own.get(word));
      const chosen = async (test) => {
        const passes = await Promise.all(others.map((word) => test(word, about)));
        return new Set(others.filter((_, place) => passes[place]));
      };
      const tags = await chosen(Viewer.ranking.isThere);
      const within = await chosen(Viewer.ranking.isWithin);
      const joined = others.filter((word) => !tags.has(word) && !within.has(word));
      return { typed, own, words: apart([...typed, ...joined.map((word) => TAG + word)]), tags };
    }

    function cost(part) {
      const occurrences = counts.get(part) ?? 0;
      const information = Math.log(Math.max(total, 1));
      if (occurrences > 1 && (part.length > 1 || "ai".includes(part) || /^\d$/.test(part))) {
        return information - Math.log(occurrences);
      }
      return information + 10 + 3 * part.length;
    }

    // The likeliest words that a hashtag joins.
    function split(joined) {
      const best = [[0, 0]];
      for (let end = 1; end <= joined.length; end += 1) {
        let least = null;
        for (let start = Math.max(0, end - LONGEST_PART); start < end; start += 1) {
          const sum = best[start][0] + cost(joined.slice(start, end));
          if (!least || sum < least[0]) least = [sum, start];
        }
        best.push(least);
      }
      const parts = [];
      for (let end = joined.length; end; end = best[end][1]) {
        parts.unshift(joined.slice(best[end][1], end));
      }
      return parts;
    }

    // The words of a query or a text, with the words of hashtags and of the names of emoji.
    const apart = (found) => found.flatMap((token) => (token.startsWith(TAG)
      ? split(token.slice(1)) : [token, ...(isEmoji(token) ? token.match(WORD) ?? [] : [])]));

    return { tokens, asked, apart, flat, distinctive, count };
  }

  const wholeTerm = (word) => (isEmoji(word) ? word : `_${word}_`);

  function terms(word) {
    const whole = wholeTerm(word);
    return [whole, ...grams(word).filter((gram) => gram !== whole)];
  }

  function grams(word) {
    if (isEmoji(word)) return [];
    if (isUnspaced(word)) return [...word, ...pairs(word)];
    const whole = [..."_" + word + "_"];
    return whole.slice(GRAM - 1).map((_, end) => whole.slice(end, end + GRAM).join(""));
  }

  const innerGrams = (word) => grams(word).filter((gram) => !gram.includes("_"));

  function pairs(word) {
    const chars = [...word];
    return chars.slice(1).map((char, before) => chars[before] + char);
  }

  const isEmoji = (token) => token.length > 2 && token.startsWith(":") && token.endsWith(":");
  const isUnspaced = (word) => UNSPACED_WORD.test(word);

  let made = null;
  const ready = () => {
    made ??= Promise.all([load("characters"), load("words")]).then(
      ([characters, { words, total }]) => create(characters, words, total));
    return made;
  };

  Viewer.words = { ready, terms, wholeTerm, grams, innerGrams, pairs, isEmoji, isUnspaced };
})();
