// A post in a list: its cover, its creator, and other contents.
(() => {
  "use strict";
  const { element, image } = Viewer.dom;
  const { date, handle } = Viewer.texts;

  // `content` goes below the name; `actions` are buttons outside the link.
  function create(post, path, content = null, actions = null) {
    const name = handle(post.creator) || "Unknown creator";
    const cover = post.has_cover
      ? image({ src: Viewer.source.cover(post.id), alt: "", loading: "lazy", decoding: "async" },
        Viewer.icon("image"))
      : Viewer.icon("image");
    return element("li", { class: "card" },
      element("a", { ...Viewer.routes.link(path), class: "card-link", "data-id": post.id },
        element("span", { class: "card-cover" }, cover),
        element("span", { class: "card-name", dir: "auto" }, name),
        element("span", { class: "card-date" }, date(post.posted_date))),
      content, actions);
  }

  Viewer.cards = { create };
})();
