// The panel next to the stage, with everything that is known about the post.
(() => {
  "use strict";
  const { element, foreign, button, copyButton } = Viewer.dom;
  const { link, isSearch, postPath, searchPath } = Viewer.routes;
  const { date, count, clock, handle, description } = Viewer.texts;

  const COUNTS = [["likes", "Likes"], ["comments", "Comments"], ["shares", "Shares"],
    ["saves", "Saves"], ["plays", "Plays"]];
  const SOURCES = { captions: "from the site’s captions", recognition: "recognised",
    both: "from captions, and recognised" };
  let lines = [];

  function head(post, { asked, close }) {
    const name = handle(post.creator);
    return element("header", { class: "block about-head" },
      isSearch(asked)
        ? element("a", { ...link(searchPath(asked)), class: "back" }, Viewer.icon("left"),
          element("span", {}, "Results", asked.q ? [" for ", foreign(`“${asked.q}”`)] : null)) : null,
      element("div", { class: "who" },
        element("div", {},
          element("h2", { dir: "auto" }, post.nickname || name || "Unknown creator"),
          element("p", { class: "quiet" },
            name ? element("a", link(searchPath({ creator: name })), foreign(name)) : null,
            name && post.posted_date ? " · " : null, date(post.posted_date))),
        button("Close", "close", { class: "round small close", onclick: close })),
      post.description
        ? element("p", { class: "description", dir: "auto", lang: post.language },
          description(post.description)) : null,
      post.music ? element("p", { class: "music quiet" }, "♫ ", foreign(post.music)) : null,
      element("dl", { class: "counts" },
        COUNTS.filter(([key]) => post.counts[key]).map(([key, label]) =>
          element("div", {}, element("dt", {}, label), element("dd", {}, count(post.counts[key]))))));
  }

  function identity(post, query) {
    const author = handle(post.creator) || "@";
    return element("div", { class: "block identity" },
      element("p", { class: "id" }, element("span", { class: "quiet" }, "ID "),
        element("code", {}, post.id), copyButton(post.id, "the id")),
      element("div", { class: "actions" },
        Viewer.source.canJudge ? element("button", { type: "button", class: "button",
          onclick: ({ currentTarget }) => Viewer.judging.ask(currentTarget, post.id, query) },
        Viewer.icon("target"), "The one I meant …") : null,
        element("a", { class: "button", rel: "noopener noreferrer", target: "_blank",
          href: `https://www.tiktok.com/${encodeURIComponent(author)}/video/${post.id}` },
        Viewer.icon("open"), "On the site")));
  }

  function unread(text, isHere, done, what) {
    if (text !== null) return null;
    return isHere ? `Not ${done}.` : `There is no ${what}.`;
  }

  // Lines with times. A click on a line jumps to its time in the video.
  function timed(cues, seek) {
    const own = cues.map((cue) => ({ ...cue, node: element("button",
      { type: "button", class: "line", onclick: () => seek(cue.start) },
      element("span", { class: "line-time" }, clock(cue.start)),
      element("span", { class: "line-text", dir: "auto" }, cue.text)) }));
    lines.push(...own);
    return element("ol", { class: "lines" }, own.map((line) => element("li", {}, line.node)));
  }

  function transcript(post, seek) {
    const source = SOURCES[post.speech_source] ?? "";
    const nothing = unread(post.speech, post.has_video, "transcribed", "video") ?? "Nobody speaks.";
    return element("section", { class: "block", "aria-labelledby": "transcript-title" },
      element("h3", { id: "transcript-title" }, "Transcript ", element("span", { class: "quiet" }, source)),
      post.cues.length ? timed(post.cues, seek)
        : element("p", post.speech ? { dir: "auto" } : { class: "quiet" }, post.speech || nothing));
  }

  function screenText(post, seek) {
    const cues = post.screen.filter(({ start }) => start !== null);
    const untimed = post.screen.filter(({ start }) => start === null).map(({ text }) => text);
    const nothing = unread(post.screen_text, post.has_video, "read", "video") ?? "No words on it.";
    return element("section", { class: "block", "aria-labelledby": "screen-title" },
      element("h3", { id: "screen-title" }, "Text on the screen"),
      cues.length ? timed(cues, seek) : null,
      untimed.length ? element("p", { class: "cover-text", dir: "auto" }, untimed.join("\n")) : null,
      post.screen.length ? null : element("p", { class: "quiet" }, nothing));
  }

  function coverText(post) {
    const hasPicture = post.has_cover || post.slides.length;
    const nothing = unread(post.cover_text, hasPicture, "read", "cover") ?? "No words on it.";
    const what = post.slide_count ? "Text on the pictures" : "Text on the cover";
    return element("section", { class: "block", "aria-labelledby": "cover-title" },
      element("h3", { id: "cover-title" }, what),
      element("p", post.cover_text ? { class: "cover-text", dir: "auto" } : { class: "quiet" },
        post.cover_text || nothing));
  }

  // Fills the panel. `asked`: the search that found the post. `seek(seconds)` jumps in the video; `close()` closes the sheet.
  function show(panel, post, { asked, seek, close }) {
    const path = postPath(post.id, asked);
    if (panel.dataset.path === path) return;
    panel.dataset.path = path;
    lines = [];
    panel.replaceChildren(head(post, { asked, close }), identity(post, asked.q),
      transcript(post, seek), ...(post.slide_count ? [] : [screenText(post, seek)]),
      coverText(post), Viewer.comments.create(post));
    panel.scrollTop = 0;
  }

  // Marks the line that is spoken now.
  function follow(now) {
    for (const { node, start, end } of lines) {
      const isSaid = start <= now && now < end;
      if (isSaid !== node.hasAttribute("aria-current")) {
        if (isSaid) node.setAttribute("aria-current", "true");
        else node.removeAttribute("aria-current");
      }
    }
  }

  Viewer.details = { show, follow };
})();
