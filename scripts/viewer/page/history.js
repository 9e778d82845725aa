// The posts that the user has watched. Only this browser keeps the list.
(() => {
  "use strict";
  const { element, announce, copy, copyButton } = Viewer.dom;
  const { memory } = Viewer;
  const KEY = "watched";
  const KEPT = 1000;
  const PAGE = 48;

  // [{id, at}], the last one first; `at` in milliseconds.
  function all() {
    try {
      const kept = JSON.parse(memory.get(KEY) ?? "[]");
      return kept.filter(({ id, at }) => /^[0-9]{1,20}$/.test(id) && Number.isFinite(at));
    } catch {
      return [];
    }
  }
  function add(id) {
    const others = all().filter((entry) => entry.id !== id);
    memory.set(KEY, JSON.stringify([{ id, at: Date.now() }, ...others].slice(0, KEPT)));
  }

  const section = document.getElementById("history");
  let length = 0; // how many were shown, to show as many when the user comes back
  const time = new Intl.DateTimeFormat("en", { dateStyle: "medium", timeStyle: "short" });

  async function show() {
    const entries = all();
    const list = element("ol", { class: "cards", "aria-label": "Watched posts, the last one first" });
    const more = element("button", { type: "button", class: "button wide", hidden: true,
      onclick: () => extend() }, "More");
    const ids = entries.map(({ id }) => id).join("\n");
    section.replaceChildren(
      element("div", { class: "page-head" },
        element("h1", { id: "history-title", tabindex: "-1" }, "History"),
        entries.length ? element("div", { class: "actions" },
          element("button", { type: "button", class: "button", onclick: () => copy(ids, "all ids") },
            Viewer.icon("copy"), "Copy all ids"),
          element("button", { type: "button", class: "button", onclick: forget }, "Clear")) : null),
      element("p", { class: "quiet" }, entries.length
        ? "Only this browser keeps this list."
        : "You have not watched anything yet. Only this browser will keep the list."),
      list, more);
    const before = length;
    let shown = 0;

    async function extend() {
      const page = entries.slice(shown, shown + PAGE);
      shown += page.length;
      const posts = new Map((await Viewer.source.posts(page.map(({ id }) => id)))
        .map((post) => [post.id, post]));
      list.append(...page.map(({ id, at }) => createCard(posts.get(id) ?? { id }, at)));
      more.hidden = shown >= entries.length;
      length = shown;
    }
    do await extend(); while (shown < Math.min(before, entries.length));
  }
  function createCard(post, at) {
    return Viewer.cards.create(post, Viewer.routes.postPath(post.id),
      element("p", { class: "snippet quiet" }, `Watched ${time.format(at)}`),
      element("p", { class: "id" }, element("code", {}, post.id),
        copyButton(post.id, `the id ${post.id}`)));
  }
  async function forget() {
    memory.remove(KEY);
    length = 0;
    await show();
    announce("The history is empty");
    document.getElementById("history-title").focus();
  }

  Viewer.watched = { add };
  Viewer.history = {
    show, title: () => "History", focus: () => document.getElementById("history-title").focus(),
  };
})();
