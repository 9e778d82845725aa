// Search: what was asked stands in the address, results are covers and snippets.
(() => {
  "use strict";
  const { element, failure } = Viewer.dom;
  const { routes, source } = Viewer;
  const { whole } = Viewer.texts;

  const FIELDS = { description: "Description", cover: "Cover text", speech: "Speech",
    comments: "Comments", creator: "Creator", music: "Music" };
  const section = document.getElementById("search");
  const bar = document.getElementById("searchbar");
  const input = document.getElementById("query");

  const boxes = Object.entries(FIELDS).map(([name, label]) =>
    element("label", { class: "chip" }, element("input", { type: "checkbox", value: name }),
      element("span", {}, label)));
  const labelled = (label, attributes) =>
    element("label", { class: "field" }, element("span", {}, label), element("input", attributes));
  const filters = element("form", { "aria-label": "Filters", autocomplete: "off" },
    element("fieldset", { class: "chips" }, element("legend", {}, "Only in"), boxes),
    element("div", { class: "fields" },
      labelled("Posted from", { type: "date", name: "from" }),
      labelled("to", { type: "date", name: "to" }),
      labelled("Creator", { type: "text", name: "creator", maxlength: 100, dir: "auto", placeholder: "@handle" }),
      labelled("Hashtag", { type: "text", name: "tag", maxlength: 100, dir: "auto", placeholder: "#tag" }),
      element("button", { type: "submit", class: "button" }, "Apply")));
  const isWide = matchMedia("(min-width: 761px)");
  const box = element("details", { class: "filters", open: isWide.matches },
    element("summary", {}, "Filters"), filters);
  const count = element("p", { class: "count", role: "status", "aria-live": "polite" });
  const results = element("ol", { class: "cards", "aria-label": "Results" });
  const more = element("button", { type: "button", class: "button wide", hidden: true,
    onclick: () => extend() }, "More results");
  section.append(
    element("h1", { id: "search-title", tabindex: "-1" }, "Search"), box, count, results, more);

  const asked = { path: null, text: "", filters: {}, next: 0, turn: 0 };
  let opened = null;

  function values() {
    const chosen = boxes.map((box) => box.firstChild).filter((box) => box.checked);
    const fields = new FormData(filters);
    return {
      q: input.value.trim(), in: chosen.map((box) => box.value).join(","),
      from: fields.get("from"), to: fields.get("to"),
      creator: fields.get("creator").trim(), tag: fields.get("tag").trim(),
    };
  }
  function fill(parameters) {
    const fields = (parameters.get("in") ?? "").split(",");
    input.value = parameters.get("q") ?? "";
    for (const box of boxes) box.firstChild.checked = fields.includes(box.firstChild.value);
    for (const name of ["from", "to", "creator", "tag"]) {
      filters.elements[name].value = parameters.get(name) ?? "";
    }
  }
  const submit = () => routes.go(routes.searchPath(values()));

  function snippet({ field, parts }) {
    return element("p", { class: "snippet" },
      element("span", { class: "snippet-field" }, FIELDS[field] ?? field), " ",
      element("bdi", {}, parts.map(([text, isMatch]) =>
        (isMatch ? element("mark", {}, text) : text))));
  }
  function judgeButton(hit) {
    if (!source.canJudge || !asked.text) return null;
    const text = asked.text;
    return element("button", { type: "button", class: "button quiet-button judge",
      onclick: async ({ currentTarget }) => {
        if (await Viewer.judging.save(text, hit.id)) {
          currentTarget?.replaceChildren(Viewer.icon("check"), "Saved");
        }
      } }, Viewer.icon("target"), "The one I meant");
  }

  async function extend() {
    const turn = ++asked.turn;
    const isFirst = asked.next === 0;
    more.disabled = true;
    try {
      const page = await source.search(asked.text, asked.filters, asked.next);
      if (turn !== asked.turn) return;
      const cards = page.hits.map((hit) => Viewer.cards.create(hit,
        routes.postPath(hit.id, asked.text),
        element("div", { class: "snippets" }, hit.snippets.map(snippet)),
        judgeButton(hit)));
      results.append(...cards);
      asked.next = page.next;
      more.hidden = page.next === null;
      count.textContent = page.total === 1 ? "1 TikTok" : `${whole(page.total)} TikToks`;
      if (!page.total) count.textContent = "Nothing found. Try fewer words, or other filters.";
      if (!isFirst) cards[0]?.querySelector("a").focus();
    } catch (error) {
      results.replaceChildren();
      count.textContent = "";
      more.hidden = true;
      results.after(failure(error));
    }
    more.disabled = false;
  }

  async function show({ path, parameters }) {
    if (path === asked.path) return; // come back to: as it was left
    fill(parameters);
    const text = input.value.trim();
    const given = ["in", "from", "to", "creator", "tag"].map((name) => [name, parameters.get(name)]);
    box.open ||= given.some(([, value]) => value);
    const isAsked = text || given.some(([, value]) => value);
    Object.assign(asked, { path, text, filters: Object.fromEntries(given), next: 0 });
    section.querySelector("[role=alert]")?.remove();
    results.replaceChildren();
    more.hidden = true;
    opened = null;
    document.getElementById("search-title").textContent = text ? `Results for “${text}”` : "Search";
    count.textContent = isAsked ? "Searching…" : "Type what you remember, or choose a filter.";
    if (isAsked) await extend();
  }

  bar.addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
  });
  filters.addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
  });
  filters.addEventListener("change", ({ target }) => {
    if (target.type === "checkbox") submit();
  });
  results.addEventListener("click", ({ target }) => {
    opened = target.closest("a") ?? opened;
  });

  Viewer.search = {
    show,
    title: () => (asked.text ? `${asked.text} · Search` : "Search"),
    focus: () => (opened ?? document.getElementById("search-title")).focus({ preventScroll: true }),
    focusInput: () => {
      input.focus();
      input.select();
    },
  };
})();
