// The second pass of a search: a model reads the first results, and they move to their new places.
(() => {
  "use strict";
  const { announce } = Viewer.dom;
  const MOVE_MS = 400;
  const hasHover = matchMedia("(hover: hover)");
  const isStill = matchMedia("(prefers-reduced-motion: reduce)");

  // Resolves when none of the elements that will move is under the pointer or has the focus.
  function left(list) {
    const isHeld = () => (hasHover.matches && list.matches(":hover")) || list.matches(":focus-within");
    return new Promise((resolve) => {
      const look = () => {
        if (isHeld()) return;
        list.removeEventListener("pointerleave", look);
        list.removeEventListener("focusout", later);
        resolve();
      };
      const later = () => setTimeout(look); // after the focus has moved
      list.addEventListener("pointerleave", look);
      list.addEventListener("focusout", later);
      look();
    });
  }

  // Puts the cards of a list into the order of these ids, before all others.
  function reorder(list, ids) {
    const cards = new Map([...list.children].map((card) =>
      [card.querySelector("[data-id]").dataset.id, card]));
    const moved = ids.filter((id) => cards.has(id)).map((id) => cards.get(id));
    const before = new Map(moved.map((card) => [card, card.getBoundingClientRect()]));
    const isNew = moved.some((card, place) => list.children[place] !== card);
    list.prepend(...moved);
    if (!isNew || isStill.matches) return isNew;
    for (const [card, old] of before) {
      const now = card.getBoundingClientRect();
      const by = `translate(${old.left - now.left}px, ${old.top - now.top}px)`;
      card.animate([{ transform: by }, { transform: "none" }], { duration: MOVE_MS, easing: "ease" });
    }
    return true;
  }

  // Runs the second pass of a search; `isShown` is true while the list shows its results. Returns the
  // ids in their new order, or null.
  async function look(asked, list, isShown) {
    const ids = await Viewer.source.closer(asked);
    await left(list);
    if (!isShown()) return null;
    announce(reorder(list, ids) ? "The model has sorted the first results again"
      : "The model has confirmed the order");
    return ids;
  }

  Viewer.closer = { look };
})();
