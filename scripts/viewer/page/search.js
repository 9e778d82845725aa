// Search: the address contains the query, and the results are covers and snippets.
(() => {
  "use strict";
  const { element, failure } = Viewer.dom;
  const { routes, source } = Viewer;
  const { whole } = Viewer.texts;

  const FIELDS = { description: "Description", cover: "Cover text", speech: "Speech", screen: "On screen",
    comments: "Comments", creator: "Creator", music: "Music" };
  const LOOKED_THROUGH = 240; // results to look through for a post whose address was opened
  const MOST_SEEN = 1000; // posts that an address can leave out
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
  const others = element("button", { type: "button", class: "button wide", hidden: true,
    onclick: showOthers }, "Not these");
  const closer = element("button", { type: "button", class: "button", hidden: true,
    onclick: () => lookCloser(search) }, "Look closer");
  const conditions = element("div");
  const suggestion = element("p", { class: "suggestion", hidden: true });
  section.append(
    element("h1", { id: "search-title", tabindex: "-1" }, "Search"), box, conditions, suggestion,
    element("div", { class: "found" }, count, closer), results,
    element("div", { class: "after-results" }, more, others));

  // The search that is shown. `next`: where the next page of results begins; null after the last.
  const create = (asked) =>
    ({ asked, ids: [], next: routes.isSearch(asked) ? 0 : null, coming: null });
  let search = null;
  const lengths = {}; // how many results of each search were shown, to show as many when the user comes back

  function values() {
    const chosen = boxes.map((box) => box.firstChild).filter((box) => box.checked);
    const fields = new FormData(filters);
    const isSameQuery = input.value.trim() === search?.asked.q;
    return {
      q: input.value.trim(), in: chosen.map((box) => box.value).join(","),
      from: fields.get("from"), to: fields.get("to"),
      creator: fields.get("creator").trim(), tag: fields.get("tag").trim(),
      not: (isSameQuery && search.asked.not) || "",
    };
  }
  function fill(asked) {
    const fields = asked.in.split(",");
    input.value = asked.q;
    for (const box of boxes) box.firstChild.checked = fields.includes(box.firstChild.value);
    for (const name of ["from", "to", "creator", "tag"]) filters.elements[name].value = asked[name];
  }
  // The id of a post, or a link to it, leads to the post.
  async function submit() {
    const asked = values();
    const [, linked] = /^(?:https?:\/\/)?[\w.-]*tiktok\.com\/\S*\/(?:video|photo|v)\/([0-9]{1,20})(?![0-9])\S*$/i
      .exec(asked.q) ?? [];
    const id = linked ?? (/^[0-9]{1,20}$/.test(asked.q) ? asked.q : null);
    const isAlone = id && routes.isSame(asked, { q: asked.q });
    const posts = isAlone ? await source.posts([id]).catch(() => []) : [];
    routes.go(posts.length ? routes.postPath(id) : routes.searchPath(asked));
  }

  function snippet({ field, parts }) {
    return element("p", { class: "snippet" },
      element("span", { class: "snippet-field" }, FIELDS[field] ?? field), " ",
      element("bdi", {}, parts.map(([text, isMatch]) =>
        (isMatch ? element("mark", {}, text) : text))));
  }
  function actions(hit) {
    const alike = element("button", { type: "button", class: "button",
      onclick: () => routes.go(routes.searchPath({ q: `like:${hit.id}` })) }, "More like this");
    return element("div", { class: "actions judge" }, judgeButton(hit), alike);
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
    return judge;
  }

  // The next page of results. A call during a request waits for the same page.
  function extend(found) {
    found.coming ??= load(found).finally(() => { found.coming = null; });
    return found.coming;
  }
  async function load(found) {
    try {
      const page = await source.search(found.asked, found.next);
      const hits = page.hits.filter(({ id }) => !found.ids.includes(id)); // a new database has other pages
      found.next = page.next;
      found.ids.push(...hits.map(({ id }) => id));
      lengths[routes.searchPath(found.asked)] = found.ids.length;
      if (found !== search) return;
      results.append(...hits.map((hit) => Viewer.cards.create(hit,
        routes.postPath(hit.id, found.asked),
        element("div", { class: "snippets" }, hit.snippets.map(snippet)),
        actions(hit))));
      more.hidden = page.next === null;
      others.hidden = !found.ids.length;
      count.textContent = describe(page, found.asked);
      if (hits.length === found.ids.length) await showFirst(found, page);
    } catch (error) {
      found.next = null;
      if (found !== search) return;
      results.replaceChildren();
      count.textContent = "";
      more.hidden = others.hidden = true;
      results.after(failure(error));
      if (!found.ids.length) showConditions(found, []); // one of them may be the reason
      found.hasFailed = true;
    }
  }
  function describe({ total, has_words: hasWords, operators }, { q }) {
    if (total) return total === 1 ? "1 TikTok" : `${whole(total)} TikToks`;
    return q.trim() && !hasWords && !operators.length ? "This query contains nothing to search for."
      : "Nothing found. Try fewer words, or other filters.";
  }
  function showConditions(found, operators) {
    conditions.replaceChildren(...[Viewer.conditions.create(found.asked, operators)].filter(Boolean));
  }
  // Shows what belongs to the whole search, not to one of its pages.
  async function showFirst(found, page) {
    showConditions(found, page.operators);
    suggestion.hidden = !page.suggestion;
    if (page.suggestion) {
      suggestion.replaceChildren("Did you mean ", element("a",
        routes.link(routes.searchPath({ ...found.asked, q: page.suggestion })),
        element("bdi", {}, page.suggestion)), "?");
    }
    closer.hidden = !page.closer || page.hits.length < 2 || !page.has_words;
    closer.disabled = false;
    if (!closer.hidden && page.closer === "automatic") lookCloser(found);
  }
  async function lookCloser(found) {
    closer.disabled = true;
    try {
      const ids = await Viewer.closer.look(found.asked, results, () => found === search);
      if (ids) found.ids = [...ids, ...found.ids.filter((id) => !ids.includes(id))];
    } catch (error) {
      if (found === search) results.before(failure(error));
    }
  }
  // Repeats the search without the results that it has shown.
  function showOthers() {
    const seen = [...search.asked.not.split(","), ...search.ids].filter(Boolean);
    routes.go(routes.searchPath({ ...search.asked, not: seen.slice(-MOST_SEEN).join(",") }));
  }
  async function showMore() {
    const shown = results.children.length;
    await extend(search);
    results.children[shown]?.querySelector("a").focus();
  }

  function open(asked) {
    // If the user came back, leave everything as it was. After an error, try again.
    if (search && !search.hasFailed && routes.isSame(asked, search.asked)) return;
    const hadFocus = [conditions, suggestion, closer, results, more, others]
      .some((part) => part.contains(document.activeElement));
    search = create(asked);
    fill(asked);
    box.open ||= routes.isSearch({ ...asked, q: "" });
    section.querySelector("[role=alert]")?.remove();
    results.replaceChildren();
    more.hidden = others.hidden = closer.hidden = suggestion.hidden = true;
    conditions.replaceChildren();
    const title = document.getElementById("search-title");
    title.textContent = asked.q ? `Results for “${asked.q}”` : "Search";
    if (hadFocus) title.focus({ preventScroll: true }); // what had it is gone
    count.textContent = search.next === 0 ? "Searching…" : "Type what you remember, or choose a filter.";
  }
  async function show({ asked }) {
    open(asked);
    const found = search;
    const before = lengths[routes.searchPath(asked)] ?? 1;
    while (found === search && found.next !== null && found.ids.length < before) await extend(found);
  }

  // An order for the feed: the results, if the post is among the first. It loads more results, too.
  async function through(asked, id) {
    open(asked);
    const found = search;
    while (!found.ids.includes(id) && found.next !== null && found.ids.length < LOOKED_THROUGH) {
      await extend(found);
    }
    if (!found.ids.includes(id)) return null;
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
      const cameBack = routes.isSearch(search.asked)
        && routes.isSame(search.asked, Viewer.feed.asked());
      const shown = cameBack && results.querySelector(`[data-id="${Viewer.feed.shown()}"]`);
      if (shown) shown.focus();
      else document.getElementById("search-title").focus({ preventScroll: true });
    },
    focusInput: () => {
      input.focus();
      input.select();
    },
  };
})();
