// Boxes around the text in a video or a picture. The panel has the same text.
(() => {
  "use strict";
  const { svg } = Viewer.dom;
  const NAME = "boxes";

  // One setting for all videos, which the browser remembers.
  const settings = { isShown: Viewer.memory.get(NAME) === "on" };
  function toggle() {
    settings.isShown = !settings.isShown;
    Viewer.memory.set(NAME, settings.isShown ? "on" : "off");
  }

  // {element, show(seconds, found)}. The element covers the video or picture, and fits like it.
  function create() {
    const node = svg("svg", { class: "boxes", "aria-hidden": "true", focusable: "false" });
    let shown = "";

    function show(now, found) {
      node.setAttribute("viewBox", `0 0 ${found?.width ?? 1} ${found?.height ?? 1}`);
      const current = settings.isShown && found
        ? found.boxes.filter(({ start, end }) => start <= now && now <= end) : [];
      const points = current.map(({ corners }) => corners.map((point) => point.join(",")).join(" "));
      if (points.join(";") === shown) return;
      shown = points.join(";");
      node.replaceChildren(...points.map((corners) => svg("polygon", { points: corners })));
    }
    return { element: node, show };
  }

  Viewer.boxes = { create, toggle, settings };
})();
