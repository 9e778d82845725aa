// The passages of a post that match a query, as scripts/search/snippets.py finds them.
(() => {
  "use strict";
  const { grams, pairs, isUnspaced } = Viewer.words;
  const { FIELDS } = Viewer.ranking;
  const PASSAGE_CHARS = 160;
  const LEAD_CHARS = 30;
  const ALIKE = 0.4;
  const CONTAINED = 0.6;
  const LEAST_SHOWN = 0.3;
  const LEAST_DISTINCTIVE = 0.3;
  const PIECE =
    /[#@](?:[\p{L}\p{N}_\p{M}]|\.(?=[\p{L}\p{N}_]))+|[\p{L}\p{N}_][\p{L}\p{N}_'\u2019\p{M}]*|[^\p{L}\p{N}_\s]/gu;

  const best = (items, value) =>
    items.reduce((top, item) => (top === null || value(item) > value(top) ? item : top), null);

  // `weights`: how distinctive each word of the query is.
  function create(weights, language) {
    const spaced = [...weights].filter(([word]) => !isUnspaced(word))
      .map(([word, weight]) => ({ word, weight, grams: new Set(grams(word)) }));
    const unspaced = [...weights].filter(([word]) => isUnspaced(word));
    const [plainParts, faintParts] = [pairs, grams].map((partsOf) => partWeights(unspaced, partsOf));
    const least = LEAST_DISTINCTIVE * Math.max(0, ...weights.values());
    const distinctive = new Set(spaced.filter(({ weight }) => weight >= least).map(({ word }) => word));
    const every = new Set(spaced.map(({ word }) => word));
    const known = new Map();

    function likenesses(found, isFaint) {
      const same = spaced.find(({ word }) => word === found);
      if (same && !isFaint) return [same];
      const theirs = new Set(grams(found));
      return spaced.flatMap(({ word, weight, grams: ours }) => {
        const shared = [...ours].filter((gram) => theirs.has(gram)).length;
        const dice = shared ? (2 * shared) / (ours.size + theirs.size) : 0;
        const isLike = shared && (isFaint || dice >= ALIKE || shared >= CONTAINED * ours.size);
        return isLike ? [{ word, weight: dice * weight }] : [];
      });
    }
    const mostAlike = (piece, isFaint) => best(language.apart(language.tokens(piece))
      .flatMap((word) => likenesses(word, isFaint)), ({ weight }) => weight);
    function alike(piece) {
      if (!known.has(piece)) known.set(piece, mostAlike(piece, false));
      return known.get(piece);
    }
    function matches(text, likeness, { parts, pattern }) {
      const pieces = [...text.matchAll(PIECE)].map((piece) => ({ piece, like: likeness(piece[0]) }));
      const found = [
        ...pieces.filter(({ like }) => like).map(({ piece, like }) =>
          ({ start: piece.index, end: piece.index + piece[0].length, ...like })),
        ...[...text.matchAll(pattern)].map((part) => ({ start: part.index,
          end: part.index + part[0].length, word: part[0], weight: parts.get(part[0]) })),
      ];
      return found.sort((a, b) => a.start - b.start);
    }
    // The matches of these words that fit into one passage of a field.
    function passage(field, text, words) {
      const all = matches(text, alike, plainParts)
        .filter(({ word }) => words.has(word) || plainParts.parts.has(word));
      const isExact = ({ word, weight }) => weight === (weights.get(word) ?? weight);
      const exact = new Set(all.filter(isExact).map(({ word }) => word));
      const found = all.filter((match) => !exact.has(match.word) || isExact(match));
      const lines = field === "comments" ? byLine(text, found) : [found];
      return best(lines.flatMap((line) => line.map((_, first) => within(line, first))), worth) ?? [];
    }
    function passages(texts, words) {
      const found = FIELDS.filter((field) => texts[field])
        .map((field) => ({ field, marked: passage(field, texts[field], words) }))
        .filter(({ marked }) => marked.length);
      return worthShowing(found);
    }
    function snippet({ field, marked }, texts) {
      const [start, end, ...edges] = bounds(field, texts[field], marked);
      const shown = texts[field].slice(start, end);
      return { field, parts: parts(shown, matches(shown, alike, plainParts), ...edges) };
    }
    // The word of each field that is most similar to a word of the query, if only a little.
    function faint(texts) {
      const likeness = (piece) => mostAlike(piece, true);
      const found = FIELDS.filter((field) => texts[field]).map((field) =>
        ({ field, marked: [best(matches(texts[field], likeness, faintParts), ({ weight }) => weight)] }));
      return worthShowing(found.filter(({ marked: [match] }) => match)).map(({ field, marked: [match] }) => {
        const [start, end, ...edges] = bounds(field, texts[field], [match]);
        const moved = { ...match, start: match.start - start, end: match.end - start };
        return { field, parts: parts(texts[field].slice(start, end), [moved], ...edges) };
      });
    }

    return function snippets(texts) {
      for (const words of [distinctive, every]) {
        const found = passages(texts, words);
        if (found.length) return found.map((one) => snippet(one, texts));
      }
      const found = faint(texts);
      return found.length ? found : [opening(texts)];
    };
  }

  // Parts of words in scripts without spaces, with their weights, and a pattern for them.
  function partWeights(words, partsOf) {
    const parts = new Map(words.flatMap(([word, weight]) => [word, ...partsOf(word)].map((part) =>
      [part, (weight * [...part].length) / [...word].length])));
    const longestFirst = [...parts.keys()].sort((a, b) => b.length - a.length || (a < b ? -1 : 1));
    return { parts, pattern: longestFirst.length ? new RegExp(longestFirst.join("|"), "gu") : /(?!)/g };
  }

  function worthShowing(found) {
    found.sort((a, b) => worth(b.marked) - worth(a.marked));
    return found.filter(({ marked }) => worth(marked) >= LEAST_SHOWN * worth(found[0].marked));
  }

  // Each comment is a separate text.
  function byLine(text, matches) {
    const lines = new Map();
    for (const match of matches) {
      const line = text.slice(0, match.start).split("\n").length;
      lines.set(line, [...(lines.get(line) ?? []), match]);
    }
    return [...lines.values()];
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

  // Start and end of the passage around matches, and for each, whether text is left out there.
  function bounds(field, text, matches) {
    const isComments = field === "comments";
    const first = isComments ? text.lastIndexOf("\n", matches[0].start - 1) + 1 : 0;
    const newline = isComments ? text.indexOf("\n", matches.at(-1).end) : -1;
    const last = newline < 0 ? text.length : newline;
    let start = first;
    let end = last;
    if (last - first > PASSAGE_CHARS) {
      start = Math.max(first, matches[0].start - LEAD_CHARS);
      end = Math.max(matches.at(-1).end, Math.min(last, start + PASSAGE_CHARS));
      const space = text.indexOf(" ", start);
      if (start > first && space >= 0 && space < matches[0].start) start = space + 1;
      const before = text.lastIndexOf(" ", end - 1);
      if (end < last && before >= matches.at(-1).end) end = before + 1;
    }
    return [start, end, start > first, end < last];
  }

  function parts(text, matches, isBegun, isEnded) {
    const found = isBegun ? [["…", false]] : [];
    let start = 0;
    for (const match of matches) {
      found.push([text.slice(start, match.start), false], [text.slice(match.start, match.end), true]);
      start = match.end;
    }
    found.push([text.slice(start), false], [isEnded ? "…" : "", false]);
    return found.filter(([part]) => part);
  }

  function opening(texts) {
    const field = FIELDS.find((name) => texts[name]) ?? FIELDS[0];
    const chars = [...(texts[field] ?? "")];
    const shown = chars.length <= PASSAGE_CHARS ? chars : [...chars.slice(0, PASSAGE_CHARS - 1), "…"];
    return { field, parts: [[shown.join(""), false]] };
  }

  Viewer.snippets = { create };
})();
