// The conditions of a search as chips. Users can remove each one, or all of them.
(() => {
  "use strict";
  const { element } = Viewer.dom;
  const { routes } = Viewer;
  const { whole } = Viewer.texts;

  const days = (value) => {
    const [first, last] = value.split("..");
    if (first && last) return first === last ? first : `${first} to ${last}`;
    return first ? `since ${first}` : `until ${last}`;
  };
  const SAID = {
    word: (value) => value,
    phrase: (value) => `“${value}”`,
    creator: (value) => `by @${value}`,
    tag: (value) => `#${value}`,
    sound: (value) => `sound “${value}”`,
    days,
    shorter: (value) => `at most ${value} s`,
    longer: (value) => `at least ${value} s`,
    lasts: (value) => `${value.replace("..", " to ")} s`,
    id: (value) => `TikTok ${value}`,
    like: (value) => `like ${value}`,
  };
  const FILTERS = {
    in: (value) => `only in ${value.replaceAll(",", ", ")}`,
    from: (value) => `posted from ${value}`,
    to: (value) => `posted to ${value}`,
    creator: (value) => `by @${value.replace(/^@/, "")}`,
    tag: (value) => `#${value.replace(/^#/, "")}`,
    not: (value) => {
      const count = value.split(",").filter(Boolean).length;
      return count === 1 ? "without a TikTok" : `without ${whole(count)} TikToks`;
    },
  };

  // `operators` contain their places in the query, counted in Unicode characters.
  function withoutOperators(query, operators) {
    const chars = [...query];
    for (const { start, end } of operators) chars.fill(" ", start, end);
    return chars.join("").split(/\s+/).filter(Boolean).join(" ");
  }

  // Chips for the conditions of a search, or null.
  function create(asked, operators) {
    const chips = [
      ...operators.map((operator) => ({
        label: (operator.is_excluded ? "not " : "") + SAID[operator.kind](operator.value),
        left: { ...asked, q: withoutOperators(asked.q, [operator]) },
      })),
      ...Object.keys(FILTERS).filter((name) => asked[name]).map((name) =>
        ({ label: FILTERS[name](asked[name]), left: { ...asked, [name]: "" } })),
    ];
    if (!chips.length) return null;
    const remove = (label, left, name, icon = null) => element("button",
      { type: "button", class: "condition", "aria-label": name, title: name,
        onclick: () => routes.go(routes.searchPath(left)) },
      element("bdi", {}, label), icon);
    return element("ul", { class: "chips conditions", "aria-label": "Conditions" },
      chips.map(({ label, left }) => element("li", {}, remove(label, left, `Remove ${label}`, Viewer.icon("close")))),
      chips.length > 1 && element("li", {},
        remove("Remove all", { q: withoutOperators(asked.q, operators) }, "Remove all conditions")));
  }

  Viewer.conditions = { create };
})();
