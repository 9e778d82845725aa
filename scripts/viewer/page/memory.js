// What this browser remembers, and nobody else: nothing where it isn't allowed to.
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
