// What only this browser remembers; it remembers nothing if its settings forbid it.
(() => {
  "use strict";
  const PREFIX = "tiktok-retrieval.";

  function attempted(act) {
    try {
      return act();
    } catch {
      return null;
    }
  }

  Viewer.memory = {
    get: (name) => attempted(() => localStorage.getItem(PREFIX + name)),
    set: (name, value) => attempted(() => localStorage.setItem(PREFIX + name, value)),
    remove: (name) => attempted(() => localStorage.removeItem(PREFIX + name)),
  };
})();
