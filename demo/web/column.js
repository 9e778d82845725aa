/* Pages with several posts in one document: the For You feed and the page of one post (`feed` and
   `standalone`, a column of cards), and cinema mode (`cinema`, rows). It follows page.js. */

const nextWord = { en: "Next video", de: "Nächstes Video", ja: "次の動画" }[demo.words];
const isCinema = demo.surface === "cinema";
const cards = new Map();  // number: element
const column = h("div", { class: isCinema ? css("DivSnapContainer", "column") : "column" });
const forward = h("button", {
  "data-e2e": "feed-navigation-next",
  "aria-label": nextWord,
  class: "arrow next",
  onclick: (event) => (event.isTrusted || !demo.trusted) && step(),
}, "▼");
const drawer = h("div", { class: css("DivCommentMain", "comments drawer") });
let active = null;  // number of the card in view
let loading = null;

comments = drawer;

/** The column, on the page or over a grid. */
function mountColumn() {
  document.getElementById("app").append(
    isCinema
      ? h("div", { class: css("DivCinemaModeRoot", `cinema${demo.grid ? " over" : ""}`) }, column,
          h("button", { "data-e2e": "cinema-mode-exit", class: "exit" }, "×"), forward, drawer)
      : h("div", { class: demo.surface }, column, forward, ...(demo.surface === "feed" ? [drawer] : [])),
  );
}

/** The player's id names its post. In the feed, nothing else does. */
function player(item, number) {
  const [cover, video] = item.imagePost ? [] : [
    h("img", { mode: "2", class: css("ImgPoster", "cover"), src: item.video.cover, alt: "" }),
    h("video", { src: URL.createObjectURL(new MediaSource()), preload: "none" }),
  ];
  if (!item.imagePost) return h("div", { id: `xgwrapper-${number}-${item.id}`, class: "media" }, cover, video);
  return h("div", { class: "media slides" }, ...item.imagePost.images.map((image) =>
    h("img", { class: css("ImgPhotoSlide"), src: image.imageURL.urlList[0], alt: "" })));
}

function about(item, number) {
  const { author, music, stats } = item;
  const song = `/music/${music.title.replaceAll(" ", "-")}-${music.id}`;
  const onclick = (event) => (event.isTrusted || !demo.trusted) && number === active && toggleDrawer(item);
  return h("div", { class: css("DivInfoContainer", "post") },
    h("div", { class: css("DivCreatorInfoContainer") },
      h("a", { href: `/@${author.uniqueId}`, class: "creator" }, author.nickname)),
    h("div", { "data-e2e": "video-desc", class: "description" }, ...phrases(item)),
    h("h4", { "data-e2e": "video-music" }, h("a", { href: song }, `${music.title} - ${music.authorName}`)),
    h("div", { class: "numbers" },
      h("strong", { "data-e2e": "like-count" }, count(stats.diggCount)),
      h("button", {}, h("span", { "data-e2e": "comment-icon", onclick }, "💬")),
      h("strong", { "data-e2e": "comment-count" }, count(stats.commentCount))));
}

async function drawCard(number) {
  if (number < 0 || number >= demo.count || cards.has(number)) return;
  const element = isCinema
    ? h("div", { "data-cinema-mode-snap-row": "", class: "card" })
    : h("article", { "data-e2e": "recommend-list-item-container", class: "card" });
  cards.set(number, element);
  column.append(element);
  const item = await post(number);
  if (isCinema) element.dataset.cinemaModeSnapRow = item.id;
  late().then(() => element.prepend(isCinema
    ? h("div", { "data-cinema-mode-player-root": "" }, player(item, number)) : player(item, number)));
  late().then(() => element.append(about(item, number)));
}

/** In cinema mode, the address changes before the video. Elsewhere, it changes after the card. */
async function step() {
  if (active + 1 >= demo.count || loading) return;
  const number = active + 1;
  loading = number;
  const item = await post(number);
  if (isCinema) {
    history.pushState({}, "", `${path(item)}${location.search}`);
    await late();
    for (const [other, element] of cards) {
      if (other < number - 1) element.remove();
    }
  }
  await drawCard(number);
  loading = null;
  cards.get(number).scrollIntoView({ behavior: "instant" });
  activate(number);
}

async function activate(number) {
  if (active === number) return;
  const before = active;
  active = shown = number;
  const item = await post(number);
  current = item;
  forward.disabled = number + 1 >= demo.count;
  if (!isCinema) await drawCard(number + 1);
  if (demo.surface === "standalone") {
    late().then(() => active === number && history.replaceState({}, "", `${path(item)}${location.search}`));
    if (opened) moveDrawer(before, number);
  }
  if (opened) load(item);
}

/** On the page of one post, every card has its own comments, and those of the previous card stay. */
function moveDrawer(before, number) {
  const copy = drawer.cloneNode(true);
  cards.get(before)?.append(copy);
  drawer.replaceChildren();
  cards.get(number).append(drawer);
}

function toggleDrawer(item) {
  opened = !opened;
  asked = null;
  if (opened && demo.surface === "standalone") cards.get(active).append(drawer);
  if (opened) load(item);
  else comments.replaceChildren();
}

column.addEventListener("scroll", () => {
  const middle = column.getBoundingClientRect().top + column.clientHeight / 2;
  for (const [number, element] of cards) {
    const { top, bottom } = element.getBoundingClientRect();
    if (top <= middle && middle < bottom && !loading) activate(number);
  }
});

async function begin() {
  mountColumn();
  await drawCard(demo.start);
  activate(demo.start);
}
if (!demo.grid) begin();
