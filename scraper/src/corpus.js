/** Reads the ids in a corpus from its `manifest.tsv` or its `master.json`. */

const FILE = /^(?:videos\/(\d{1,20})\.mp4|photos\/(\d{1,20})\/1\.jpg)\t[0-9a-f]{64}\t/; // the line of a file with a checksum
const RECORD = /^\s*"(\d{1,20})": ?\{/; // each record is one line of master.json
const AT_ONCE = 10_000;

/** Pass the ids in `file` to `keep`, many at a time, and return their number. */
export async function readIds(file, keep) {
  let count = 0;
  let ids = [];
  const pass = async () => {
    await keep(ids);
    count += ids.length;
    ids = [];
  };
  for await (const line of lines(file)) {
    const [, ...found] = FILE.exec(line) ?? RECORD.exec(line) ?? [];
    const id = found.find(Boolean);
    if (id) ids.push(id);
    if (ids.length === AT_ONCE) await pass();
  }
  await pass();
  return count;
}

/** The first characters of each line. A record may be long, but its id comes first. */
async function* lines(file) {
  const reader = file.stream().pipeThrough(new TextDecoderStream()).getReader();
  let line = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    const parts = value.split("\n");
    for (const part of parts.slice(0, -1)) {
      yield line + part.slice(0, 200);
      line = "";
    }
    line += parts.at(-1).slice(0, 200);
  }
  if (line) yield line;
}
