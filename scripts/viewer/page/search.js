// Search: what was asked stands in the address, results are covers and snippets.
(() => {
  "use strict";
  const { element, failure } = Viewer.dom;
  const { routes, source } = Viewer;
  const { whole } = Viewer.texts;

  const FIELDS = { description: "Description", cover: "Cover text", speech: "Speech", screen: "On screen",
    comments: "Comments", creator: "Creator", music: "Music" };
  const LOOKED_THROUGH = 240; // results among which a post is looked for whose address was opened
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
    onclick: showMore }, "More results");
  section.append(
    element("h1", { id: "search-title", tabindex: "-1" }, "Search"), box, count, results, more);

  // The search that is shown. `next`: where the next page of results begins; null after the last.
  const create = (asked) =>
    ({ asked, ids: [], next: routes.isSearch(asked) ? 0 : null, coming: null, isGoneThrough: false });
  let search = null;

  function values() {
    const chosen = boxes.map((box) => box.firstChild).filter((box) => box.checked);
    const fields = new FormData(filters);
    return {
      q: input.value.trim(), in: chosen.map((box) => box.value).join(","),
      from: fields.get("from"), to: fields.get("to"),
      creator: fields.get("creator").trim(), tag: fields.get("tag").trim(),
    };
  }
  function fill(asked) {
    const fields = asked.in.split(",");
    input.value = asked.q;
    for (const box of boxes) box.firstChild.checked = fields.includes(box.firstChild.value);
    for (const name of ["from", "to", "creator", "tag"]) filters.elements[name].value = asked[name];
  }
  // The id of a post leads to the post.
  async function submit() {
    const asked = values();
    const isId = /^[0-9]{1,20}$/.test(asked.q) && routes.isSame(asked, { q: asked.q });
    const posts = isId ? await source.posts([asked.q]).catch(() => []) : [];
    routes.go(posts.length ? routes.postPath(asked.q) : routes.searchPath(asked));
  }

  function snippet({ field, parts }) {
    return element("p", { class: "snippet" },
      element("span", { class: "snippet-field" }, FIELDS[field] ?? field), " ",
      element("bdi", {}, parts.map(([text, isMatch]) =>
        (isMatch ? element("mark", {}, text) : text))));
  }
  function judgeButton(hit) {
    const text = search.asked.q;
    if (!source.canJudge || !text) return null;
    const judge = element("button", { type: "button", class: "button", onclick: async () => {
      if (await Viewer.judging.save(judge, text, hit.id, showUnsaved)) {
        judge.replaceChildren(Viewer.icon("check"), "Saved");
      }
    } });
    const showUnsaved = () => judge.replaceChildren(Viewer.icon("target"), "The one I meant");
    showUnsaved();
    return element("div", { class: "actions judge" }, judge);
  }

  // The next page of results; whoever asks while it is on its way waits for the same one.
  function extend(found) {
    found.coming ??= load(found).finally(() => { found.coming = null; });
    return found.coming;
  }
  async function load(found) {
    try {
      const page = await source.search(found.asked, found.next);
      const hits = page.hits.filter(({ id }) => !found.ids.includes(id)); // a new database, other pages
      found.next = page.next;
      found.ids.push(...hits.map(({ id }) => id));
      if (found !== search) return;
      results.append(...hits.map((hit) => Viewer.cards.create(hit,
        routes.postPath(hit.id, found.asked),
        element("div", { class: "snippets" }, hit.snippets.map(snippet)),
        judgeButton(hit))));
      more.hidden = page.next === null;
      count.textContent = describe(page, found.asked);
    } catch (error) {
      found.next = null;
      if (found !== search) return;
      results.replaceChildren();
      count.textContent = "";
      more.hidden = true;
      results.after(failure(error));
    }
  }
  function describe({ total, has_words: hasWords }, { q }) {
    if (total) return total === 1 ? "1 TikTok" : `${whole(total)} TikToks`;
    return q.trim() && !hasWords ? "There is no word or sign in it that can be searched."
      : "Nothing found. Try fewer words, or other filters.";
  }
  async function showMore() {
    const shown = results.children.length;
    await extend(search);
    results.children[shown]?.querySelector("a").focus();
  }

  function open(asked) {
    if (search && routes.isSame(asked, search.asked)) return; // come back to: as it was left
    search = create(asked);
    fill(asked);
    box.open ||= routes.isSearch({ ...asked, q: "" });
    section.querySelector("[role=alert]")?.remove();
    results.replaceChildren();
    more.hidden = true;
    document.getElementById("search-title").textContent = asked.q ? `Results for “${asked.q}”` : "Search";
    count.textContent = search.next === 0 ? "Searching…" : "Type what you remember, or choose a filter.";
  }
  async function show({ asked }) {
    open(asked);
    if (search.next === 0) await extend(search);
  }

  // An order for the feed: the results, if a post is among the first. More of them come in here, too.
  async function through(asked, id) {
    open(asked);
    const found = search;
    while (!found.ids.includes(id) && found.next !== null && found.ids.length < LOOKED_THROUGH) {
      await extend(found);
    }
    if (!found.ids.includes(id)) return null;
    found.isGoneThrough = true;
    return {
      async more(from, direction) {
        const place = found.ids.indexOf(from);
        if (direction < 0) return found.ids.slice(0, place).reverse();
        if (place === found.ids.length - 1 && found.next !== null) await extend(found);
        return found.ids.slice(place + 1);
      },
      first: "This is the first result", last: "This is the last result",
    };
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

  Viewer.search = {
    show,
    through,
    title: () => (search.asked.q ? `${search.asked.q} · Search` : "Search"),
    focus() {
      const shown = search.isGoneThrough
        && results.querySelector(`[data-id="${Viewer.feed.shown()}"]`);
      if (shown) shown.focus();
      else document.getElementById("search-title").focus({ preventScroll: true });
    },
    focusInput: () => {
      input.focus();
      input.select();
    },
  };
})();
