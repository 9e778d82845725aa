// Settings that only this browser remembers. If its own settings forbid that, it forgets them.
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
