// Reads the operators of a query in the same way as scripts/search/operators.py, which gives the reasons.
// tests/query_operators.json has examples to test both.
(() => {
  "use strict";
  const { DURATION, OPPOSITE, readDuration } = Viewer.amounts;
  const { DATE, PERIOD, limited, readDays, readPeriod } = Viewer.dates;
  const MOST_OPERATORS = 32;
  const LOOK_AROUND = 80;
  const SENTENCES = new Set(["am", "are", "be", "can", "could", "did", "do", "does", "had", "has", "have",
    "i", "if", "is", "it", "may", "might", "must", "or", "shall", "should", "that", "then", "this", "was",
    "we", "were", "what", "who", "why", "will", "would", "you"]);

  const QUOTES = "\"\u201c\u201d\u201e\u00ab\u00bb";
  const PHRASE = `[${QUOTES}][^${QUOTES}\\n]+[${QUOTES}]`;
  const VALUE = `(?:${PHRASE}|[^\\s${QUOTES},;]+)`;
  const SIGNS = "\\u2190-\\u21ff\\u2300-\\u23ff\\u25a0-\\u27bf\\u2900-\\u297f\\u2b00-\\u2bff"
    + "\\u{1f000}-\\u{1faff}";
  const WORD = `[\\p{L}${SIGNS}][^\\s${QUOTES},;]*`;
  const DASH = "[\\-\\u2212\\u2013]";
  const NOT = "(?:but\\s+)?not\\s+";
  const LINK = "(?:https?:\\/\\/)?(?:[\\p{L}\\p{N}_\\-]{1,40}\\.){0,3}tiktokv?\\.com\\/[^\\s]*";
  const ID = "[0-9]{15,20}";
  const SPACED = `(?:creator|sound): (?:${PHRASE}|@${VALUE})`
    + `|(?:before|after|since|until):(?: ${PHRASE}| ?${DATE})|(?:like|id): (?:${LINK}|${ID})`;
  const OPERATORS = {
    link: LINK,
    id: ID,
    phrase: PHRASE,
    named: `${SPACED}|(?:creator|sound|before|after|since|until|like|id):${VALUE}`,
    tag: "#[^\\s#,;]+",
    period: PERIOD,
    duration: DURATION,
  };
  const named = Object.entries(OPERATORS).map(([name, pattern]) => `(?<${name}>${pattern})`);
  const OPERATOR = new RegExp(`(?<![^\\s,;(\\[<])(?:(?<no>${DASH}|${NOT})?(?:${named.join("|")})`
    + `|${DASH}(?<word>${WORD})|${NOT}(?!not\\s)(?<not>${WORD}))(?=[\\s,;.!?)\\]>]|$)`, "giu");
  const NAMES = [...Object.keys(OPERATORS), "word", "not"];
  const END_OF_EXCLUSION = /^\s*(?:$|[,;)\]]|(?:but\s+)?not\s)/iu;
  const LINKED = new RegExp("(?:/(?:video|photo|v|embed|embed/v2|player/v1)/"
    + "|[?&](?:share_)?(?:item|aweme)_id=)([0-9]{1,20})(?![0-9])");
  const OTHER_HOST = /^(?:https?:)?\/\/(?!(?:[\p{L}\p{N}_.\-]*\.)?tiktok[a-z\-]*\.[a-z]+[/:?#])/iu;
  const ACCOUNT = /\.com\/@([A-Za-z0-9_.]{1,30})\/?(?:[?#].*)?$/;
  const LONGEST_ADDRESS = 8192;

  const unquoted = (text) => text.replace(new RegExp(`^[${QUOTES}]+|[${QUOTES}]+$`, "g"), "");
  const unended = (text) => text.replace(/[,;.!?)\]>]+$/, "");

  // Octets that are no characters stay as they are: all that matters here is ASCII.
  const unescaped = (text) => text.replace(/%[0-7][0-9a-f]/gi,
    (octet) => String.fromCharCode(Number.parseInt(octet.slice(1), 16)));
  function findId(text) {
    if (text.length > LONGEST_ADDRESS) return null;
    const address = unescaped(text.trim().replaceAll("\\/", "/"));
    return OTHER_HOST.test(address) ? null : LINKED.exec(address)?.[1] ?? null;
  }

  // ---- Operators: [kind, value], or null ----

  function readNamed(text, { flat }, today) {
    const name = text.slice(0, text.indexOf(":")).toLowerCase();
    const given = text.slice(name.length + 1).replace(/^ /, "");
    const value = QUOTES.includes(given[0]) ? unquoted(given) : unended(given);
    if (["before", "after", "since", "until"].includes(name)) {
      const days = readDays(value.toLowerCase(), today);
      return days && ["days", limited(name, days)];
    }
    if (name === "creator") {
      const handle = value.toLowerCase().replace(/^@/, "");
      return handle ? ["creator", handle] : null;
    }
    if (name === "sound") return flat(value) ? ["sound", flat(value)] : null;
    const id = /^[0-9]{1,20}$/.test(value) ? value : findId(value);
    return id && ["like", "id"].includes(name) ? [name, id] : null;
  }
  function readWord(text, language) {
    const found = language.flat(text);
    return found ? [found.includes(" ") ? "phrase" : "word", found] : readEmoji(text, language);
  }
  const readEmoji = (text, { tokens }) => (tokens(text).some(Viewer.words.isEmoji) ? ["word", unended(text)] : null);
  const READERS = {
    link: (text) => {
      const id = findId(text);
      const account = ACCOUNT.exec(unended(text));
      return id ? ["id", id] : account && ["creator", account[1].toLowerCase()];
    },
    id: (text) => ["id", text],
    phrase: (text, language) => {
      const found = language.flat(unquoted(text));
      return found ? ["phrase", found] : readEmoji(unquoted(text), language);
    },
    named: readNamed,
    tag: (text) => { const tag = unended(text.slice(1)); return tag ? ["tag", tag] : null; },
    word: readWord,
    not: readWord,
    period: (text, language, today) => {
      const days = readPeriod(text.toLowerCase(), today);
      return days && ["days", days];
    },
    duration: (text) => readDuration(text.toLowerCase()),
  };
  // True if "not" excludes a word.
  function isExclusion({ 0: text, index }, query) {
    const before = query.slice(Math.max(0, index - LOOK_AROUND), index);
    const after = query.slice(index + text.length, index + text.length + LOOK_AROUND);
    const isLoud = text.includes("NOT") && query !== query.toUpperCase();
    const found = [...before].slice(-40).join("").toLowerCase().match(/[\p{L}\p{N}]+['\u2019]?/gu) ?? [];
    return (isLoud || END_OF_EXCLUSION.test(after))
      && !/['\u2019][\p{L}\p{N}_]{1,2}\s*$/u.test(before) && !SENTENCES.has(found.at(-1));
  }
  // {name, kind, value, is_excluded} of a match, or null if it isn't an operator after all.
  function read(match, name, query, language, today) {
    if (name === "not" && !isExclusion(match, query)) return null;
    const found = READERS[name](match.groups[name], language, today);
    if (!found) return null;
    const [kind, value] = found;
    const isExcluded = name === "word" || name === "not" || match.groups.no !== undefined;
    if (isExcluded && kind === "like") return null;
    if (isExcluded && Object.hasOwn(OPPOSITE, kind)) {
      return { kind: OPPOSITE[kind], value, is_excluded: false };
    }
    return { kind, value, is_excluded: isExcluded };
  }

  // {words, operators: [{kind, value, is_excluded, start, end}]}. Places count Unicode characters.
  // `language` comes from Viewer.words; `today` is a day such as 2026-11-27.
  function parse(query, language, today) {
    const operators = [];
    let kept = "";
    let end = 0;
    const place = (index) => [...query.slice(0, index)].length;
    OPERATOR.lastIndex = 0;
    for (let match; operators.length < MOST_OPERATORS && (match = OPERATOR.exec(query));) {
      const [text] = match;
      const name = NAMES.find((one) => match.groups[one] !== undefined);
      const found = read(match, name, query, language, today);
      if (!found && name === "not") OPERATOR.lastIndex = match.index + 1;
      if (!found) continue;
      const isKept = !found.is_excluded && ["phrase", "word", "tag"].includes(found.kind);
      kept += query.slice(end, match.index) + (isKept ? ` ${unquoted(text)} ` : " ");
      end = match.index + text.length;
      operators.push({ ...found, start: place(match.index), end: place(end) });
    }
    return { words: operators.length ? kept + query.slice(end) : query, operators };
  }

  Viewer.operators = { parse };
})();
