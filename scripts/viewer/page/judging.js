// "This is the one I meant": saves a query with its target, for the experiments.
(() => {
  "use strict";
  const { element, foreign, announce, openDialog } = Viewer.dom;
  const { memory } = Viewer;
  const AUTHOR = "author";

  async function attempted(act) {
    try {
      return await act();
    } catch (error) {
      announce(error.message);
      return null;
    }
  }

  // Saves a query, and tells the user. If it is new, a button next to the pressed one removes it again;
  // `onUndone` is called after that.
  async function save(pressed, text, target, onUndone, author = memory.get(AUTHOR) ?? "") {
    const query = { text, target, author };
    let answer = await attempted(() => Viewer.source.judge(query));
    if (answer?.others?.length) {
      if (!await confirmSecond(text, answer.others)) return false;
      answer = await attempted(() => Viewer.source.judge({ ...query, confirmed: true }));
    }
    if (answer === null) return false;
    const isNew = answer.added;
    announce(isNew ? "Saved in queries.json. The next button undoes it."
      : "This query is already in queries.json");
    if (isNew) {
      pressed.parentNode.querySelector(".undo")?.remove();
      pressed.after(createUndo(pressed, query, onUndone));
    }
    return true;
  }
  // People seldom want a query with several targets, so this asks, and shows the targets that it has.
  function confirmSecond(text, others) {
    const before = document.activeElement;
    const dialog = openDialog("second-title", "This query already has another target", before,
      element("p", {}, foreign(`“${text}”`), " is saved for ",
        others.map((id, number) => [number ? ", " : "", element("code", {}, id)]),
        ". Is it to mean this TikTok, too?"),
      element("div", { class: "actions" },
        element("button", { type: "button", class: "button", onclick: () => dialog.close() }, "Cancel"),
        element("button", { type: "submit", value: "yes", class: "button primary" }, "Save both")));
    return new Promise((resolve) => {
      dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"));
    });
  }
  function createUndo(pressed, query, onUndone) {
    const undo = element("button", { type: "button", class: "button undo", onclick: async () => {
      if (await attempted(() => Viewer.source.takeBack(query)) === null) return;
      announce("Removed from queries.json");
      undo.remove();
      pressed.focus();
      onUndone?.();
    } }, "Undo");
    return undo;
  }

  // Asks what the user would type to find this post. `query`: what they typed.
  function ask(pressed, id, query) {
    const text = element("input", { type: "text", required: true, maxlength: 500, dir: "auto",
      value: query, id: "judged-text" });
    const author = element("input", { type: "text", maxlength: 100, dir: "auto",
      value: memory.get(AUTHOR) ?? "", id: "judged-author" });
    const dialog = openDialog("judged-title", "This is the one I meant", pressed,
      element("p", { class: "quiet" }, "What would you type to find this TikTok again?"),
      element("label", { for: "judged-text" }, "Query"), text,
      element("label", { for: "judged-author" }, "Your name ",
        element("span", { class: "quiet" }, "(may stay empty)")), author,
      element("div", { class: "actions" },
        element("button", { type: "button", class: "button", onclick: () => dialog.close() }, "Cancel"),
        element("button", { type: "submit", class: "button primary" }, "Save")));
    dialog.addEventListener("submit", submit);

    async function submit(event) {
      event.preventDefault();
      if (!text.value.trim()) return;
      memory.set(AUTHOR, author.value.trim());
      const isSaved = await save(pressed, text.value.trim(), id, null, author.value.trim());
      if (isSaved) dialog.close();
    }
  }

  Viewer.judging = { save, ask };
})();
