// Maps the examples on standard input with the scraper's own code, and writes the records.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const { postRecord, commentRecord } = await import(pathToFileURL(process.argv[2]));
const { posts, comments } = JSON.parse(readFileSync(0, "utf8"));

const known = (record) => Object.fromEntries(Object.entries(record).filter(([, value]) => value !== null));

const mapped = {
  posts: posts.map(({ item, handle, kind }) => {
    const open = { id: String(item.id), handle, kind };
    return known(postRecord({ open, post: item, shown: {}, webId: null }, "").record);
  }),
  comments: comments.map(({ item, creator }) => ({
    "comment-text": null,
    ...known(commentRecord(item, creator)),
  })),
};
console.log(JSON.stringify(mapped));
