// The keys, in a dialog.
(() => {
  "use strict";
  const { element } = Viewer.dom;
  const KEYS = [
    ["↓ or J", "Next TikTok"], ["↑ or K", "TikTok before"], ["Space", "Play or pause"],
    ["← →", "Five seconds back or on; the pictures of a photo post"], ["M", "Sound"],
    ["C", "Captions"], ["/", "Search"], ["?", "These keys"], ["Esc", "Close"],
  ];

  function open() {
    if (document.querySelector("dialog[open]")) return;
    const before = document.activeElement;
    const dialog = element("dialog", { class: "dialog", "aria-labelledby": "help-title" },
      element("form", { method: "dialog" },
        element("h2", { id: "help-title" }, "Keys"),
        element("dl", { class: "keys" }, KEYS.map(([key, what]) =>
          element("div", {}, element("dt", {}, element("kbd", {}, key)), element("dd", {}, what)))),
        element("p", { class: "quiet" }, "Wheel and swipe go from one TikTok to the next, too."),
        element("div", { class: "actions" },
          element("button", { type: "submit", class: "button primary" }, "Close"))));
    dialog.addEventListener("close", () => {
      dialog.remove();
      before?.focus();
    });
    document.body.append(dialog);
    dialog.showModal();
  }

  Viewer.help = { open };
})();
