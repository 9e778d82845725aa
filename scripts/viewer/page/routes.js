// Addresses: `/`, `/v/{id}`, `/search?q=…`, `/history`, `/figures`. The viewer's server uses them as they
// are; on a disk or a static host, they follow a `#`. Only this file knows the difference.
// The addresses of results also contain the search: {q, in, from, to, creator, tag, not}; `not` are the
// ids of posts that the user has already seen.
(() => {
  "use strict";
  const ASKED = ["q", "in", "from", "to", "creator", "tag", "not"];
  const isServed = document.documentElement.dataset.routes === "history";
  let show = () => {};

  const current = () =>
    (isServed ? location.pathname + location.search : decodeHash()) || "/";
  const decodeHash = () => (location.hash.startsWith("#/") ? location.hash.slice(1) : "");
  const href = (path) => (isServed ? path : `#${path}`);

  // {path, view, id, asked} of a path. An unknown path counts as an id that is in no corpus.
  function parse(path) {
    const url = new URL(`http://page${path}`);
    const post = /^\/v\/(.+)$/.exec(url.pathname); // what is no id is in no corpus
    const page = /^\/(search|history|figures)$/.exec(url.pathname);
    const unknown = page || url.pathname === "/" ? null : url.pathname;
    return {
      path,
      view: page ? page[1] : "feed",
      id: post ? post[1] : unknown,
      asked: Object.fromEntries(ASKED.map((name) => [name, url.searchParams.get(name) ?? ""])),
    };
  }

  function withAsked(path, asked) {
    const given = ASKED.filter((name) => asked[name]).map((name) => [name, asked[name]]);
    return given.length ? `${path}?${new URLSearchParams(given)}` : path;
  }
  const isSearch = (asked) => ASKED.some((name) => asked[name]);
  const isSame = (one, other) => searchPath(one) === searchPath(other);
  const postPath = (id, asked = {}) => withAsked(`/v/${id}`, asked);
  const searchPath = (asked) => withAsked("/search", asked);

  function go(path) {
    if (path !== current()) history.pushState(null, "", href(path));
    show(parse(path));
  }

  // Changes the address of what is shown, without a new step in the history.
  function rename(path) {
    if (path !== current()) history.replaceState(null, "", href(path));
  }

  function start(listener) {
    show = listener;
    history.scrollRestoration = "manual"; // each view restores its own place
    addEventListener("popstate", () => show(parse(current())));
    document.addEventListener("click", (event) => {
      const link = event.target.closest("a[data-route]");
      const isPlain = !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
      if (!link || event.button !== 0 || !isPlain) return;
      event.preventDefault();
      go(link.dataset.route);
    });
    show(parse(current()));
  }

  // Attributes of a link to a path of the page.
  const link = (path) => ({ href: href(path), "data-route": path });

  Viewer.routes = { start, go, rename, link, isSearch, isSame, postPath, searchPath };
})();
