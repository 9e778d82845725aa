// Builds elements. Text of the corpus only ever becomes text nodes, never markup.
window.Viewer = {};
(() => {
  "use strict";

  function fill(node, attributes, children) {
    for (const [name, value] of Object.entries(attributes)) {
      if (value === null || value === undefined || value === false) continue;
      if (typeof value === "function") node.addEventListener(name.slice(2), value);
      else node.setAttribute(name, value === true ? "" : value);
    }
    node.append(...children.flat(Infinity).filter((child) => child || child === 0));
    return node;
  }

  // `onclick: f` adds a listener; null, undefined and false leave an attribute or child out.
  function element(tag, attributes = {}, ...children) {
    return fill(document.createElement(tag), attributes, children);
  }

  function svg(tag, attributes = {}, ...children) {
    return fill(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);
  }

  // A stranger's text within our own line. It can't change the direction of the rest.
  const foreign = (text, attributes = {}) => element("bdi", attributes, text ?? "");

  function button(label, icon, attributes = {}) {
    return element("button",
      { type: "button", class: "round", "aria-label": label, title: label, ...attributes },
      Viewer.icon(icon));
  }

  function relabel(node, label, icon) {
    node.setAttribute("aria-label", label);
    node.title = label;
    node.replaceChildren(Viewer.icon(icon));
  }

  let hiding = 0;
  // Shows a message at the edge of the page, and announces it to screen readers.
  function announce(message) {
    const status = document.getElementById("status");
    status.textContent = message;
    status.classList.add("shown");
    clearTimeout(hiding);
    hiding = setTimeout(() => status.classList.remove("shown"), 4000);
  }

  async function copy(text, what) {
    try {
      await navigator.clipboard.writeText(text);
      announce(`Copied ${what}`);
    } catch {
      announce(`The browser refused to copy ${what}`);
    }
  }

  // A picture. If the browser can't show it, `instead` replaces it.
  function image(attributes, instead = "") {
    const node = element("img", attributes);
    node.addEventListener("error", () => node.replaceWith(instead));
    keepRatio(node);
    return node;
  }

  // Tells the style sheet the aspect ratio of the picture as shown.
  function keepRatio(node) {
    node.addEventListener("load", () =>
      node.style.setProperty("--ratio", node.naturalWidth / node.naturalHeight));
  }

  // A form over the page, until it is sent or closed. Then the focus returns to `before`.
  function openDialog(id, title, before, ...children) {
    const dialog = element("dialog", { class: "dialog", "aria-labelledby": id },
      element("form", { method: "dialog" }, element("h2", { id }, title), children));
    dialog.addEventListener("close", () => {
      dialog.remove();
      before?.focus();
    });
    document.body.append(dialog);
    dialog.showModal();
    return dialog;
  }

  const copyButton = (text, what) =>
    button(`Copy ${what}`, "copy", { class: "round small", onclick: () => copy(text, what) });

  function failure(error) {
    return element("div", { class: "empty", role: "alert" },
      element("p", { class: "empty-title" }, "Something went wrong"),
      element("p", { dir: "auto" }, error.message));
  }

  Viewer.dom = { element, svg, foreign, button, relabel, announce, copy, copyButton, image, keepRatio, openDialog,
    failure };
})();
