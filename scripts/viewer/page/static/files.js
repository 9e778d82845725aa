// Reads the files of the export. Each is a script that passes on a text, because a page that is opened
// from a disk can't read other files.
(() => {
  "use strict";
  const folder = document.documentElement.dataset.corpus;
  const given = new Map(); // texts of scripts that have run
  const known = new Map(); // promises of contents, by name

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

    // Returns the content of a file; null if it doesn't exist.
    load(name) {
      if (!known.has(name)) known.set(name, read(name));
      return known.get(name);
    },

    // The number of the file, of `count`, that contains a key, from the key's FNV-1a hash.
    shard(key, count) {
      let hash = 0x811c9dc5;
      for (const byte of new TextEncoder().encode(key)) {
        hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
      }
      return hash % count;
    },
  };
})();
