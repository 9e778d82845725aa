// The feed: one post on the stage, with its neighbours ready above and below. The page contains three
// posts, however long the list is.
(() => {
  "use strict";
  const { element, button, relabel, failure, announce } = Viewer.dom;
  const { routes, source } = Viewer;
  const { settings } = Viewer.player;
  const POSTS_KEPT = 40;
  const WATCHED_MS = 800;

  const section = document.getElementById("feed");
  const stage = element("div", {
    class: "stage", tabindex: "0", role: "group", "aria-label": "Stage",
    "aria-describedby": "stage-keys",
  });
  const hint = element("p", { id: "stage-keys", class: "unseen" },
    "Arrow up and down: previous and next TikTok. Space: play or pause. Question mark: all keys.");
  const panel = element("aside", { class: "panel", "aria-label": "About this TikTok" });
  const sound = button("Turn the sound on", "muted", { onclick: toggleSound });
  const captions = button("Captions", "captions",
    { "aria-pressed": String(settings.showsCaptions), onclick: toggleCaptions });
  const boxes = button("Boxes around text", "boxes",
    { "aria-pressed": String(Viewer.boxes.settings.isShown), onclick: toggleBoxes });
  const about = button("About this TikTok", "details",
    { class: "round about", "aria-expanded": "false", onclick: () => openPanel(true) });
  const back = button("Previous TikTok", "up", { onclick: () => step(-1) });
  const on = button("Next TikTok", "down", { onclick: () => step(1) });
  const rail = element("div", { class: "rail", role: "toolbar", "aria-label": "Playing" },
    back, on, element("span", { class: "gap" }), sound, captions, boxes, about);
  section.append(element("h1", { class: "unseen" }, "Feed"),
    element("div", { class: "theatre" }, stage, hint, rail), panel);

  // The order of posts. `more(id, direction)` returns the ids after one (1) or before it (-1), nearest first.
  const BY_DATE = {
    more: async (id, direction) => (await source.feed(id, direction > 0 ? "older" : "newer")).ids,
    first: "This is the newest TikTok", last: "This is the oldest TikTok",
  };
  // `asked`: the search that found the ids. Without `order`, the search has yet to run.
  const createList = (ids, asked, ends = {}) =>
    ({ ids, asked, ends, order: routes.isSearch(asked) ? null : BY_DATE, isExtending: false });
  const state = { list: createList([], {}), index: 0, turn: 0, wanted: 0 };
  const slots = new Map();
  const known = new Map(); // the posts used last, by id
  let watching = 0;

  function remember(posts) {
    for (const post of posts) known.set(post.id, post);
  }
  async function load(ids) {
    const unknown = ids.filter((id) => !known.has(id));
    remember(await source.posts(unknown));
    const posts = ids.map((id) => known.get(id)).filter(Boolean);
    for (const post of posts) {
      known.delete(post.id);
      known.set(post.id, post);
    }
    while (known.size > POSTS_KEPT) known.delete(known.keys().next().value);
    return posts;
  }

  // Shows a post: without `id`, the last one shown, or else the newest.
  async function open(id, asked) {
    const { ids } = state.list;
    const isKnown = ids.includes(id) && routes.isSame(asked, state.list.asked);
    if (!(id ? isKnown : ids.length)) {
      const first = id ? { ids: [id], posts: [] } : await source.feed(null, "older");
      if (!first.ids.length) return showNothing("There are no TikToks in this corpus yet.");
      remember(first.posts);
      state.list = id ? createList(first.ids, asked) : createList(first.ids, {}, { "-1": true });
      state.index = 0;
    } else if (id) {
      state.index = ids.indexOf(id);
    }
    await show();
  }

  function empty() {
    slots.forEach((slot) => slot.remove());
    slots.clear();
  }
  function showNothing(...message) {
    empty();
    stage.replaceChildren(element("p", { class: "empty" }, message));
    rail.hidden = true;
    panel.replaceChildren();
  }

  // Updates the stage from `state`. A later call overtakes this one.
  async function show() {
    const turn = ++state.turn;
    const around = [0, 1, -1].filter((place) => at(place));
    const posts = await load(around.map(at));
    if (turn !== state.turn) return;
    const current = posts.find((post) => post.id === at(0));
    if (!current) {
      const what = at(0).startsWith("/") ? "The page" : "TikTok";
      return showNothing(`${what} ${at(0)} isn’t in this corpus. `,
        element("a", { ...routes.link("/search"), class: "button" }, "Search the corpus"));
    }
    if (!slots.size) stage.replaceChildren();
    rail.hidden = false;
    const wanted = new Map(posts.map((post) => [post.id, post]));
    for (const [id, slot] of slots) {
      if (!wanted.has(id)) {
        slot.remove();
        slots.delete(id);
      }
    }
    for (const place of around) {
      const post = wanted.get(at(place));
      if (!post) continue;
      if (!slots.has(post.id)) {
        slots.set(post.id, Viewer.slot.create(post,
          { onTime: (now) => onTime(post.id, now), onReady: loadNeighbours }));
        stage.append(slots.get(post.id).element);
      }
      slots.get(post.id).setPlace(place);
    }
    introduce(current);
    loadNeighbours();
    await extend();
  }

  // Load the neighbours without delaying the post on the stage.
  function loadNeighbours() {
    if (current()?.isReady()) slots.forEach((slot) => slot.content.load());
  }

  function introduce(post) {
    if (section.hidden) return; // the user has left the feed meanwhile
    const { asked } = state.list;
    routes.rename(routes.postPath(post.id, asked));
    const name = Viewer.texts.handle(post.creator);
    document.title = `${name || post.id} · TikTok-Retrieval`;
    sound.disabled = !post.has_video;
    captions.disabled = !post.cues.length;
    boxes.disabled = !post.boxes && !Object.keys(post.picture_boxes).length;
    showEnds();
    Viewer.details.show(panel, post, { asked, seek, close: () => openPanel(false) });
    clearTimeout(watching);
    watching = setTimeout(() => Viewer.watched.add(post.id), WATCHED_MS);
  }

  const at = (place) => state.list.ids[state.index + place];
  function showEnds() {
    back.disabled = !at(-1) && state.list.ends[-1];
    on.disabled = !at(1) && state.list.ends[1];
  }

  // Loads ids on both sides of the current one, and puts its neighbours on the stage.
  async function extend() {
    const { list } = state;
    if (list.isExtending) return;
    list.isExtending = true;
    try {
      list.order ??= await Viewer.search.through(list.asked, at(0)) ?? BY_DATE;
      if (state.list === list && state.index > list.ids.length - 4 && !list.ends[1]) {
        const more = await list.order.more(list.ids.at(-1), 1);
        list.ends[1] = !more.length;
        list.ids.push(...more);
      }
      if (state.list === list && state.index < 3 && !list.ends[-1]) {
        const more = await list.order.more(list.ids[0], -1);
        list.ends[-1] = !more.length;
        list.ids.unshift(...more.reverse());
        if (state.list === list) state.index += more.length;
      }
    } finally {
      list.isExtending = false;
    }
    showEnds();
    const isWhole = [-1, 1].every((place) => !at(place) || slots.has(at(place)));
    if (state.list === list && !isWhole) await show();
    const { wanted } = state;
    state.wanted = 0;
    if (wanted) step(wanted);
  }

  function step(direction) {
    if (!at(direction)) {
      if (state.list.ends[direction]) {
        announce(direction > 0 ? state.list.order.last : state.list.order.first);
      } else {
        state.wanted = direction; // as soon as it is known
      }
      return;
    }
    state.index += direction;
    guarded(show());
  }

  const current = () => slots.get(at(0))?.content;
  const seek = (seconds) => current()?.seek(seconds);
  function onTime(id, now) {
    if (id === at(0)) Viewer.details.follow(now);
  }

  function toggleSound() {
    settings.isMuted = !settings.isMuted;
    if (settings.isMuted) relabel(sound, "Turn the sound on", "muted");
    else relabel(sound, "Turn the sound off", "sound");
    current()?.apply();
  }
  function toggleCaptions() {
    Viewer.player.toggleCaptions();
    captions.setAttribute("aria-pressed", String(settings.showsCaptions));
    current()?.apply();
  }
  function toggleBoxes() {
    Viewer.boxes.toggle();
    boxes.setAttribute("aria-pressed", String(Viewer.boxes.settings.isShown));
    current()?.apply();
  }
  // On narrow screens the panel is a sheet over the stage.
  function openPanel(isOpen) {
    section.classList.toggle("with-panel", isOpen);
    about.setAttribute("aria-expanded", String(isOpen));
    (isOpen ? panel.querySelector("button") : about).focus();
  }

  async function guarded(promise) {
    try {
      await promise;
    } catch (error) {
      empty();
      stage.replaceChildren(failure(error));
    }
  }

  const KEYS = {
    ArrowDown: () => step(1), j: () => step(1), PageDown: () => step(1),
    ArrowUp: () => step(-1), k: () => step(-1), PageUp: () => step(-1),
    ArrowLeft: () => current()?.step(-1), ArrowRight: () => current()?.step(1),
    " ": () => current()?.toggle(), m: toggleSound, c: toggleCaptions, b: toggleBoxes,
    Escape: () => section.classList.contains("with-panel") && openPanel(false),
  };
  function onKey(event) {
    const act = KEYS[event.key];
    const inControl = event.target.closest("button, a, summary") && event.key === " ";
    const inPanel = panel.contains(event.target) && /^(Arrow|Page| )/.test(event.key);
    const inRange = event.target.matches("input") && /^Arrow(Left|Right)$/.test(event.key);
    if (!act || inControl || inPanel || inRange) return;
    event.preventDefault();
    act();
  }

  Viewer.gestures.onWheel(stage, step);
  Viewer.gestures.onSwipe(stage, { up: step, sideways: (way) => current()?.step(way) });

  Viewer.feed = {
    show: ({ id, asked }) => guarded(open(id, asked)),
    shown: () => at(0),
    asked: () => state.list.asked, // the search whose results are shown here, if any
    leave: () => {
      current()?.stop();
      clearTimeout(watching);
    },
    focus: () => stage.focus(),
    resume: () => current()?.start(),
    onKey,
  };
})();
