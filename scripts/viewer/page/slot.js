// One post on the stage: its video or pictures, or else its cover and the reason.
(() => {
  "use strict";
  const { element, image } = Viewer.dom;
  const { handle, description } = Viewer.texts;

  const REASONS = {
    expired: "Its link has expired.",
    gone: "The site has deleted it.",
    rejected: "It has no usable link.",
    corrupt: "The download was not a complete file.",
    transient: "The download failed; the next run tries again.",
    later: "The site asked for a pause; the next run tries again.",
    untried: "No run has requested it yet.",
    late: "Its link expired before a run requested it.",
  };
  function reason({ outcome, link_expires_at: end }) {
    const isLate = outcome === "untried" && end !== null && end * 1000 < Date.now();
    return REASONS[isLate ? "late" : outcome] ?? "";
  }
  const nothing = () => {};
  // The functions of a slot's content. A video has all of them, pictures only `step`.
  const STILL = { isReady: () => true, load: nothing, start: nothing, stop: nothing, remove: nothing,
    toggle: nothing, seek: nothing, apply: nothing, step: nothing };

  // For a post without video and pictures: the cover or the words, and the reason.
  function createStill(post, problem) {
    const file = post.missing.find((missing) => missing.kind !== "coverphotos");
    const what = post.slide_count ? "The pictures are missing." : "The video is missing.";
    const why = problem ?? (file ? reason(file) : "");
    const words = element("p", { class: "wordcover", dir: "auto" },
      post.description || post.cover_text || "No cover");
    const cover = post.has_cover
      ? image({ class: "media", src: Viewer.source.cover(post.id), alt: "Cover" }, words) : words;
    const boxes = Viewer.boxes.create();
    const apply = () => boxes.show(0, post.has_cover ? post.picture_boxes[0] : null);
    apply();
    return { apply, element: element("div", { class: "still" }, cover, boxes.element,
      element("p", { class: "notice" },
        element("strong", {}, problem ? "The browser can’t play this." : what), " ", why)) };
  }

  // {element, content, place}. `place`: -1 for the previous post, 0 for the one on the stage, 1 for the next.
  function create(post, { onTime, onReady }) {
    const backdrop = post.has_cover
      ? image({ class: "backdrop", src: Viewer.source.cover(post.id), alt: "" }) : null;
    const words = element("div", { class: "words" },
      element("p", { class: "words-name", dir: "auto" }, handle(post.creator)),
      element("p", { class: "words-text", dir: "auto" }, description(post.description)));
    const node = element("article", { class: "slot", "aria-label": "TikTok" }, backdrop);
    const slot = { element: node, place: null };

    function fill(content) {
      slot.content?.element.remove();
      slot.content = { ...STILL, ...content };
      node.append(content.element, words);
    }
    function broken() {
      fill(createStill(post, "It does not support the format, or the file is damaged."));
      onReady();
    }
    slot.setPlace = (place) => {
      if (place === slot.place) return;
      const wasShown = slot.place === 0;
      slot.place = place;
      node.style.setProperty("--place", place);
      node.inert = place !== 0;
      node.classList.toggle("current", place === 0);
      if (place === 0) slot.content.start();
      else if (wasShown) slot.content.stop();
    };
    slot.remove = () => {
      slot.content.remove();
      node.remove();
    };

    if (post.has_video) fill(Viewer.player.create(post, { onTime, onReady, onBroken: broken }));
    else if (post.slides.length) fill(Viewer.slides.create(post));
    else fill(createStill(post));
    return slot;
  }

  Viewer.slot = { create };
})();
