/** Finds which post is open, and which part of the page belongs to it: a document may contain several. */

import { GRIDS, PLAYER_ID, POST_LINK, ROW_ID, anyOf, find, findAll } from "./site.js";

/** The type of the open page, as `PAGES` names it, or null. */
export function pageType() {
  if (isCinema()) return "cinema";
  if (find("modal")) return "modal";
  const post = partsOf(location.pathname);
  if (find("card")) return post ? "standalone" : "feed";
  if (post) return "post";
  return Object.keys(GRIDS).find((name) => GRIDS[name].test(location.pathname)) ?? null;
}

/** A grid's posts in order, `{handle, kind, id, tile}`. `tile` is the link to click. */
export function tiles() {
  const links = findAll("tile").map((element) =>
    [element.closest("a"), ...element.querySelectorAll("a[href]")].find((link) => partsOf(link?.href)),
  );
  return links.filter(Boolean).map((tile) => ({ ...partsOf(tile.href), tile }));
}

/**
 * The open post, `{handle, kind, id}`, or null. `posts`: the posts in the page's data.
 *
 * In a column, the card in view shows which post is open: the address follows later, or never.
 */
export function openPost(posts) {
  const addressed = partsOf(location.pathname) ?? partsOf(find("permalink")?.textContent);
  if (!isColumn()) return addressed;
  const card = cardInView();
  const id = card && idOf(card, posts, addressed);
  if (!id || id === addressed?.id) return id ? addressed : null;
  const handle = handleOf(posts.get(id)) ?? handlesIn(card)[0] ?? "";
  return { handle, kind: isPhoto(card, posts.get(id)) ? "photo" : "video", id };
}

/** The post whose description the page shows, or null if the page doesn't say. */
export const describedPost = () => partsOf(find("permalink")?.textContent);

/** The element that contains this post and no other, or null if it isn't there (yet). */
export function rootOf(open, posts) {
  if (isCinema()) return findAll("row").find((row) => row.getAttribute(ROW_ID) === open.id) ?? null;
  if (!isColumn()) return document;
  const isThis = (card) => idOf(card, posts, partsOf(location.pathname)) === open.id;
  return findAll("card").findLast(isThis) ?? null;
}

/** The player of this post in `root`, or null if it is still another post's. */
export function playerIn(root, open) {
  const players = [...root.querySelectorAll("[id^='xgwrapper-']")];
  return players.length ? players.find((player) => PLAYER_ID.exec(player.id)?.[1] === open.id) ?? null : root;
}

/** The element with this post's comments, or null if no comments are shown that could belong to it. */
export function commentsRoot(root) {
  if (!root) return null;
  if (root === document) return find("commentList") ?? document.body;
  const own = (find("commentList", root) ?? find("drawer", root) ?? (find("comment", root) && root));
  if (own) return own;
  const others = anyOf("card");
  return [...findAll("commentList"), ...findAll("drawer")].find((list) => !list.closest(others)) ?? null;
}

/** The next card in the document, to scroll to. */
export function nextCard(open, posts) {
  const cards = findAll("card");
  return cards[cards.indexOf(rootOf(open, posts)) + 1] ?? null;
}

const isCinema = () => Boolean(find("cinema"));

/** True in a column of cards. A player that was opened over the column comes first. */
const isColumn = () => !isCinema() && !find("modal") && Boolean(find("card"));

function partsOf(address) {
  const match = POST_LINK.exec(address ?? "");
  return match && { handle: match[1], kind: match[2], id: match[3] };
}

/** The card that covers the middle of the window. */
function cardInView() {
  const middle = innerHeight / 2;
  const covers = (card) => {
    const { top, bottom } = card.getBoundingClientRect();
    return top <= middle && middle < bottom;
  };
  return findAll("card").findLast(covers) ?? null; // a long column comes before it
}

/** The id from the card's player or from a link in it, or else from the post with the same text. */
function idOf(card, posts, addressed) {
  const player = card.querySelector("[id^='xgwrapper-']");
  const named = PLAYER_ID.exec(player?.id ?? "")?.[1];
  if (named) return named;
  const text = shownText(find("description", card)?.textContent);
  if (text === null) return null;
  const handles = handlesIn(card);
  const isThis = (post) => handles.includes(handleOf(post)) && shownText(post.desc) === text;
  const same = [...posts.values()].filter(isThis);
  if (same.length === 1) return String(same[0].id);
  return addressed && handles.includes(addressed.handle) && !posts.has(addressed.id) ? addressed.id : null;
}

function handlesIn(card) {
  const links = [...card.querySelectorAll("a[href*='/@']")];
  return links.map((link) => link.getAttribute("href").match(/\/@([^/?#]+)/)?.[1]).filter(Boolean);
}

const handleOf = (post) => (typeof post?.author === "string" ? post.author : post?.author?.uniqueId);

const isPhoto = (card, post) => (post ? Boolean(post.imagePost) : findAll("photo", card).length > 0);

const shownText = (text) => text?.replace(/\s+/g, " ").trim() ?? null;
