// "This is the one I meant": a query with its target, for the experiments.
(() => {
  "use strict";
  const { element, announce } = Viewer.dom;
  const AUTHOR = "tiktok-retrieval.author";

  // Says whether it is saved, and tells the user.
  async function save(text, id, author = localStorage.getItem(AUTHOR) ?? "") {
    try {
      const isNew = await Viewer.source.judge(text, id, author);
      announce(isNew ? "Saved to queries.json" : "This query is in queries.json already");
      return true;
    } catch (error) {
      announce(error.message);
      return false;
    }
  }

  // Asks what somebody would type to find this post; `query`: what was typed.
  function ask(id, query) {
    const text = element("input", { type: "text", required: true, maxlength: 500, dir: "auto",
      value: query, id: "judged-text" });
    const author = element("input", { type: "text", maxlength: 100, dir: "auto",
      value: localStorage.getItem(AUTHOR) ?? "", id: "judged-author" });
    const before = document.activeElement;
    const dialog = element("dialog", { class: "dialog", "aria-labelledby": "judged-title" },
      element("form", { method: "dialog", onsubmit: submit },
        element("h2", { id: "judged-title" }, "This is the one I meant"),
        element("p", { class: "quiet" }, "What would you type to find this TikTok again?"),
        element("label", { for: "judged-text" }, "Query"), text,
        element("label", { for: "judged-author" }, "Your name ",
          element("span", { class: "quiet" }, "(may stay empty)")), author,
        element("div", { class: "actions" },
          element("button", { type: "button", class: "button", onclick: () => dialog.close() }, "Cancel"),
          element("button", { type: "submit", class: "button primary" }, "Save"))));

    async function submit(event) {
      event.preventDefault();
      if (!text.value.trim()) return;
      localStorage.setItem(AUTHOR, author.value.trim());
      if (await save(text.value.trim(), id, author.value.trim())) dialog.close();
    }
    dialog.addEventListener("close", () => {
      dialog.remove();
      before?.focus();
    });
    document.body.append(dialog);
    dialog.showModal();
  }

  Viewer.judging = { save, ask };
})();
