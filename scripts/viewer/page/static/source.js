// Gets the page's data from the files of the export next to it.
(() => {
  "use strict";
  const { load } = Viewer.files;
  const FEED_PAGE = 12;
  const RESULTS_PAGE = 24;
  const THREADS_PAGE = 30;

  // An item of a list that is stored in files of `size` items.
  async function item(folder, place, size) {
    const file = await load(`${folder}/${Math.floor(place / size)}`);
    return file?.[place % size];
  }

  // An address can contain anything: only an id leads to a file.
  const postOf = async (id) => (/^[0-9]{1,20}$/.test(id) ? load(`posts/${id}`) : null);

  async function feed(from, direction) {
    const about = await load("about");
    const step = direction === "newer" ? -1 : 1;
    let place = 0;
    if (from !== null && from !== undefined) {
      const post = await postOf(from);
      if (!post) throw new Error("There is no such TikTok in this corpus.");
      place = post.place + step;
    }
    const ids = [];
    for (; ids.length < FEED_PAGE && place >= 0 && place < about.tiktoks; place += step) {
      ids.push(await item("feed", place, about.list));
    }
    return { ids, posts: [] };
  }

  const posts = async (ids) => (await Promise.all(ids.map(postOf))).filter(Boolean);

  async function comments(id, after) {
    const { threads } = await postOf(id);
    const following = threads.filter(({ position }) => position > after);
    const page = following.slice(0, THREADS_PAGE);
    return { comments: page, next: following.length > page.length ? page.at(-1).position : null };
  }

  async function search({ q, ...filters }, offset) {
    const [about, language] = await Promise.all([load("about"), Viewer.words.ready()]);
    const today = new Date().toISOString().slice(0, 10);
    const parsed = Viewer.operators.parse(q, language, today);
    const operators = await Viewer.leaving.usable(parsed.operators, about);
    const asked = await language.asked(
      [parsed.words, ...await wordsAlike(operators, language)].join(" "), about);
    const finder = { number: numberOf, texts: (found) => textsOf(found, about) };
    const passes = await Viewer.leaving.passing(operators, about, language, finder);
    const seen = await Promise.all((filters.not ?? "").split(",").filter(Boolean).map(numberOf));
    const fields = (filters.in ?? "").split(",").filter(Boolean);
    const words = [...new Set(asked.words)].sort();
    const ranked = await Viewer.ranking.rank(words, asked.typed, fields,
      { ...filters, not: seen.filter((number) => number !== null) }, about, passes);
    // A post without distinctive words is like no other.
    const found = words.length || operators.every(({ kind }) => kind !== "like") ? ranked : [];
    const weights = await Promise.all(words.map((word) => Viewer.ranking.weight(word, about)));
    const snippets = Viewer.snippets.create(
      new Map(words.map((word, n) => [word, weights[n]])), language);
    const end = offset + RESULTS_PAGE;
    const numbers = found.slice(offset, end);
    const ids = await Promise.all(numbers.map((number) => item("numbers", number, about.list)));
    return {
      total: found.length,
      has_words: language.tokens(parsed.words).length > 0,
      operators,
      suggestion: Viewer.leaving.suggest(q, operators,
        (word) => asked.own.get(word) ?? language.count(word), asked.tags),
      closer: null, // no model here
      hits: (await posts(ids)).map((post) => hit(post, snippets, fields)),
      next: end < found.length ? end : null,
    };
  }

  // The number of a post, from 0, or null if the corpus lacks it.
  const numberOf = async (id) => (await postOf(id))?.number ?? null;

  async function textsOf(numbers, about) {
    const ids = await Promise.all(numbers.map((number) => item("numbers", number, about.list)));
    return (await posts(ids)).map(texts);
  }

  async function wordsAlike(operators, language) {
    const likes = operators.filter(({ kind, is_excluded: isExcluded }) => kind === "like" && !isExcluded);
    const found = await posts(likes.map(({ value }) => value));
    return found.flatMap((post) => language.distinctive(Object.values(texts(post)).filter(Boolean)));
  }

  function texts(post) {
    return {
      description: post.description,
      cover: post.cover_text,
      speech: post.speech,
      screen: post.screen.filter(({ is_on_cover: isOnCover }) => !isOnCover)
        .map(({ text }) => text).join("\n"),
      comments: post.threads.flatMap((thread) => [thread, ...thread.replies])
        .map((comment) => comment.comment_text ?? "").join("\n"),
      creator: `${post.creator ?? ""} ${post.nickname ?? ""}`,
      music: post.music,
    };
  }

  function hit(post, snippets, fields) {
    const isWanted = ([field]) => !fields.length || fields.includes(field);
    return { ...post, snippets: snippets(Object.fromEntries(Object.entries(texts(post)).filter(isWanted))) };
  }

  Viewer.source = {
    canJudge: false, // no server can save a query
    feed,
    posts,
    comments,
    search,
    figures: () => load("figures"),
    video: (id) => `../videos/${id}.mp4`,
    cover: (id) => `../coverphotos/${id}.jpg`,
    slide: (id, number) => `../photos/${id}/${number}.jpg`,
    report: "../report/experiments.html",
    figure: (name) => `../report/${name}.svg`,
  };
})();
