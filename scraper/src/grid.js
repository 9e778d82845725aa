/** Grids of posts: profile, hashtag, search, collection, liked posts, Explore. */

import { tiles } from "./layout.js";

/** Click a link, but prevent it from loading another page, because that would end the scraper. */
export function clickLink(link) {
  const stay = (event) => event.preventDefault();
  addEventListener("click", stay);
  link.click();
  removeEventListener("click", stay);
}

/** Goes through a grid whose posts don't open, so they are read from the page's own data. */
export class GridWalk {
  #passed = new Set(); // ids

  constructor() {
    this.current = null; // the post to read, from `tiles`
  }

  /** Go on to the first post that wasn't passed, if the grid shows one. */
  advance() {
    const next = tiles().find(({ id }) => !this.#passed.has(id));
    if (!next) return false;
    this.#passed.add(next.id);
    next.tile.scrollIntoView({ block: "center", behavior: "instant" });
    this.current = next;
    return true;
  }

  /** Make the page load more. */
  scrollToEnd() {
    tiles().at(-1)?.tile.scrollIntoView({ block: "start", behavior: "instant" });
    document.scrollingElement.scrollTop = document.scrollingElement.scrollHeight;
  }
}
