// The pictures of a photo post. It shows one, and loads the next.
(() => {
  "use strict";
  const { element, button, keepRatio } = Viewer.dom;

  function create(post) {
    const image = element("img", { class: "media", draggable: "false" });
    keepRatio(image);
    const ahead = new Image();
    const boxes = Viewer.boxes.create();
    const counter = element("p", { class: "counter", "aria-live": "polite" });
    const back = button("Picture before", "left", { class: "round on-media", onclick: () => step(-1) });
    const on = button("Next picture", "right", { class: "round on-media", onclick: () => step(1) });
    const dots = post.slides.map(() => element("span"));
    const node = element("div", { class: "slides", role: "group", "aria-label": "Pictures" },
      image, boxes.element, back, on, counter, element("div", { class: "dots", "aria-hidden": "true" }, dots));
    let index = 0;

    const showBoxes = () => boxes.show(0, post.picture_boxes[post.slides[index]]);
    function show() {
      const number = post.slides[index];
      image.src = Viewer.source.slide(post.id, number);
      image.alt = `Picture ${number} of ${post.slide_count}`;
      counter.textContent = `${number} / ${post.slide_count}`;
      back.disabled = index === 0;
      on.disabled = index === post.slides.length - 1;
      dots.forEach((dot, place) => dot.classList.toggle("current", place === index));
      showBoxes();
      if (!on.disabled) ahead.src = Viewer.source.slide(post.id, post.slides[index + 1]);
    }
    function step(direction) {
      index = Math.min(Math.max(index + direction, 0), post.slides.length - 1);
      show();
    }
    show();
    return { element: node, step, apply: showBoxes };
  }

  Viewer.slides = { create };
})();
