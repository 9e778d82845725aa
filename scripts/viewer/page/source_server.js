// Gets the page's data from the viewer's server. Other sources have the same functions.
(() => {
  "use strict";

  async function ask(path, options) {
    let answer;
    try {
      answer = await fetch(path, options);
    } catch {
      throw new Error("The viewer does not answer. Start it again: make viewer");
    }
    const content = await answer.json().catch(() => ({}));
    if (!answer.ok) throw new Error(content.error ?? `The viewer answered ${answer.status}.`);
    return content;
  }
  const send = (method, content) => ask("/api/queries",
    { method, headers: { "Content-Type": "application/json" }, body: JSON.stringify(content) });
  const query = (values) =>
    new URLSearchParams(Object.entries(values).filter(([, value]) => value)).toString();

  Viewer.source = {
    canJudge: true,

    // {ids, posts}: ids next to a post, nearest first; without `from`, the newest ids, and the first
    // posts with their data. `direction`: older or newer.
    feed: (from, direction) => ask(`/api/feed?${query({ from, direction })}`),

    // Posts in the order of these ids. Posts that aren't in the corpus are left out.
    posts: async (ids) => {
      const asked = ids.filter((id) => /^[0-9]{1,20}$/.test(id));
      return asked.length ? (await ask(`/api/posts?ids=${asked.join(",")}`)).posts : [];
    },

    // {comments, next}: threads after a position, 0 for the first.
    comments: (id, after) => ask(`/api/posts/${id}/comments?after=${after}`),

    // {total, has_words, hits, next, operators, suggestion, closer}. `asked`: see routes.js. `closer`:
    // how the second pass runs: null (there is none), manual or automatic.
    search: (asked, offset) => ask(`/api/search?${query({ ...asked, offset })}`),

    // The ids of the first results in the order of the second pass.
    closer: async (asked) => (await ask(`/api/closer?${query(asked)}`)).ids,

    // {figures, has_report, summary, failures}
    figures: () => ask("/api/figures"),

    // Saves a query {text, target, author}; `target` is the post that it means. Returns {added, others}:
    // whether it is new, and its other targets. If it has any, it is saved only if it is `confirmed`.
    judge: (query) => send("POST", query),

    // Removes a query that was new.
    takeBack: (query) => send("DELETE", query),

    // Addresses of media.
    video: (id) => `/media/videos/${id}.mp4`,
    cover: (id) => `/media/coverphotos/${id}.jpg`,
    slide: (id, number) => `/media/photos/${id}/${number}.jpg`,
    report: "/media/report/experiments.html",
    figure: (name) => `/media/report/${name}.svg`,
  };
})();
