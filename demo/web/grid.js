/* Grids of posts: more of them load near the lower end. A click opens a post over the grid. It
   follows page.js and column.js. */

const tileName = { profile: "user-post-item", liked: "user-post-item", search: "search_video-item" }[demo.grid]
  ?? "grid-item-container";
const grid = h("div", { class: "grid" });
const lower = h("div", { class: css("DivLoadingContainer") }, "…");
let tiles = 0;
document.getElementById("app").append(grid, lower);

function tile(item, number) {
  const onclick = (event) => {
    if (demo.trusted && !event.isTrusted) return;  // and the link leads to another page
    event.preventDefault();
    openTile(item, number);
  };
  const href = `${path(item)}${location.search}`;
  return h("div", { "data-e2e": tileName, class: css("DivItemContainer", "tile") },
    h("a", { href, onclick }, h("img", { src: item.video.cover, alt: "" })),
    h("a", { href: `/@${item.author.uniqueId}` }, item.author.nickname));
}

function openTile(item, number) {
  history.pushState({}, "", `${path(item)}${location.search}`);
  if (inColumn) {
    demo.start = number;
    begin();
  } else {
    mount();
    show(number);
  }
}

async function loadTiles() {
  const stop = Math.min(tiles + 6, demo.count);
  await late();
  for (; tiles < stop; tiles += 1) grid.append(tile(await post(tiles), tiles));
  if (tiles >= demo.count) lower.remove();
}

/** Load more as long as the lower end is near, because an observer reports only changes. */
let isLoading = false;
const lowerEnd = new IntersectionObserver(async (entries) => {
  if (isLoading || !entries.some((entry) => entry.isIntersecting)) return;
  isLoading = true;
  await loadTiles();
  isLoading = false;
  lowerEnd.unobserve(lower);
  if (lower.isConnected) lowerEnd.observe(lower);
});
lowerEnd.observe(lower);
