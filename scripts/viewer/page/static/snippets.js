// The passages of a post that match a query, as scripts/search/snippets.py finds them.
(() => {
  "use strict";
  const { grams, pairs, isUnspaced } = Viewer.words;
  const { FIELDS } = Viewer.ranking;
  const PASSAGE_CHARS = 160;
  const LEAD_CHARS = 30;
  const ALIKE = 0.4;
  const CONTAINED = 0.6;
  const TELLING = 0.2;
  const PIECE =
    /[#@](?:[\p{L}\p{N}_\p{M}]|\.(?=[\p{L}\p{N}_]))+|[\p{L}\p{N}_][\p{L}\p{N}_'\u2019\p{M}]*|[^\p{L}\p{N}_\s]/gu;

  const best = (items, value) =>
    items.reduce((top, item) => (top === null || value(item) > value(top) ? item : top), null);

  // `weights`: how telling each word of the query is.
  function create(weights, language) {
    const spaced = [...weights].filter(([word]) => !isUnspaced(word))
      .map(([word, weight]) => ({ word, weight, grams: new Set(grams(word)) }));
    const unspaced = new Map([...weights].filter(([word]) => isUnspaced(word))
      .flatMap(([word, weight]) => [word, ...pairs(word)].map((part) =>
        [part, (weight * [...part].length) / [...word].length])));
    const longestFirst = [...unspaced.keys()].sort((a, b) => b.length - a.length || (a < b ? -1 : 1));
    const parts = longestFirst.length ? new RegExp(longestFirst.join("|"), "gu") : /(?!)/g;
    const known = new Map();

    function likenesses(found) {
      const same = spaced.find(({ word }) => word === found);
      if (same) return [same];
      const theirs = new Set(grams(found));
      return spaced.flatMap(({ word, weight, grams: ours }) => {
        const shared = [...ours].filter((gram) => theirs.has(gram)).length;
        const dice = (2 * shared) / (ours.size + theirs.size);
        const isLike = shared && (dice >= ALIKE || shared >= CONTAINED * ours.size);
        return isLike ? [{ word, weight: dice * weight }] : [];
      });
    }
    function alike(piece) {
      if (!known.has(piece)) {
        const words = language.apart(language.tokens(piece));
        known.set(piece, best(words.flatMap(likenesses), ({ weight }) => weight));
      }
      return known.get(piece);
    }
    function matches(text) {
      const pieces = [...text.matchAll(PIECE)].map((piece) => ({ piece, like: alike(piece[0]) }));
      const found = [
        ...pieces.filter(({ like }) => like).map(({ piece, like }) =>
          ({ start: piece.index, end: piece.index + piece[0].length, ...like })),
        ...[...text.matchAll(parts)].map((part) => ({ start: part.index,
          end: part.index + part[0].length, word: part[0], weight: unspaced.get(part[0]) })),
      ];
      return found.sort((a, b) => a.start - b.start);
    }
    function passage(text) {
      const found = matches(text);
      const passages = found.map((_, first) => within(found, first));
      return { text, matches: best(passages, worth) ?? [] };
    }

    return function snippets(texts) {
      const found = [];
      for (const field of FIELDS) {
        const whole = texts[field] ?? "";
        const passages = (field === "comments" ? whole.split("\n") : [whole]).map(passage);
        const { text, matches: marked } = best(passages, (item) => worth(item.matches));
        if (marked.length) found.push({ worth: worth(marked), field, parts: cut(text, marked) });
      }
      found.sort((a, b) => b.worth - a.worth);
      const telling = found.filter((snippet) => snippet.worth >= TELLING * found[0].worth);
      return telling.length ? telling : [opening(texts)];
    };
  }

  function within(matches, first) {
    const end = matches[first].start + PASSAGE_CHARS - LEAD_CHARS;
    const beyond = matches.findIndex((match, n) => n > first && match.end > end);
    return matches.slice(first, beyond < 0 ? undefined : beyond);
  }

  function worth(matches) {
    const weights = new Map();
    for (const { word, weight } of matches) {
      weights.set(word, Math.max(weights.get(word) ?? 0, weight));
    }
    return [...weights.values()].reduce((sum, weight) => sum + weight, 0);
  }

  function cut(text, matches) {
    let start = 0;
    let end = text.length;
    if (end > PASSAGE_CHARS) {
      start = Math.max(0, matches[0].start - LEAD_CHARS);
      end = Math.max(matches.at(-1).end, Math.min(end, start + PASSAGE_CHARS));
      const space = text.indexOf(" ", start);
      if (start > 0 && space >= 0 && space < matches[0].start) start = space + 1;
      const last = text.lastIndexOf(" ", end - 1);
      if (end < text.length && last >= matches.at(-1).end) end = last + 1;
    }
    const parts = start > 0 ? [["…", false]] : [];
    const stop = end < text.length ? "…" : "";
    for (const match of matches) {
      parts.push([text.slice(start, match.start), false], [text.slice(match.start, match.end), true]);
      start = match.end;
    }
    parts.push([text.slice(start, end), false], [stop, false]);
    return parts.filter(([part]) => part);
  }

  function opening(texts) {
    const field = FIELDS.find((name) => texts[name]) ?? FIELDS[0];
    const chars = [...(texts[field] ?? "")];
    const shown = chars.length <= PASSAGE_CHARS ? chars : [...chars.slice(0, PASSAGE_CHARS - 1), "…"];
    return { field, parts: [[shown.join(""), false]] };
  }

  Viewer.snippets = { create };
})();
