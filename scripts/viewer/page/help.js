// The keys, in a dialog.
(() => {
  "use strict";
  const { element, openDialog } = Viewer.dom;
  const KEYS = [
    ["↓ or J", "Next TikTok"], ["↑ or K", "Previous TikTok"], ["Space", "Play or pause"],
    ["← →", "Five seconds back or forward; previous or next picture"], ["M", "Sound"],
    ["C", "Captions"], ["B", "Boxes around text"], ["/", "Search"], ["?", "These keys"], ["Esc", "Close"],
  ];

  function open() {
    if (document.querySelector("dialog[open]")) return;
    openDialog("help-title", "Keys", document.activeElement,
      element("dl", { class: "keys" }, KEYS.map(([key, what]) =>
        element("div", {}, element("dt", {}, element("kbd", {}, key)), element("dd", {}, what)))),
      element("p", { class: "quiet" }, "The wheel and swipes also lead to the next or previous TikTok."),
      element("div", { class: "actions" },
        element("button", { type: "submit", class: "button primary" }, "Close")));
  }

  Viewer.help = { open };
})();
