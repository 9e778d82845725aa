// Starts the page, shows its views, and passes on the keys.
(() => {
  "use strict";
  const { element, button, failure } = Viewer.dom;
  const { routes } = Viewer;

  const VIEWS = [["feed", "/", "Feed"], ["search", "/search", "Search"],
    ["history", "/history", "History"], ["figures", "/figures", "Figures"]];
  const nav = document.getElementById("views");
  nav.append(
    element("ul", {}, VIEWS.map(([view, path, label]) => element("li", { class: `to-${view}` },
      element("a", { ...routes.link(path), "data-view": view }, Viewer.icon(view),
        element("span", {}, label))))),
    button("Keys", "help", { class: "round bare to-help", onclick: Viewer.help.open }));

  let shown = null; // its route
  const places = {}; // how far each view was scrolled, by path

  async function show(route) {
    const before = shown;
    const isOther = route.view !== before?.view;
    if (before && before.view !== "feed") places[before.path] = scrollY;
    if (isOther && before?.view === "feed") Viewer.feed.leave();
    shown = route;
    document.documentElement.dataset.view = route.view;
    for (const [view] of VIEWS) document.getElementById(view).hidden = view !== route.view;
    for (const link of nav.querySelectorAll("a")) {
      if (link.dataset.view === route.view) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
    const view = Viewer[route.view];
    try {
      await view.show(route);
    } catch (error) {
      document.getElementById(route.view).replaceChildren(
        element("h1", { id: `${route.view}-title`, tabindex: "-1" }, "Sorry"), failure(error));
    }
    if (shown !== route) return;
    if (view.title) document.title = `${view.title()} · TikTok-Retrieval`;
    if (!before || route.path === before.path) return;
    if (route.view !== "feed") scrollTo(0, places[route.path] ?? 0);
    if (!isOther) return;
    view.focus();
    if (route.view === "feed") Viewer.feed.resume();
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    const isTyping = event.target.matches(
      "input:not([type=range], [type=checkbox]), textarea, select");
    if (isTyping) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    if (event.key === "/") {
      event.preventDefault();
      Viewer.search.focusInput();
    } else if (event.key === "?") {
      event.preventDefault();
      Viewer.help.open();
    } else if (shown?.view === "feed") {
      Viewer.feed.onKey(event);
    }
  });

  routes.start(show);
})();
