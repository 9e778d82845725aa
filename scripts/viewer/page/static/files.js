// Reads the files of the export. They are scripts that hand over a text each: pages that are opened
// from a disk may read nothing else.
(() => {
  "use strict";
  const folder = document.documentElement.dataset.corpus;
  const given = new Map(); // texts of scripts that have run
  const known = new Map(); // promises of what was read

  function read(name) {
    return new Promise((resolve) => {
      const script = document.createElement("script");
      script.onload = script.onerror = () => {
        script.remove();
        resolve(given.has(name) ? JSON.parse(given.get(name)) : null);
        given.delete(name);
      };
      script.src = `${folder}/${name}.js`;
      document.head.append(script);
    });
  }

  Viewer.files = {
    // Called by the files themselves.
    give: (name, text) => given.set(name, text),

    // What the file holds; null where there is none.
    load(name) {
      if (!known.has(name)) known.set(name, read(name));
      return known.get(name);
    },

    // The file among `count` that has what belongs to a key: by its FNV-1a hash.
    shard(key, count) {
      let hash = 0x811c9dc5;
      for (const byte of new TextEncoder().encode(key)) {
        hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
      }
      return hash % count;
    },
  };
})();
