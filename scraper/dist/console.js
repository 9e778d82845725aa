/******************************************/
// TikTok-Retrieval: the browser scraper. Built from scraper/ by `npm run build`.
(() => {
  // src/batch.js
  var DATABASE = "tiktok-retrieval";
  var VERSION_OF_DATABASE = 2;
  var STORES = {
    records: { keyPath: "id" },
    // {id, record, asked}
    exported: {},
    // by id: true, if the export contains the present record
    log: { autoIncrement: true },
    // {time, id, what, why}
    corpus: {},
    // by id: true, if the corpus has the TikTok
    settings: {}
    // by name
  };
  var AT_ONCE = 25;
  var FULL = "the browser has no more space: press Export, then New batch, and start again";
  var Batch = class extends EventTarget {
    #database = null;
    #channel = new BroadcastChannel(DATABASE);
    constructor() {
      super();
      this.#channel.onmessage = () => this.dispatchEvent(new Event("change"));
    }
    /** The record with this id and the settings it was scraped with, `{id, record, asked}`, or null. */
    async get(id) {
      return await this.#do("readonly", ["records"], ({ records }) => records.get(id)) ?? null;
    }
    /** Store what `change` returns for the earlier entry (or null), `{record, asked}`; return the record. */
    async update(id, change) {
      let entry;
      await this.#do("readwrite", ["records", "exported", "log"], ({ records, exported, log }) => {
        records.get(id).onsuccess = ({ target }) => {
          entry = { id, ...change(target.result ?? null) };
          records.put(entry);
          exported.delete(id);
          const missing = Object.entries(entry.record.missing ?? {});
          missing.forEach(([what, why]) => log.add({ time: Date.now(), id, what, why }));
        };
      });
      this.#changed();
      return entry.record;
    }
    /** Write to the log what was missed, and why. */
    async note(id, what, why) {
      const time = Date.now();
      await this.#do("readwrite", ["log"], ({ log }) => log.add({ time, id, what, why }));
    }
    log() {
      return this.#do("readonly", ["log"], ({ log }) => log.getAll());
    }
    /** The records with these ids, in their order, each once. */
    async records(ids) {
      const entries = [];
      for (const id of new Set(ids)) entries.push(await this.get(id));
      return entries.filter(Boolean).map(({ record }) => record);
    }
    /** All entries by id, a few at a time. */
    async *entries() {
      for (let range = null; ; ) {
        const found = await this.#do("readonly", ["records"], ({ records }) => records.getAll(range, AT_ONCE));
        if (!found.length) return;
        yield* found;
        range = IDBKeyRange.lowerBound(found.at(-1).id, true);
      }
    }
    /** `{count, exported}` */
    async counts() {
      const asked = {};
      await this.#do("readonly", ["records", "exported"], ({ records, exported }) => {
        asked.count = records.count();
        asked.exported = exported.count();
      });
      return { count: asked.count.result, exported: asked.exported.result };
    }
    async exportedIds() {
      return new Set(await this.#do("readonly", ["exported"], ({ exported }) => exported.getAllKeys()));
    }
    /** Note that a file contains these records, unless they were scraped again since `time` (unix seconds). */
    async markExported(ids, time) {
      await this.#do("readwrite", ["records", "exported"], ({ records, exported }) => {
        for (const id of ids) {
          records.get(id).onsuccess = ({ target }) => {
            if (target.result?.record["scrape-timestamp"] <= time) exported.put(true, id);
          };
        }
      });
      this.#changed();
    }
    async clear() {
      await this.#do(
        "readwrite",
        ["records", "exported", "log"],
        (stores) => Object.values(stores).forEach((store) => store.clear())
      );
      this.#changed();
    }
    // --- the ids in the corpus
    async isInCorpus(id) {
      return await this.#do("readonly", ["corpus"], ({ corpus }) => corpus.count(id)) > 0;
    }
    async addToCorpus(ids) {
      await this.#do("readwrite", ["corpus"], ({ corpus }) => ids.forEach((id) => corpus.put(true, id)));
      this.#changed();
    }
    corpusCount() {
      return this.#do("readonly", ["corpus"], ({ corpus }) => corpus.count());
    }
    async setting(name) {
      return await this.#do("readonly", ["settings"], ({ settings }) => settings.get(name)) ?? null;
    }
    async set(name, value) {
      await this.#do("readwrite", ["settings"], ({ settings }) => settings.put(value, name));
    }
    // --- the database
    #changed() {
      this.dispatchEvent(new Event("change"));
      this.#channel.postMessage("change");
    }
    async #do(mode, names, request) {
      this.#database ??= this.#open();
      const transaction = (await this.#database).transaction(names, mode, { durability: "strict" });
      const asked = request(Object.fromEntries(names.map((name) => [name, transaction.objectStore(name)])));
      return new Promise((resolve, reject) => {
        transaction.oncomplete = () => resolve(asked?.result);
        transaction.onabort = () => {
          const { error } = transaction;
          reject(error?.name === "QuotaExceededError" ? new Error(FULL) : error);
        };
      });
    }
    #open() {
      return new Promise((resolve, reject) => {
        const opening = indexedDB.open(DATABASE, VERSION_OF_DATABASE);
        opening.onupgradeneeded = () => {
          const known3 = opening.result.objectStoreNames;
          const lacking = Object.entries(STORES).filter(([name]) => !known3.contains(name));
          lacking.forEach(([name, options]) => opening.result.createObjectStore(name, options));
        };
        opening.onsuccess = () => resolve(opening.result);
        opening.onerror = () => reject(opening.error);
      });
    }
  };

  // src/found.js
  var attributeFilter = ["aria-label", "class", "data-cinema-mode-snap-row", "data-e2e", "id", "mode"];
  var known = /* @__PURE__ */ new Map();
  var observer = null;
  function allInDocument(selector) {
    if (!observer) {
      observer = new MutationObserver(forgetChanged);
      observer.observe(document, { attributeFilter, childList: true, subtree: true });
    }
    forgetChanged(observer.takeRecords());
    if (!known.has(selector)) known.set(selector, [...document.querySelectorAll(selector)]);
    return known.get(selector);
  }
  function forgetChanged(changes) {
    if (!changes.length) return;
    const nodes = changes.flatMap(({ type, target, addedNodes }) => type === "attributes" ? [target] : [...addedNodes]);
    const touched = [...new Set(nodes)].filter((node) => node instanceof Element);
    for (const [selector, elements] of known) {
      const isGone = (element2) => !element2.isConnected || !element2.matches(selector);
      const isFound = (element2) => element2.matches(selector) || element2.querySelector(selector);
      if (elements.some(isGone) || touched.some(isFound)) known.delete(selector);
    }
  }

  // src/site.js
  var e2e = (name) => `[data-e2e='${name}']`;
  var part = (name) => `[class*='${name}']`;
  var SELECTORS = {
    // The type of page, and its parts that each belong to one post.
    modal: [["[data-e2e^='browse-']", "2026"]],
    cinema: [[part("DivCinemaModeRoot"), "2026"]],
    row: [["[data-cinema-mode-snap-row]", "2026"]],
    // of cinema mode
    card: [["article[data-e2e='recommend-list-item-container']", "2026"]],
    tile: [
      [e2e("user-post-item"), "2026"],
      [e2e("search_video-item"), "2026"],
      [e2e("grid-item-container"), "2026"]
    ],
    // The post.
    permalink: [[e2e("browse-video-link"), "2026"]],
    likeCount: [[e2e("browse-like-count"), "2026"], [e2e("like-count"), "2026"]],
    commentCount: [
      [e2e("browse-comment-count"), "2026"],
      [e2e("comment-count"), "2026"]
    ],
    username: [
      [e2e("browse-username"), "2026"],
      [e2e("video-author-uniqueid"), "2025"]
    ],
    nickname: [
      [e2e("browser-nickname"), "2026"],
      // nickname · date
      ["[class*='DivCreatorInfoContainer'] a", "2026"]
    ],
    description: [
      [e2e("browse-video-desc"), "2026"],
      [e2e("video-desc"), "2026"],
      [e2e("new-desc-span"), "2025"]
    ],
    music: [["[data-e2e='browse-music'] a", "2026"], ["[data-e2e='video-music'] a", "2025"]],
    video: [["[data-e2e='browse-video'] video", "2025"], ["video", "2026"]],
    cover: [["img[mode='2']", "2023"]],
    photo: [
      ["[data-e2e='detail-photo'] .swiper-slide:not(.swiper-slide-duplicate) img", "2025"],
      ["[data-e2e='detail-photo'] img", "2025"],
      ["img[class*='ImgPhotoSlide']", "2026"]
    ],
    // Its comments.
    openComments: [
      [e2e("browse-comment-icon"), "2026"],
      [e2e("comment-icon"), "2026"]
    ],
    commentList: [[e2e("comment-list"), "2025"], [e2e("comments-list"), "2025"]],
    drawer: [[part("DivCommentMain"), "2026"]],
    // replaces the list since 2026
    comment: [[e2e("comment-level-1"), "2026"]],
    reply: [[e2e("comment-level-2"), "2026"]],
    commenter: [[e2e("comment-username-1"), "2026"]],
    replier: [[e2e("comment-username-2"), "2026"]],
    creatorMark: [["[data-e2e^='comment-creator']", "2025"]],
    // a translated word after the name
    commentTime: [
      [e2e("comment-time-1"), "2025"],
      [e2e("comment-time-2"), "2025"],
      ["[class*='DivCommentSubContentSplitWrapper'] span", "2026"]
    ],
    commentLikes: [
      [e2e("comment-like-count"), "2025"],
      ["[class*='DivLikeContainer'] span", "2026"]
    ],
    moreReplies: [
      [e2e("view-more-1"), "2025"],
      [e2e("view-more-2"), "2025"],
      [part("DivViewRepliesContainer"), "2026"]
    ],
    // What leads on, and what blocks it.
    next: [
      ["button[data-e2e='arrow-right']", "2026"],
      [e2e("feed-navigation-next"), "2026"],
      ["[class*='DivCinemaModeRoot'] button[aria-label='Next video']", "2026"]
    ],
    captcha: [
      ["#captcha-verify-container-main-page", "2025"],
      ["#captcha_container", "2025"],
      ["#captcha-verify-image", "2026"],
      ["[class*='captcha-verify']", "2026"],
      ["[class*='captcha_verify']", "2025"]
    ],
    login: [
      ["#login-modal", "2025"],
      [e2e("login-modal"), "2025"],
      ["#loginContainer", "2026"]
    ]
  };
  var COMMENTS = ["comment", "commenter", "commentTime", "commentLikes"];
  var POST = ["likeCount", "commentCount", "nickname", "description", "openComments", ...COMMENTS];
  var PAGES = {
    modal: [...POST, "permalink", "username", "music", "video", "commentList", "next"],
    cinema: [...POST, "video", "drawer", "next"],
    feed: [...POST, "card", "video", "drawer", "next"],
    standalone: [...POST, "card", "video", "drawer", "next"],
    post: [...POST, "username", "video"],
    profile: ["tile"],
    collection: ["tile"],
    hashtag: ["tile"],
    search: ["tile"],
    explore: ["tile"]
  };
  var GRIDS = {
    collection: /^\/@[^/]+\/(?:collection|playlist)\//,
    profile: /^\/@[^/]+\/?$/,
    hashtag: /^\/tag\//,
    search: /^\/search\b/,
    explore: /^\/explore\b/
  };
  var ROW_ID = "data-cinema-mode-snap-row";
  var PLAYER_ID = /^xgwrapper-\d+-(\d{1,20})$/;
  var EMBEDDED = {
    rehydration: "__UNIVERSAL_DATA_FOR_REHYDRATION__",
    // 2026
    sigi: "SIGI_STATE"
    // 2025
  };
  var JSON_PATHS = {
    posts: [
      [["itemList", "[]"], "2026"],
      [["item_list", "[]"], "2026"],
      [["data", "[]", "item"], "2026"],
      [["itemInfo", "itemStruct"], "2026"],
      [["__DEFAULT_SCOPE__", "webapp.video-detail", "itemInfo", "itemStruct"], "2026"],
      [["__DEFAULT_SCOPE__", "webapp.updated-items", "**"], "2026"],
      [["__DEFAULT_SCOPE__", "webapp.user-post", "**"], "2026"],
      [["ItemModule", "[]"], "2025"]
    ],
    webId: [
      [["__DEFAULT_SCOPE__", "webapp.app-context", "wid"], "2026"],
      [["AppContext", "appContext", "wid"], "2025"]
    ],
    comments: [[["comments", "[]"], "2026"]],
    listGoesOn: [[["hasMore"], "2026"], [["has_more"], "2026"]]
  };
  var ENDPOINTS = {
    api: /^\/api\//,
    // 2026
    comments: /^\/api\/comment\/list\/?$/,
    // 2026-09
    replies: /^\/api\/comment\/list\/reply\/?$/,
    // 2026
    commentsPath: "/api/comment/list/",
    repliesPath: "/api/comment/list/reply/"
  };
  var REQUESTS = [["few", "2026-09"], ["own", "2025"]];
  var MINIMAL_QUERY = { aid: 1988, count: 50 };
  var POST_PARAMETERS = ["aweme_id", "item_id", "comment_id"];
  var SIGNATURES = ["X-Bogus", "X-Gnarly", "_signature"];
  var WEB_ID = { inLinks: "web_id", inRequests: "device_id", stored: "__tea_cache_tokens_1988" };
  var POST_LINK = /\/@([^/?#]+)\/(video|photo)\/(\d{1,20})/;
  var HOME = "https://www.tiktok.com";
  var linkOf = ({ handle, kind, id }) => `${HOME}/@${handle}/${kind}/${id}`;
  var FIRST_PAGE = 20;
  var valuesOf = (thing, json) => JSON_PATHS[thing].flatMap(([path]) => valuesAt(json, path));
  function valuesAt(json, path) {
    let values = [json];
    for (const key of path) {
      values = values.flatMap((value) => {
        if (value === null || typeof value !== "object") return [];
        if (key === "**") return allBelow(value);
        return key === "[]" ? Object.values(value) : [value[key]];
      });
    }
    return values.filter((value) => value !== void 0 && value !== null);
  }
  function allBelow(value) {
    if (value === null || typeof value !== "object") return [];
    return Object.values(value).flatMap((part2) => [part2, ...allBelow(part2)]);
  }
  function find(thing, root = document) {
    for (const [selector] of SELECTORS[thing]) {
      const element2 = root === document ? allInDocument(selector)[0] : root.querySelector(selector);
      if (element2) return element2;
    }
    return null;
  }
  function findAll(thing, root = document) {
    for (const [selector] of SELECTORS[thing]) {
      const elements = root === document ? allInDocument(selector) : root.querySelectorAll(selector);
      if (elements.length) return [...elements];
    }
    return [];
  }
  var anyOf = (thing) => SELECTORS[thing].map(([selector]) => selector).join(", ");

  // src/layout.js
  function pageType() {
    if (isCinema()) return "cinema";
    if (find("modal")) return "modal";
    const post = partsOf(location.pathname);
    if (find("card")) return post ? "standalone" : "feed";
    if (post) return "post";
    return Object.keys(GRIDS).find((name) => GRIDS[name].test(location.pathname)) ?? null;
  }
  function tiles() {
    const links = findAll("tile").map(
      (element2) => [element2.closest("a"), ...element2.querySelectorAll("a[href]")].find((link) => partsOf(link?.href))
    );
    return links.filter(Boolean).map((tile) => ({ ...partsOf(tile.href), tile }));
  }
  function openPost(posts) {
    const addressed = partsOf(location.pathname) ?? partsOf(find("permalink")?.textContent);
    if (!isColumn()) return addressed;
    const card = cardInView();
    const id = card && idOf(card, posts, addressed);
    if (!id || id === addressed?.id) return id ? addressed : null;
    const handle = handleOf(posts.get(id)) ?? handlesIn(card)[0] ?? "";
    return { handle, kind: isPhoto(card, posts.get(id)) ? "photo" : "video", id };
  }
  var describedPost = () => partsOf(find("permalink")?.textContent);
  function rootOf(open, posts) {
    if (isCinema()) return findAll("row").find((row) => row.getAttribute(ROW_ID) === open.id) ?? null;
    if (!isColumn()) return document;
    const isThis = (card) => idOf(card, posts, partsOf(location.pathname)) === open.id;
    return findAll("card").findLast(isThis) ?? null;
  }
  function playerIn(root, open) {
    const players = [...root.querySelectorAll("[id^='xgwrapper-']")];
    return players.length ? players.find((player) => PLAYER_ID.exec(player.id)?.[1] === open.id) ?? null : root;
  }
  function commentsRoot(root) {
    if (!root) return null;
    if (root === document) return find("commentList") ?? document.body;
    const own = find("commentList", root) ?? find("drawer", root) ?? (find("comment", root) && root);
    if (own) return own;
    const others = anyOf("card");
    return [...findAll("commentList"), ...findAll("drawer")].find((list) => !list.closest(others)) ?? null;
  }
  function nextCard(open, posts) {
    const cards = findAll("card");
    return cards[cards.indexOf(rootOf(open, posts)) + 1] ?? null;
  }
  var isCinema = () => Boolean(find("cinema"));
  var isColumn = () => !isCinema() && !find("modal") && Boolean(find("card"));
  function partsOf(address) {
    const match = POST_LINK.exec(address ?? "");
    return match && { handle: match[1], kind: match[2], id: match[3] };
  }
  function cardInView() {
    const middle = innerHeight / 2;
    const covers = (card) => {
      const { top, bottom } = card.getBoundingClientRect();
      return top <= middle && middle < bottom;
    };
    return findAll("card").findLast(covers) ?? null;
  }
  function idOf(card, posts, addressed) {
    const player = card.querySelector("[id^='xgwrapper-']");
    const named = PLAYER_ID.exec(player?.id ?? "")?.[1];
    if (named) return named;
    const text3 = shownText(find("description", card)?.textContent);
    if (text3 === null) return null;
    const handles = handlesIn(card);
    const isThis = (post) => handles.includes(handleOf(post)) && shownText(post.desc) === text3;
    const same = [...posts.values()].filter(isThis);
    if (same.length === 1) return String(same[0].id);
    return addressed && handles.includes(addressed.handle) && !posts.has(addressed.id) ? addressed.id : null;
  }
  function handlesIn(card) {
    const links = [...card.querySelectorAll("a[href*='/@']")];
    return links.map((link) => link.getAttribute("href").match(/\/@([^/?#]+)/)?.[1]).filter(Boolean);
  }
  var handleOf = (post) => typeof post?.author === "string" ? post.author : post?.author?.uniqueId;
  var isPhoto = (card, post) => post ? Boolean(post.imagePost) : findAll("photo", card).length > 0;
  var shownText = (text3) => text3?.replace(/\s+/g, " ").trim() ?? null;

  // src/check.js
  function checkSite(data2) {
    data2.readEmbedded();
    return [...pageRows(), ...selectorRows(), ...embeddedRows(), ...answerRows(data2)];
  }
  function pageRows() {
    const open = pageType();
    return Object.entries(PAGES).map(([name, needs]) => {
      const lost = needs.filter((need) => !find(need));
      const state = lost.length ? `lacks ${lost.join(", ")}` : "has all parts";
      return { what: "page", name, pattern: name === open ? state : "not open now", found: needs.length - lost.length };
    });
  }
  function selectorRows() {
    return Object.entries(SELECTORS).flatMap(
      ([name, selectors]) => selectors.map(([pattern, seen]) => ({
        what: "selector",
        name,
        pattern,
        seen,
        found: document.querySelectorAll(pattern).length
      }))
    );
  }
  function embeddedRows() {
    const texts = Object.values(EMBEDDED).map((id) => document.getElementById(id)?.textContent);
    const pages = texts.filter(Boolean).map((text3) => JSON.parse(text3));
    return ["posts", "webId"].flatMap(
      (name) => JSON_PATHS[name].map(([path, seen]) => ({
        what: "JSON of the page",
        name,
        pattern: path.join(" → "),
        seen,
        found: pages.flatMap((page) => valuesAt(page, path)).length
      }))
    );
  }
  function answerRows(data2) {
    const answers = Object.entries(data2.seen).map(([name, found]) => ({
      what: "answers to the page",
      name,
      pattern: "see ENDPOINTS",
      found
    }));
    const asked = REQUESTS.map(([name, seen]) => ({
      what: "answers to the scraper",
      name,
      pattern: "see REQUESTS",
      seen,
      found: data2.answered[name]
    }));
    return [...answers, ...asked];
  }

  // src/dom.js
  function dialog() {
    return ["captcha", "login"].find((kind) => find(kind)?.checkVisibility()) ?? null;
  }
  function nextButton() {
    const found = find("next");
    const button = found?.querySelector("button") ?? found;
    return button && !button.disabled && button.ariaDisabled !== "true" ? button : null;
  }
  var textOf = (element2) => element2?.innerText?.trim() ?? null;
  var READERS = {
    permalink: textOf,
    likeCount: textOf,
    commentCount: textOf,
    username: (element2) => textOf(element2)?.replace(/^@/, ""),
    nickname: (element2) => splitNickname(element2)[0],
    description: textOf,
    music: textOf,
    video: (element2) => element2.getAttribute("src") || element2.currentSrc || "",
    cover: (element2) => element2.getAttribute("src")
  };
  function shownPost(root, open) {
    if (!root) return {};
    const shown = {};
    for (const [name, read] of Object.entries(READERS)) {
      const element2 = elementOf(name, root, open);
      if (element2) shown[name] = read(element2);
    }
    const nickname = find("nickname", root);
    if (nickname) shown.date = splitNickname(nickname)[1];
    shown.musicLink = find("music", root)?.href;
    shown.photos = [...new Set(findAll("photo", root).map((image) => image.getAttribute("src")))];
    return shown;
  }
  function splitNickname(element2) {
    const text3 = textOf(element2);
    const dot = text3.lastIndexOf("·");
    return dot < 0 ? [text3, null] : [text3.slice(0, dot).trim(), text3.slice(dot + 1).trim()];
  }
  function isMediaLink(link) {
    return /^https?:/.test(link ?? "") && !POST_LINK.test(link);
  }
  function shownComments(root, creator) {
    const list = commentsRoot(root);
    return (list ? findAll("comment", list) : []).map((text3) => new ShownComment(text3, list, creator));
  }
  var ShownComment = class _ShownComment {
    constructor(text3, list, creator, isReply = false) {
      this.text = text3;
      this.creator = creator;
      this.isReply = isReply;
      this.item = itemOf(text3, isReply ? `${anyOf("comment")}, ${anyOf("reply")}` : anyOf("comment"), list);
    }
    get id() {
      return this.text.closest("[id]")?.id.match(/^\d{10,20}$/)?.[0];
    }
    /** A key that stays the same for a comment, even after the page draws it again. */
    get signature() {
      const { id, record } = this;
      return id ?? JSON.stringify([record["commenter-handle"], record["comment-text"], record["time-posted"]]);
    }
    get replies() {
      return findAll("reply", this.item).map((text3) => new _ShownComment(text3, this.item, this.creator, true));
    }
    /** The element that shows more replies. If there are several, the last ones hide replies. */
    get expander() {
      return this.isReply ? null : find("moreReplies", this.item);
    }
    get repliesCount() {
      const more = numberIn(textOf(this.expander));
      const shown = this.isReply ? 0 : findAll("reply", this.item).length;
      if (!shown) return more;
      return String(shown + (Number(more) || 0));
    }
    get record() {
      const handle = this.#handle();
      return {
        "commenter-username": this.#name(handle === this.creator),
        "comment-text": textOf(this.text),
        "time-posted": textOf(this.#part("commentTime")),
        "like-count": textOf(this.#part("commentLikes")),
        "replies-count": this.repliesCount,
        ...this.id && { "comment-id": this.id },
        ...handle && { "commenter-handle": handle }
      };
    }
    #commenter() {
      return find(this.isReply ? "replier" : "commenter", this.item);
    }
    #handle() {
      const commenter = this.#commenter();
      const link = commenter?.querySelector("a[href]") ?? commenter?.closest("a[href]");
      return link?.getAttribute("href").match(/\/@([^/?#]+)/)?.[1] ?? null;
    }
    #name(isCreator) {
      const commenter = this.#commenter();
      if (!commenter) return null;
      const copy = (commenter.querySelector("a") ?? commenter).cloneNode(true);
      findAll("creatorMark", copy).forEach((mark) => mark.remove());
      const name = copy.textContent.trim();
      return `@${isCreator ? `${name.replace(/\s*·$/, "")} · Creator` : name}`;
    }
    /** A part of this comment, but not of the replies below it. */
    #part(thing) {
      const part2 = find(thing, this.item);
      const reply = this.isReply ? null : find("reply", this.item);
      const below = reply && reply.compareDocumentPosition(part2) & Node.DOCUMENT_POSITION_FOLLOWING;
      return below ? null : part2;
    }
  };
  function itemOf(text3, others, list) {
    let item = text3;
    while (item.parentElement && item.parentElement !== list) {
      const inside = [...item.parentElement.querySelectorAll(others)];
      if (inside.some((other) => other !== text3)) break;
      item = item.parentElement;
    }
    return item;
  }
  function numberIn(text3) {
    const number2 = text3?.match(new RegExp("\\p{Nd}+(?:[.,]\\p{Nd}+)?[KMB]?", "u"))?.[0] ?? "";
    return number2.replace(new RegExp("\\p{Nd}", "gu"), digitValue);
  }
  function digitValue(digit) {
    let zero = digit.codePointAt(0);
    while (new RegExp("\\p{Nd}", "u").test(String.fromCodePoint(zero - 1)) && digit.codePointAt(0) - zero < 9) zero -= 1;
    return String(digit.codePointAt(0) - zero);
  }
  function scroller(root) {
    let element2 = root === document ? find("commentList") ?? find("drawer") : commentsRoot(root);
    while (element2 && !scrolls(element2)) element2 = element2.parentElement;
    return element2 ?? document.scrollingElement;
  }
  var scrolls = (element2) => element2.scrollHeight > element2.clientHeight + 1 && /auto|scroll/.test(getComputedStyle(element2).overflowY);
  var Before = class {
    #parts = /* @__PURE__ */ new Map();
    // name: [[element, text]]
    #comments = /* @__PURE__ */ new Map();
    // text element: signature
    #signatures = /* @__PURE__ */ new Set();
    /** Remember that what is shown now does not belong to the next post. */
    remember(root) {
      if (!root) return;
      const shown = shownPost(root);
      for (const [name, text3] of Object.entries(shown)) {
        if (!this.isNew(name, text3, root)) continue;
        const parts2 = this.#parts.get(name) ?? [];
        this.#parts.set(name, [...parts2, [elementOf(name, root), text3]]);
      }
      for (const comment of shownComments(root)) {
        this.#comments.set(comment.text, comment.signature);
        this.#signatures.add(comment.signature);
      }
    }
    /** True if a part has changed since then. */
    isNew(name, text3, root) {
      const element2 = elementOf(name, root);
      const parts2 = this.#parts.get(name) ?? [];
      return !parts2.some(([known3, before]) => known3 === element2 && String(before) === String(text3));
    }
    /** True if all comments are new: none is in its old element, and few equal an earlier one. */
    areNew(comments) {
      const signatures = comments.map((comment) => comment.signature);
      const standing = comments.some(
        (comment, index) => this.#comments.get(comment.text) === signatures[index]
      );
      const known3 = signatures.filter((signature) => this.#signatures.has(signature)).length;
      return !standing && known3 <= comments.length / 2;
    }
  };
  function elementOf(name, root, open) {
    const thing = { date: "nickname", musicLink: "music", photos: "photo" }[name] ?? name;
    const place = open && (name === "video" || name === "cover") ? playerIn(root, open) : root;
    return place && find(thing, place);
  }
  var musicLinkOf = (shown) => shown.musicLink && new URL(shown.musicLink, HOME).href;

  // src/record.js
  var FIELDS = {
    "video-src": ({ post, shown }) => videoLink(post, shown),
    "coverphoto-src": ({ post, shown }) => firstLink([post?.video?.cover, post?.video?.originCover, shown.cover, photosOf(post, shown)[0]?.url]),
    permalink: ({ open, shown }) => permalink(open, shown),
    "web-id": ({ webId }) => webId,
    id: ({ open }) => open.id,
    "like-count": ({ post, shown }) => shownCount(statOf(post, "diggCount")) ?? shown.likeCount,
    "comment-count": ({ post, shown }) => shownCount(statOf(post, "commentCount")) ?? shown.commentCount,
    "creator-username": ({ open, post, shown }) => `@${handleOf2(post) ?? shown.username ?? open.handle}`,
    "creator-nickname": ({ post, shown }) => post?.author?.nickname ?? post?.nickname ?? shown.nickname,
    "time-posted": ({ post, shown }) => shownDate(post?.createTime) ?? shown.date,
    "music-title": ({ post, shown }) => musicTitle(post?.music) ?? shown.music,
    "music-src": ({ post, shown }) => musicPage(post?.music) ?? musicLinkOf(shown),
    description: ({ post, shown }) => post?.desc ?? shown.description
  };
  var EXTRAS = {
    "like-count-exact": (post) => statOf(post, "diggCount"),
    "comment-count-exact": (post) => statOf(post, "commentCount"),
    "share-count": (post) => statOf(post, "shareCount"),
    "play-count": (post) => statOf(post, "playCount"),
    "collect-count": (post) => statOf(post, "collectCount"),
    "create-time": (post) => number(post.createTime) || null,
    "creator-id": (post) => text(post.author?.id) ?? text(post.authorId),
    "creator-sec-uid": (post) => text(post.author?.secUid) ?? text(post.authorSecId),
    "creator-verified": (post) => flag(post.author?.verified),
    "creator-follower-count": (post) => creatorStatOf(post, "followerCount"),
    "creator-following-count": (post) => creatorStatOf(post, "followingCount"),
    "creator-heart-count": (post) => creatorStatOf(post, "heartCount"),
    "creator-video-count": (post) => creatorStatOf(post, "videoCount"),
    duration: (post) => post.imagePost ? null : number(post.video?.duration),
    width: (post) => post.imagePost ? null : number(post.video?.width),
    height: (post) => post.imagePost ? null : number(post.video?.height),
    language: (post) => text(post.textLanguage),
    hashtags: (post) => hashtagsOf(post),
    mentions: (post) => mentionsOf(post),
    "music-id": (post) => text(post.music?.id),
    "music-author": (post) => text(post.music?.authorName),
    "music-original": (post) => flag(post.music?.original),
    "is-ad": (post) => flag(post.isAd),
    "ai-label": (post) => number(post.aigcLabelType),
    "ai-description": (post) => text(post.AIGCDescription) || null,
    "is-pinned": (post) => flag(post.isPinnedItem),
    "sticker-texts": (post) => stickerTextsOf(post),
    effects: (post) => effectsOf(post),
    "location-created": (post) => text(post.locationCreated) || null,
    place: (post) => placeOf(post.poi),
    "duet-of": (post) => otherId(post.duetInfo?.duetFromId),
    "stitch-of": (post) => stitchSource(post),
    "video-links": (post) => post.imagePost ? null : videoLinks(post.video),
    captions: (post) => captionsOf(post.video)
  };
  function postRecord(sources, why) {
    const missing = {};
    const attempt = (read, key) => {
      try {
        return read() ?? null;
      } catch (error) {
        missing[key] = `it could not be read: ${error.message}`;
        return null;
      }
    };
    const record = {};
    for (const [key, read] of Object.entries(FIELDS)) {
      record[key] = attempt(() => read(sources), key) ?? attempt(() => read({ ...sources, post: null }), key);
      if (record[key] !== null) delete missing[key];
      if (record[key] === null && !(key === "video-src" && isPhotoPost(sources))) {
        missing[key] ??= reasonFor(key, sources, why);
      }
    }
    for (const [key, read] of Object.entries(sources.post ? EXTRAS : {})) {
      const value = attempt(() => read(sources.post), key);
      if (value !== null && !(Array.isArray(value) && !value.length)) record[key] = value;
    }
    const photos = attempt(() => photosOf(sources.post, sources.shown), "photos");
    if (photos?.length) record.photos = photos;
    return { record, missing };
  }
  var isPhotoPost = ({ open, post }) => Boolean(post?.imagePost) || open.kind === "photo";
  function reasonFor(key, { shown }, why) {
    if (key !== "video-src") return why;
    if (shown.video?.startsWith("blob:")) return "the player uses a blob: link, and the page has no other link";
    return why;
  }
  function better(newer, older, anew) {
    const record = { ...older, ...newer };
    for (const key of Object.keys(older)) record[key] = newer[key] ?? older[key];
    const isWhole = anew && !newer.missing?.comments;
    const isMore = isWhole || allComments(newer).length >= allComments(older).length;
    if (!isMore) {
      record.comments = older.comments;
      record.sources = { ...newer.sources, comments: older.sources?.comments };
    }
    const lacks = ([key]) => key === "comments" ? isMore : record[key] === null;
    const missing = Object.entries(newer.missing ?? {}).filter(lacks);
    if (!isMore && older.missing?.comments) missing.push(["comments", older.missing.comments]);
    delete record.missing;
    return missing.length ? { ...record, missing: Object.fromEntries(missing) } : record;
  }
  var allComments = ({ comments }) => comments.flatMap((comment) => [comment, ...comment.replies ?? []]);
  function commentRecord(comment, creator) {
    const user = comment.user ?? {};
    const mark = user.unique_id === creator ? " · Creator" : "";
    const pictures = picturesOf(comment);
    return known2({
      "commenter-username": user.nickname === void 0 ? null : `@${user.nickname}${mark}`,
      "comment-text": comment.text || (pictures ? PICTURE : comment.text ?? null),
      "time-posted": shownDate(comment.create_time),
      "like-count": shownCount(number(comment.digg_count)),
      "replies-count": String(comment.reply_comment_total || ""),
      "comment-id": String(comment.cid),
      "commenter-handle": user.unique_id,
      "commenter-id": user.uid,
      "create-time": number(comment.create_time) || void 0,
      language: comment.comment_language,
      pictures,
      "is-pinned": flag(comment.author_pin) ?? void 0,
      "liked-by-creator": flag(comment.is_author_digged) ?? void 0,
      "reply-to": otherId(comment.reply_to_reply_id) ?? otherId(comment.reply_id) ?? void 0
    });
  }
  var PICTURE = "(picture)";
  function picturesOf(comment) {
    const urls = comment.image_list?.map?.(
      (image) => firstLink([...listOf(image?.origin_url?.url_list), ...listOf(image?.crop_url?.url_list)])
    );
    const pictures = (urls ?? []).filter(Boolean).map((url) => ({ url }));
    return pictures.length ? pictures : void 0;
  }
  var known2 = (object) => Object.fromEntries(Object.entries(object).filter(([, value]) => value !== void 0));
  function commentCountOf(post) {
    return statOf(post, "commentCount");
  }
  function handleOf2(post) {
    return typeof post?.author === "string" ? post.author : post?.author?.uniqueId;
  }
  function statOf(post, name) {
    return number(post?.statsV2?.[name]) ?? number(post?.stats?.[name]);
  }
  function creatorStatOf(post, name) {
    return number(post.authorStatsV2?.[name]) ?? number(post.authorStats?.[name]);
  }
  function permalink(open, shown) {
    const isThis = shown.permalink && POST_LINK.exec(shown.permalink)?.[3] === open.id;
    return isThis ? shown.permalink : linkOf(open);
  }
  function videoLink(post, shown) {
    if (post?.imagePost) return null;
    const links = videoLinks(post?.video).map((link) => link.url);
    const isThis = !links.length || links.some((link) => pathOf(link) === pathOf(shown.video));
    return isMediaLink(shown.video) && isThis ? shown.video : playLink(post?.video) ?? links[0];
  }
  var pathOf = (link) => /^https?:\/\/[^/]+([^?]*)/.exec(link ?? "")?.[1];
  function playLink(video) {
    const address = video?.playAddr;
    return firstLink([Array.isArray(address) ? address[0]?.src : address]);
  }
  function videoLinks(video) {
    const formats = listOf(video?.bitrateInfo).map((format) => ({
      codec: format.CodecType,
      bitrate: number(format.Bitrate) ?? void 0,
      size: number(format.PlayAddr?.DataSize) ?? void 0,
      urls: format.PlayAddr?.UrlList ?? []
    }));
    formats.sort((a, b) => (a.codec !== "h264") - (b.codec !== "h264"));
    formats.push({ codec: video?.codecType, urls: [playLink(video)] });
    const links = formats.flatMap(({ urls, ...format }) => urls.map((url) => known2({ url, ...format })));
    const first = new Map(links.filter(({ url }) => isLink(url)).map((link) => [link.url, link]).reverse());
    return links.filter((link) => first.get(link.url) === link);
  }
  function photosOf(post, shown) {
    const photos = post?.imagePost?.images?.map((image) => ({
      url: firstLink(image.imageURL?.urlList ?? []),
      width: image.imageWidth,
      height: image.imageHeight
    }));
    return (photos ?? shown.photos?.map((url) => ({ url })) ?? []).filter(({ url }) => isLink(url)).map(known2);
  }
  function captionsOf(video) {
    const old = listOf(video?.subtitleInfos).map(oldTrack);
    const tracks = old.length ? old : listOf(video?.claInfo?.captionInfos).flatMap(newTracks);
    return tracks.filter(({ url, source }) => url && source !== "MT").map(known2);
  }
  var oldTrack = (track) => ({
    url: firstLink([track.Url]) ?? void 0,
    language: text(track.LanguageCodeName) ?? void 0,
    source: text(track.Source) ?? void 0,
    format: text(track.Format) ?? void 0,
    expires: number(track.UrlExpire) ?? void 0
  });
  function newTracks(track) {
    const others = listOf(track.urlList).filter((url) => url !== track.url);
    const madeBySite = flag(track.isOriginalCaption) === false ? "MT" : "ASR";
    const links = [.../* @__PURE__ */ new Set([...others, track.url])].filter(isLink);
    return links.map((url) => ({
      url,
      language: text(track.language) ?? void 0,
      source: flag(track.isAutoGen) ? madeBySite : "LC",
      format: text(track.captionFormat) ?? void 0,
      expires: number(track.expire) ?? void 0
    }));
  }
  function hashtagsOf(post) {
    const names = Array.isArray(post.textExtra) ? post.textExtra.map((extra) => text(extra?.hashtagName)) : listOf(post.challenges).map((tag) => text(tag?.title));
    return [...new Set(names.filter(Boolean))];
  }
  function mentionsOf(post) {
    const mentions = listOf(post.textExtra).map((extra) => {
      const handle = text(extra?.userUniqueId);
      return [handle, known2({ handle, id: otherId(extra?.userId) ?? void 0 })];
    });
    return [...new Map(mentions.filter(([handle]) => handle)).values()];
  }
  function stickerTextsOf(post) {
    const lines2 = listOf(post.stickersOnItem).flatMap((sticker) => listOf(sticker?.stickerText));
    return lines2.filter((line) => typeof line === "string" && line);
  }
  function effectsOf(post) {
    const effects = listOf(post.effectStickers).map(
      (effect) => known2({ id: text(effect?.ID) ?? void 0, name: text(effect?.name) ?? void 0 })
    );
    return effects.filter((effect) => Object.keys(effect).length);
  }
  function placeOf(poi) {
    const parts2 = ["id", "name", "address", "city", "country"];
    const place = known2(Object.fromEntries(parts2.map((name) => [name, text(poi?.[name]) || void 0])));
    return Object.keys(place).length ? place : null;
  }
  function stitchSource(post) {
    if (otherId(post.duetInfo?.duetFromId)) return null;
    return listOf(post.textExtra).map((extra) => otherId(extra?.awemeId)).find(Boolean) ?? null;
  }
  var musicTitle = (music) => music?.title ? [music.title, music.authorName].filter(Boolean).join(" - ") : null;
  function musicPage(music) {
    if (!music?.id || !music.title) return null;
    return `${HOME}/music/${encodeURI(music.title.trim().replace(/[\s/?#]+/g, "-"))}-${music.id}`;
  }
  var isLink = (link) => /^https?:\/\//.test(link ?? "");
  var listOf = (value) => Array.isArray(value) ? value : [];
  var firstLink = (links) => links.find(isLink) ?? null;
  function number(value) {
    return value === null || value === void 0 || value === "" || Number.isNaN(Number(value)) ? null : Number(value);
  }
  function text(value) {
    if (typeof value === "number") return String(value);
    return typeof value === "string" ? value : null;
  }
  var flag = (value) => [true, false, 1, 0].includes(value) ? Boolean(value) : null;
  var otherId = (value) => /^0*[1-9]\d*$/.test(value ?? "") ? String(value) : null;
  function shownCount(count) {
    if (count === null || count === void 0) return null;
    const [unit, letter] = count >= 1e6 ? [1e6, "M"] : count >= 1e4 ? [1e3, "K"] : [1, ""];
    return unit === 1 ? String(count) : `${Math.floor(count * 10 / unit) / 10}${letter}`;
  }
  function shownDate(seconds) {
    if (!Number(seconds)) return null;
    const date = new Date(Number(seconds) * 1e3);
    return `${date.getUTCFullYear()}-${date.getUTCMonth() + 1}-${date.getUTCDate()}`;
  }

  // src/collect.js
  function filterOf(text3) {
    const name = text3.trim().toLowerCase();
    if (!name) return () => true;
    if (name.startsWith("@")) return (record) => record["creator-username"]?.toLowerCase() === name;
    const tag = name.replace(/^#/, "");
    return (record) => (record.hashtags ?? []).some((hashtag) => hashtag.toLowerCase() === tag);
  }
  var Collector = class {
    #waiting = /* @__PURE__ */ new Set();
    // ids of posts with new data
    #counted = /* @__PURE__ */ new Map();
    // id: how many of its comments were counted
    #work = null;
    constructor(data2, batch2, run2, media2) {
      Object.assign(this, { data: data2, batch: batch2, run: run2, media: media2 });
      this.matches = filterOf(run2.options.filter ?? "");
    }
    /** Store what is there, and everything that comes until the run ends. */
    async all() {
      const listen = ({ ids }) => this.#take(ids);
      this.data.addEventListener("posts", listen);
      this.#take(this.data.posts.keys());
      await new Promise((resolve) => {
        const check = () => this.run.ended && resolve();
        this.run.addEventListener("change", check);
        check();
      });
      this.data.removeEventListener("posts", listen);
      await this.#work;
    }
    #take(ids) {
      for (const id of ids) this.#waiting.add(String(id));
      this.#work ??= this.#keepAll().finally(() => this.#work = null);
    }
    async #keepAll() {
      await null;
      try {
        for (const id of this.#waiting) {
          this.#waiting.delete(id);
          await this.#keep(id);
        }
      } catch (error) {
        this.run.stop(`failed: ${error.message}`);
      }
    }
    async #keep(id) {
      const { data: data2, batch: batch2, run: run2 } = this;
      const post = data2.posts.get(id);
      if (!post) return;
      const scraped = this.#recordOf(id, post);
      if (!this.matches(scraped)) return data2.release(id);
      const isNew = !this.#counted.has(id);
      if (await batch2.isInCorpus(id)) {
        run2.skipped += isNew ? 1 : 0;
        this.#counted.set(id, 0);
        return run2.changed();
      }
      const record = await batch2.update(id, (before) => ({
        record: before ? better(scraped, before.record) : scraped,
        asked: before?.asked ?? { comments: 0, replies: false }
      }));
      run2.comments += record.comments.length - (this.#counted.get(id) ?? 0);
      this.#counted.set(id, record.comments.length);
      if (isNew) run2.add(record);
      else run2.changed();
      if (isNew && run2.options.media) await this.media.save(record, run2);
      data2.release(id);
    }
    #recordOf(id, post) {
      const handle = typeof post.author === "string" ? post.author : post.author?.uniqueId ?? "";
      const open = { id, handle, kind: post.imagePost ? "photo" : "video" };
      const webId = this.data.webIdWith(null);
      const { record, missing } = postRecord({ open, post, shown: {}, webId }, "the page's data did not contain it");
      const comments = [...this.data.threads.get(id)?.comments.values() ?? []];
      record.comments = comments.map((comment) => this.#commentOf(comment, handle));
      return {
        ...record,
        "scrape-timestamp": Date.now() / 1e3,
        ...Object.keys(missing).length && { missing },
        scraper: "1.0.0",
        sources: { post: "json", comments: comments.length ? "json" : "none" }
      };
    }
    #commentOf(comment, handle) {
      const first = comment.reply_comment ?? [];
      const loaded = [...this.data.replyThreads.get(String(comment.cid))?.comments.values() ?? []];
      const replies = new Map([...first, ...loaded].map((reply) => [String(reply.cid), reply]));
      const record = commentRecord(comment, handle);
      if (!replies.size) return record;
      return { ...record, replies: [...replies.values()].map((reply) => commentRecord(reply, handle)) };
    }
  };

  // src/corpus.js
  var FILE = /^(?:videos\/(\d{1,20})\.mp4|photos\/(\d{1,20})\/1\.jpg)\t[0-9a-f]{64}\t/;
  var RECORD = /^\s*"(\d{1,20})": ?\{/;
  var AT_ONCE2 = 1e4;
  async function readIds(file, keep) {
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
      if (ids.length === AT_ONCE2) await pass();
    }
    await pass();
    return count;
  }
  async function* lines(file) {
    const reader = file.stream().pipeThrough(new TextDecoderStream()).getReader();
    let line = "";
    for (; ; ) {
      const { done, value } = await reader.read();
      if (done) break;
      const parts2 = value.split("\n");
      for (const part2 of parts2.slice(0, -1)) {
        yield line + part2.slice(0, 200);
        line = "";
      }
      line += parts2.at(-1).slice(0, 200);
    }
    if (line) yield line;
  }

  // node_modules/fflate/esm/browser.js
  var u8 = Uint8Array;
  var u16 = Uint16Array;
  var i32 = Int32Array;
  var fleb = new u8([
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    1,
    1,
    1,
    1,
    2,
    2,
    2,
    2,
    3,
    3,
    3,
    3,
    4,
    4,
    4,
    4,
    5,
    5,
    5,
    5,
    0,
    /* unused */
    0,
    0,
    /* impossible */
    0
  ]);
  var fdeb = new u8([
    0,
    0,
    0,
    0,
    1,
    1,
    2,
    2,
    3,
    3,
    4,
    4,
    5,
    5,
    6,
    6,
    7,
    7,
    8,
    8,
    9,
    9,
    10,
    10,
    11,
    11,
    12,
    12,
    13,
    13,
    /* unused */
    0,
    0
  ]);
  var clim = new u8([16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]);
  var freb = function(eb, start2) {
    var b = new u16(31);
    for (var i2 = 0; i2 < 31; ++i2) {
      b[i2] = start2 += 1 << eb[i2 - 1];
    }
    var r = new i32(b[30]);
    for (var i2 = 1; i2 < 30; ++i2) {
      for (var j = b[i2]; j < b[i2 + 1]; ++j) {
        r[j] = j - b[i2] << 5 | i2;
      }
    }
    return { b, r };
  };
  var _a = freb(fleb, 2);
  var fl = _a.b;
  var revfl = _a.r;
  fl[28] = 258, revfl[258] = 28;
  var _b = freb(fdeb, 0);
  var fd = _b.b;
  var revfd = _b.r;
  var rev = new u16(32768);
  for (i = 0; i < 32768; ++i) {
    x = (i & 43690) >> 1 | (i & 21845) << 1;
    x = (x & 52428) >> 2 | (x & 13107) << 2;
    x = (x & 61680) >> 4 | (x & 3855) << 4;
    rev[i] = ((x & 65280) >> 8 | (x & 255) << 8) >> 1;
  }
  var x;
  var i;
  var flt = new u8(288);
  for (i = 0; i < 144; ++i)
    flt[i] = 8;
  var i;
  for (i = 144; i < 256; ++i)
    flt[i] = 9;
  var i;
  for (i = 256; i < 280; ++i)
    flt[i] = 7;
  var i;
  for (i = 280; i < 288; ++i)
    flt[i] = 8;
  var i;
  var fdt = new u8(32);
  for (i = 0; i < 32; ++i)
    fdt[i] = 5;
  var i;
  var slc = function(v, s, e) {
    if (s == null || s < 0)
      s = 0;
    if (e == null || e > v.length)
      e = v.length;
    return new u8(v.subarray(s, e));
  };
  var ec = [
    "unexpected EOF",
    "invalid block type",
    "invalid length/literal",
    "invalid distance",
    "stream finished",
    "no stream handler",
    ,
    // determined by compression function
    "no callback",
    "invalid UTF-8 data",
    "extra field too long",
    "date not in range 1980-2099",
    "filename too long",
    "stream finishing",
    "invalid zip data"
    // determined by unknown compression method
  ];
  var err = function(ind, msg, nt) {
    var e = new Error(msg || ec[ind]);
    e.code = ind;
    if (Error.captureStackTrace)
      Error.captureStackTrace(e, err);
    if (!nt)
      throw e;
    return e;
  };
  var et = /* @__PURE__ */ new u8(0);
  var crct = /* @__PURE__ */ (function() {
    var t = new Int32Array(256);
    for (var i2 = 0; i2 < 256; ++i2) {
      var c = i2, k = 9;
      while (--k)
        c = (c & 1 && -306674912) ^ c >>> 1;
      t[i2] = c;
    }
    return t;
  })();
  var crc = function() {
    var c = -1;
    return {
      p: function(d) {
        var cr = c;
        for (var i2 = 0; i2 < d.length; ++i2)
          cr = crct[cr & 255 ^ d[i2]] ^ cr >>> 8;
        c = cr;
      },
      d: function() {
        return ~c;
      }
    };
  };
  var mrg = function(a, b) {
    var o = {};
    for (var k in a)
      o[k] = a[k];
    for (var k in b)
      o[k] = b[k];
    return o;
  };
  var wbytes = function(d, b, v) {
    for (; v; ++b)
      d[b] = v, v >>>= 8;
  };
  var te = typeof TextEncoder != "undefined" && /* @__PURE__ */ new TextEncoder();
  var td = typeof TextDecoder != "undefined" && /* @__PURE__ */ new TextDecoder();
  var tds = 0;
  try {
    td.decode(et, { stream: true });
    tds = 1;
  } catch (e) {
  }
  function strToU8(str, latin1) {
    if (latin1) {
      var ar_1 = new u8(str.length);
      for (var i2 = 0; i2 < str.length; ++i2)
        ar_1[i2] = str.charCodeAt(i2);
      return ar_1;
    }
    if (te)
      return te.encode(str);
    var l = str.length;
    var ar = new u8(str.length + (str.length >> 1));
    var ai = 0;
    var w = function(v) {
      ar[ai++] = v;
    };
    for (var i2 = 0; i2 < l; ++i2) {
      if (ai + 5 > ar.length) {
        var n = new u8(ai + 8 + (l - i2 << 1));
        n.set(ar);
        ar = n;
      }
      var c = str.charCodeAt(i2);
      if (c < 128 || latin1)
        w(c);
      else if (c < 2048)
        w(192 | c >> 6), w(128 | c & 63);
      else if (c > 55295 && c < 57344)
        c = 65536 + (c & 1023 << 10) | str.charCodeAt(++i2) & 1023, w(240 | c >> 18), w(128 | c >> 12 & 63), w(128 | c >> 6 & 63), w(128 | c & 63);
      else
        w(224 | c >> 12), w(128 | c >> 6 & 63), w(128 | c & 63);
    }
    return slc(ar, 0, ai);
  }
  var exfl = function(ex) {
    var le = 0;
    if (ex) {
      for (var k in ex) {
        var l = ex[k].length;
        if (l > 65535)
          err(9);
        le += l + 4;
      }
    }
    return le;
  };
  var wzh = function(d, b, f, fn, u, c, ce, co) {
    var fl2 = fn.length, ex = f.extra, col = co && co.length;
    var exl = exfl(ex);
    wbytes(d, b, ce != null ? 33639248 : 67324752), b += 4;
    if (ce != null)
      d[b++] = 20, d[b++] = f.os;
    d[b] = 20, b += 2;
    d[b++] = f.flag << 1 | (c < 0 && 8), d[b++] = u && 8;
    d[b++] = f.compression & 255, d[b++] = f.compression >> 8;
    var dt = new Date(f.mtime == null ? Date.now() : f.mtime), y = dt.getFullYear() - 1980;
    if (y < 0 || y > 119)
      err(10);
    wbytes(d, b, y << 25 | dt.getMonth() + 1 << 21 | dt.getDate() << 16 | dt.getHours() << 11 | dt.getMinutes() << 5 | dt.getSeconds() >> 1), b += 4;
    if (c != -1) {
      wbytes(d, b, f.crc);
      wbytes(d, b + 4, c < 0 ? -c - 2 : c);
      wbytes(d, b + 8, f.size);
    }
    wbytes(d, b + 12, fl2);
    wbytes(d, b + 14, exl), b += 16;
    if (ce != null) {
      wbytes(d, b, col);
      wbytes(d, b + 6, f.attrs);
      wbytes(d, b + 10, ce), b += 14;
    }
    d.set(fn, b);
    b += fl2;
    if (exl) {
      for (var k in ex) {
        var exf = ex[k], l = exf.length;
        wbytes(d, b, +k);
        wbytes(d, b + 2, l);
        d.set(exf, b + 4), b += 4 + l;
      }
    }
    if (col)
      d.set(co, b), b += col;
    return b;
  };
  var wzf = function(o, b, c, d, e) {
    wbytes(o, b, 101010256);
    wbytes(o, b + 8, c);
    wbytes(o, b + 10, c);
    wbytes(o, b + 12, d);
    wbytes(o, b + 16, e);
  };
  var ZipPassThrough = /* @__PURE__ */ (function() {
    function ZipPassThrough2(filename) {
      this.filename = filename;
      this.c = crc();
      this.size = 0;
      this.compression = 0;
    }
    ZipPassThrough2.prototype.process = function(chunk, final) {
      this.ondata(null, chunk, final);
    };
    ZipPassThrough2.prototype.push = function(chunk, final) {
      if (!this.ondata)
        err(5);
      this.c.p(chunk);
      this.size += chunk.length;
      if (final)
        this.crc = this.c.d();
      this.process(chunk, final || false);
    };
    return ZipPassThrough2;
  })();
  var Zip = /* @__PURE__ */ (function() {
    function Zip2(cb) {
      this.ondata = cb;
      this.u = [];
      this.d = 1;
    }
    Zip2.prototype.add = function(file) {
      var _this = this;
      if (!this.ondata)
        err(5);
      if (this.d & 2)
        this.ondata(err(4 + (this.d & 1) * 8, 0, 1), null, false);
      else {
        var f = strToU8(file.filename), fl_1 = f.length;
        var com = file.comment, o = com && strToU8(com);
        var u = fl_1 != file.filename.length || o && com.length != o.length;
        var hl_1 = fl_1 + exfl(file.extra) + 30;
        if (fl_1 > 65535)
          this.ondata(err(11, 0, 1), null, false);
        var header = new u8(hl_1);
        wzh(header, 0, file, f, u, -1);
        var chks_1 = [header];
        var pAll_1 = function() {
          for (var _i = 0, chks_2 = chks_1; _i < chks_2.length; _i++) {
            var chk = chks_2[_i];
            _this.ondata(null, chk, false);
          }
          chks_1 = [];
        };
        var tr_1 = this.d;
        this.d = 0;
        var ind_1 = this.u.length;
        var uf_1 = mrg(file, {
          f,
          u,
          o,
          t: function() {
            if (file.terminate)
              file.terminate();
          },
          r: function() {
            pAll_1();
            if (tr_1) {
              var nxt = _this.u[ind_1 + 1];
              if (nxt)
                nxt.r();
              else
                _this.d = 1;
            }
            tr_1 = 1;
          }
        });
        var cl_1 = 0;
        file.ondata = function(err2, dat, final) {
          if (err2) {
            _this.ondata(err2, dat, final);
            _this.terminate();
          } else {
            cl_1 += dat.length;
            chks_1.push(dat);
            if (final) {
              var dd = new u8(16);
              wbytes(dd, 0, 134695760);
              wbytes(dd, 4, file.crc);
              wbytes(dd, 8, cl_1);
              wbytes(dd, 12, file.size);
              chks_1.push(dd);
              uf_1.c = cl_1, uf_1.b = hl_1 + cl_1 + 16, uf_1.crc = file.crc, uf_1.size = file.size;
              if (tr_1)
                uf_1.r();
              tr_1 = 1;
            } else if (tr_1)
              pAll_1();
          }
        };
        this.u.push(uf_1);
      }
    };
    Zip2.prototype.end = function() {
      var _this = this;
      if (this.d & 2) {
        this.ondata(err(4 + (this.d & 1) * 8, 0, 1), null, true);
        return;
      }
      if (this.d)
        this.e();
      else
        this.u.push({
          r: function() {
            if (!(_this.d & 1))
              return;
            _this.u.splice(-1, 1);
            _this.e();
          },
          t: function() {
          }
        });
      this.d = 3;
    };
    Zip2.prototype.e = function() {
      var bt = 0, l = 0, tl = 0;
      for (var _i = 0, _a2 = this.u; _i < _a2.length; _i++) {
        var f = _a2[_i];
        tl += 46 + f.f.length + exfl(f.extra) + (f.o ? f.o.length : 0);
      }
      var out = new u8(tl + 22);
      for (var _b2 = 0, _c = this.u; _b2 < _c.length; _b2++) {
        var f = _c[_b2];
        wzh(out, bt, f, f.f, f.u, -f.c - 2, l, f.o);
        bt += 46 + f.f.length + exfl(f.extra) + (f.o ? f.o.length : 0), l += f.b;
      }
      wzf(out, bt, this.u.length, tl, l);
      this.ondata(null, out, true);
      this.d = 2;
    };
    Zip2.prototype.terminate = function() {
      for (var _i = 0, _a2 = this.u; _i < _a2.length; _i++) {
        var f = _a2[_i];
        f.t();
      }
      this.d = 2;
    };
    return Zip2;
  })();

  // src/export.js
  var PART_CHARS = 2e8;
  var CHUNK_CHARS = 4e6;
  var ZIP_BYTES = 5e8;
  async function exportBatch(batch2, folder2, { onlyNew = false } = {}) {
    const time = Date.now() / 1e3;
    const stamp = (/* @__PURE__ */ new Date()).toISOString().slice(0, 19).replace(/[-:]/g, "");
    let count = 0;
    const known3 = onlyNew ? await batch2.exportedIds() : /* @__PURE__ */ new Set();
    for await (const { ids, blob, number: number2 } of parts(batch2, known3)) {
      const name = `batch_${stamp}Z${number2 > 1 ? `_${number2}` : ""}.json`;
      if (folder2.name) await folder2.write(`info/${name}`, blob);
      else await download(blob, name);
      await batch2.markExported(ids, time);
      count += ids.length;
    }
    for await (const { file, name } of zips(folder2, `media_${stamp}Z`)) await download(file, name);
    return count;
  }
  async function exportLog(batch2) {
    const clean = (value) => String(value).replace(/\s+/g, " ");
    const rows = (await batch2.log()).map(
      ({ time, id, what, why }) => [new Date(time).toISOString(), id, what, why].map(clean).join("	")
    );
    const table = ["time	id	what	why", ...rows].join("\n");
    await download(new Blob([table, "\n"], { type: "text/tab-separated-values" }), "missed.tsv");
  }
  async function* parts(batch2, known3) {
    let part2 = null;
    let number2 = 0;
    for await (const { id, record } of batch2.entries()) {
      if (known3.has(id)) continue;
      part2 ??= { ids: [], chunks: [], text: "", size: 0, number: number2 += 1 };
      part2.text += `${part2.ids.length ? ",\n" : "[\n"}${JSON.stringify(record)}`;
      part2.ids.push(id);
      if (part2.text.length < CHUNK_CHARS) continue;
      part2.size += part2.text.length;
      part2.chunks.push(new Blob([part2.text]));
      part2.text = "";
      if (part2.size < PART_CHARS) continue;
      yield closed(part2);
      part2 = null;
    }
    if (part2) yield closed(part2);
  }
  function closed({ ids, chunks, text: text3, number: number2 }) {
    return { ids, number: number2, blob: new Blob([...chunks, text3, "\n]\n"], { type: "application/json" }) };
  }
  async function* zips(folder2, name) {
    await folder2.clearScratch();
    let zip = null;
    let number2 = 0;
    for await (const [path, handle] of folder2.staged()) {
      const file = await handle.getFile();
      if (zip && zip.size + file.size > ZIP_BYTES) {
        yield await zip.close();
        zip = null;
      }
      zip ??= await ZipFile.open(folder2, `${name}_${number2 += 1}.zip`);
      await zip.add(path, file);
    }
    if (zip) yield await zip.close();
  }
  var ZipFile = class _ZipFile {
    size = 0;
    #written = Promise.resolve();
    static async open(folder2, name) {
      const zip = new _ZipFile();
      zip.name = name;
      zip.handle = await folder2.scratch(name);
      zip.stream = await zip.handle.createWritable();
      zip.archive = new Zip((error, bytes) => {
        if (error) throw error;
        zip.#written = zip.#written.then(() => zip.stream.write(bytes));
      });
      return zip;
    }
    async add(path, file) {
      const entry = new ZipPassThrough(path);
      entry.mtime = new Date(file.lastModified);
      this.archive.add(entry);
      const reader = file.stream().getReader();
      for (; ; ) {
        const { done, value } = await reader.read();
        entry.push(value ?? new Uint8Array(), done);
        await this.#written;
        if (done) break;
      }
      this.size += file.size;
    }
    async close() {
      this.archive.end();
      await this.#written;
      await this.stream.close();
      return { file: await this.handle.getFile(), name: this.name };
    }
  };
  async function download(blob, name) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 6e4);
  }

  // src/folder.js
  var STAGE = "tiktok-retrieval";
  var SETTING = "folder";
  var Folder = class {
    #picked = null;
    // the folder that the person picked
    constructor(batch2) {
      this.batch = batch2;
    }
    get canPick() {
      return "showDirectoryPicker" in window;
    }
    get name() {
      return this.#picked?.name ?? null;
    }
    /** Let the person pick the corpus. It stays picked after a reload. */
    async pick() {
      this.#picked = await window.showDirectoryPicker({ id: STAGE, mode: "readwrite" });
      await this.batch.set(SETTING, this.#picked);
    }
    /** Use the folder of the last visit again, if the browser still allows it, or allows it after a click. */
    async restore() {
      const before = this.#picked ?? await this.batch.setting(SETTING);
      const access = { mode: "readwrite" };
      const granted = async (ask) => await before?.[ask]?.(access) === "granted";
      if (before && !before.queryPermission) this.#picked = before;
      else if (await granted("queryPermission") || await granted("requestPermission")) this.#picked = before;
    }
    async #data() {
      if (!this.#picked) return (await navigator.storage.getDirectory()).getDirectoryHandle(STAGE, { create: true });
      if (this.#picked.name === "data") return this.#picked;
      return this.#picked.getDirectoryHandle("data", { create: true });
    }
    /**
     * Write a file. Returns false if it already exists. It gets its name when it is complete. If the browser
     * can't rename files, it stays empty until then, and an empty file counts as missing.
     */
    async write(path, blob) {
      const { folder: folder2, name } = await this.#place(path);
      if (await sizeOf(folder2, name)) return false;
      const part2 = `.${name}.${crypto.randomUUID().slice(0, 8)}.part`;
      const canMove = "move" in FileSystemFileHandle.prototype;
      const file = await folder2.getFileHandle(canMove ? part2 : name, { create: true });
      try {
        const stream = await file.createWritable();
        await blob.stream().pipeTo(stream);
        if (canMove) await file.move(name);
      } catch (error) {
        await folder2.removeEntry(file.name).catch(() => {
        });
        throw error;
      }
      return true;
    }
    /** The files in the browser's own file system, `[path, handle]`. */
    async *staged() {
      if (this.#picked) return;
      yield* filesIn(await this.#data(), "");
    }
    /** Delete all files in the browser's own file system. */
    async clearStage() {
      const root = await navigator.storage.getDirectory();
      await root.removeEntry(STAGE, { recursive: true }).catch(() => {
      });
    }
    /** A new file in the browser's own file system, for a growing zip file. */
    async scratch(name) {
      const root = await navigator.storage.getDirectory();
      const folder2 = await root.getDirectoryHandle(`${STAGE}-zips`, { create: true });
      return folder2.getFileHandle(name, { create: true });
    }
    async clearScratch() {
      const root = await navigator.storage.getDirectory();
      await root.removeEntry(`${STAGE}-zips`, { recursive: true }).catch(() => {
      });
    }
    async #place(path) {
      const parts2 = path.split("/");
      const name = parts2.pop();
      let folder2 = await this.#data();
      for (const part2 of parts2) folder2 = await folder2.getDirectoryHandle(part2, { create: true });
      return { folder: folder2, name };
    }
  };
  async function sizeOf(folder2, name) {
    try {
      return (await (await folder2.getFileHandle(name)).getFile()).size;
    } catch (error) {
      if (error.name === "NotFoundError") return 0;
      throw error;
    }
  }
  async function* filesIn(folder2, prefix) {
    const entries = [];
    for await (const entry of folder2.values()) entries.push(entry);
    entries.sort((a, b) => a.name < b.name ? -1 : 1);
    for (const entry of entries) {
      const path = prefix + entry.name;
      if (entry.kind === "directory") yield* filesIn(entry, `${path}/`);
      else if (!entry.name.endsWith(".part")) yield [path, entry];
    }
  }

  // src/media.js
  var AT_ONCE3 = 3;
  var WAITING = 12;
  var TIMEOUT_MS = 12e4;
  var CODECS = [["h264", "avc1"], [], ["h265", "hevc", "hvc1", "hev1", "bytevc1"], ["bytevc2", "h266", "bvc2"]];
  var UNKNOWN_CODEC = 1;
  var UNPLAYABLE = 3;
  var SAVED = "saved";
  var NO_SOUND = "it has no sound";
  var SOURCES = ["LC", "ASR"];
  function filesOf(record) {
    const { id } = record;
    const slides = record.photos ?? [];
    const one = (path, links, check) => ({ path, links: links.filter(isLink2), check });
    const files = [
      one(`videos/${id}.mp4`, slides.length ? [] : videoLinks2(record), checkVideo),
      one(`coverphotos/${id}.jpg`, [record["coverphoto-src"]], checkImage),
      ...slides.map(({ url }, index) => one(`photos/${id}/${index + 1}.jpg`, [url], checkImage)),
      one(`captions/${id}.vtt`, captionLinks(record), checkCaptions)
    ];
    const isExpected = ({ path, links }) => links.length || path.startsWith("videos/") && !slides.length;
    return files.filter(isExpected);
  }
  function videoLinks2(record) {
    const links = record["video-links"] ?? [];
    const known3 = new Map(links.map((link) => [link.url, link]));
    const all = [...links, { url: record["video-src"] }].map(({ url }) => known3.get(url) ?? { url });
    const ranked = all.map(({ url, codec, bitrate }) => ({ url, rank: rankOf(url, codec), bitrate: bitrate ?? 0 }));
    ranked.sort((a, b) => a.rank - b.rank || b.bitrate - a.bitrate);
    return [...new Set(ranked.filter(({ rank }) => rank < UNPLAYABLE).map(({ url }) => url))];
  }
  function rankOf(url, codec) {
    const text3 = (codec || (url ?? "").split("?")[0]).toLowerCase();
    const rank = CODECS.findIndex((names) => names.some((name) => text3.includes(name)));
    return rank < 0 ? UNKNOWN_CODEC : rank;
  }
  function captionLinks({ captions = [], language }) {
    const tracks = captions.filter(({ source }) => SOURCES.includes(source));
    const isOther = (track) => base(track.language) !== base(language);
    tracks.sort((a, b) => isOther(a) - isOther(b) || SOURCES.indexOf(a.source) - SOURCES.indexOf(b.source));
    const isBest = (track) => ["language", "source", "format"].every((key) => track[key] === tracks[0][key]);
    return tracks.filter(isBest).map(({ url }) => url);
  }
  function base(language) {
    try {
      return new Intl.Locale(language).language;
    } catch {
      return null;
    }
  }
  var isLink2 = (link) => /^https?:\/\//.test(link ?? "");
  var text2 = (bytes, start2, end) => String.fromCharCode(...bytes.subarray(start2, end));
  function checkVideo(bytes) {
    if (text2(bytes, 4, 8) !== "ftyp") return "it is not an MP4 file";
    return holds(bytes, "soun") ? null : NO_SOUND;
  }
  function checkImage(bytes) {
    const isImage = bytes[0] === 255 && bytes[1] === 216 || text2(bytes, 1, 4) === "PNG" || text2(bytes, 0, 4) === "RIFF" && text2(bytes, 8, 12) === "WEBP" || text2(bytes, 4, 8) === "ftyp";
    return isImage ? null : "it is not an image";
  }
  var checkCaptions = (bytes) => text2(bytes, 0, 9).includes("WEBVTT") ? null : "it is not a WebVTT file";
  function holds(bytes, word) {
    const codes = [...word].map((letter) => letter.charCodeAt(0));
    for (let at = bytes.indexOf(codes[0]); at >= 0; at = bytes.indexOf(codes[0], at + 1)) {
      if (codes.every((code, place) => bytes[at + place] === code)) return true;
    }
    return false;
  }
  function isSaved({ media: media2 }) {
    return Boolean(media2) && Object.values(media2).every((note) => note.startsWith(SAVED));
  }
  var MediaSaver = class {
    #waiting = [];
    #working = 0;
    #pending = /* @__PURE__ */ new Set();
    // promises
    constructor(batch2, folder2) {
      this.batch = batch2;
      this.folder = folder2;
    }
    /** Save a record's files, and note the results in the record. Returns when there is room for more. */
    async save(record, run2) {
      const work = this.#saveAll(record, run2).finally(() => this.#pending.delete(work));
      this.#pending.add(work);
      while (this.#waiting.length > WAITING) await Promise.race(this.#pending);
    }
    /** Wait until everything is saved. */
    async finish() {
      await Promise.all(this.#pending);
    }
    async #saveAll(record, run2) {
      run2.pending += 1;
      const files = filesOf(record);
      const notes = await Promise.all(files.map((file) => this.#queue(() => this.#saveOne(file, run2))));
      const media2 = Object.fromEntries(files.map(({ path }, index) => [path, notes[index]]));
      await this.batch.update(record.id, (entry) => ({ ...entry, record: { ...entry?.record ?? record, media: media2 } }));
      for (const [path, note] of Object.entries(media2)) {
        const isIn = note.startsWith(SAVED);
        run2[isIn ? "saved" : "unsaved"] += 1;
        if (!isIn) await this.batch.note(record.id, path, note);
      }
      run2.pending -= 1;
      run2.changed();
    }
    /** Return `saved`, or why the file was not saved. */
    async #saveOne({ path, links, check }, run2) {
      let best = null;
      let why = "the data contain no link to it";
      for (const link of links) {
        const { blob, problem } = await fetchFile(link, check);
        if (blob && (!best || !problem)) best = { blob, problem };
        if (blob && !problem) break;
        why = problem;
      }
      if (!best) return `not saved: ${why}`;
      try {
        const isNew = await this.folder.write(path, best.blob);
        return `${SAVED}${isNew ? "" : " before"}${best.problem ? `, but ${best.problem}` : ""}`;
      } catch (error) {
        run2.note("Media can't be written: pick the folder again, or make room on the disk.");
        return `not saved: it can't be written (${error.message})`;
      }
    }
    #queue(work) {
      return new Promise((resolve, reject) => {
        this.#waiting.push(() => work().then(resolve, reject));
        this.#next();
      });
    }
    #next() {
      if (this.#working === AT_ONCE3 || !this.#waiting.length) return;
      this.#working += 1;
      this.#waiting.shift()().finally(() => {
        this.#working -= 1;
        this.#next();
      });
    }
  };
  async function fetchFile(link, check) {
    let problem = null;
    for (const credentials of ["include", "omit"]) {
      try {
        const answer = await fetch(link, { credentials, signal: AbortSignal.timeout(TIMEOUT_MS) });
        const blob = await answer.blob();
        const length = Number(answer.headers.get("Content-Length") ?? 0);
        const bytes = new Uint8Array(await blob.arrayBuffer());
        const found = !answer.ok && `the server answered ${answer.status}` || blob.size < length && `it ends after ${blob.size} of ${length} bytes` || check(bytes);
        if (!found || found === NO_SOUND) return { blob, problem: found };
        problem ??= found;
      } catch (error) {
        problem ??= `the request failed (${error.message})`;
      }
    }
    return { blob: null, problem };
  }

  // src/page_data.js
  var KEPT = 100;
  var MOST = 2e3;
  var Thread = class {
    comments = /* @__PURE__ */ new Map();
    // id: comment
    cursor = 0;
    hasMore = true;
    constructor(post) {
      this.post = post;
    }
    /** Add an answer; comments that name another post are left out. */
    add(answer) {
      const all = commentsOf(answer);
      const ours = all.filter((comment) => !this.post || (postOf(comment) ?? this.post) === this.post);
      for (const comment of ours) this.comments.set(String(comment.cid), comment);
      if (all.length && !ours.length) return;
      const cursor = Number(answer.cursor) || 0;
      if (cursor < this.cursor) return;
      this.cursor = cursor;
      this.hasMore = all.length > 0 && Boolean(Number(answer.has_more));
    }
  };
  var postOf = (comment) => comment.aweme_id === void 0 ? void 0 : String(comment.aweme_id);
  var commentsOf = (answer) => valuesOf("comments", answer).filter((comment) => comment.cid);
  var isPost = (value) => typeof value === "object" && /^\d{1,20}$/.test(value.id) && ("video" in value || "imagePost" in value);
  var PageData = class extends EventTarget {
    posts = /* @__PURE__ */ new Map();
    // id: itemStruct
    threads = /* @__PURE__ */ new Map();
    // id of a post: Thread
    replyThreads = /* @__PURE__ */ new Map();
    // id of a comment: Thread
    webId = null;
    answeredLink = 0;
    // the number of the address for comments that was answered last
    answered = Object.fromEntries(REQUESTS.map(([name]) => [name, 0]));
    // how often, for `check_site`
    listGoesOn = true;
    // true if the page's list has more posts, by its last answer
    request = null;
    // the page's last request for comments, as a pattern for further ones
    reading = 0;
    // the number of answers that have come but aren't read yet
    seen = { posts: 0, comments: 0, replies: 0 };
    // answers that contained any, for `check_site`
    #embedded = /* @__PURE__ */ new Map();
    // by name: the last text that was read
    #left = /* @__PURE__ */ new Set();
    // ids of posts that were recorded, oldest first
    #loaded = /* @__PURE__ */ new Set();
    // ids of posts whose data are here, oldest first
    #forgotten = /* @__PURE__ */ new Set();
    // ids of posts whose data were here
    /** Listen to all requests from now on. */
    hook(page) {
      const data2 = this;
      page.fetch = new Proxy(page.fetch, {
        apply(fetch2, self, args) {
          const answer = Reflect.apply(fetch2, self, args);
          answer.then((response) => data2.#readResponse(response), () => {
          });
          return answer;
        }
      });
      const prototype = page.XMLHttpRequest.prototype;
      const known3 = /* @__PURE__ */ new WeakSet();
      prototype.open = new Proxy(prototype.open, {
        apply(open, request, args) {
          if (!known3.has(request)) request.addEventListener("load", () => data2.#readRequest(request));
          known3.add(request);
          return Reflect.apply(open, request, args);
        }
      });
    }
    /** Read the JSON that the page was delivered with. This is cheap if nothing has changed. */
    readEmbedded() {
      for (const name of Object.values(EMBEDDED)) this.#readScript(document.getElementById(name));
      if (window[EMBEDDED.sigi] && !this.#embedded.has(EMBEDDED.sigi)) {
        this.#embedded.set(EMBEDDED.sigi, "variable");
        this.#guard(() => this.#addAll(window[EMBEDDED.sigi]));
      }
    }
    /** Read it as soon as it is parsed: the page may remove its element a moment later. */
    watchEmbedded() {
      if (document.readyState === "complete") return;
      const names = Object.values(EMBEDDED);
      const isData = (node) => node.localName === "script" && names.includes(node.id);
      const observer2 = new MutationObserver((changes) => {
        this.readEmbedded();
        const nodes = changes.flatMap(({ addedNodes, removedNodes }) => [...addedNodes, ...removedNodes]);
        nodes.filter(isData).forEach((script) => this.#readScript(script));
      });
      observer2.observe(document, { childList: true, subtree: true });
      addEventListener("load", () => observer2.disconnect(), { once: true });
    }
    #readScript(script) {
      const text3 = script?.textContent;
      if (!text3 || this.#embedded.get(script.id) === text3) return;
      this.#embedded.set(script.id, text3);
      this.#guard(() => this.#addAll(JSON.parse(text3)));
    }
    /** Request the page of a post, and read the JSON that it is delivered with. */
    async askForPost(link, ms) {
      const signal = AbortSignal.timeout(Math.max(ms, 1));
      const answer = await fetch(link, { signal }).catch(() => null);
      const page = await answer?.text().catch(() => "") ?? "";
      for (const name of Object.values(EMBEDDED)) {
        const start2 = page.indexOf(">", page.indexOf(`id="${name}"`)) + 1;
        const text3 = start2 > 0 && page.slice(start2, page.indexOf("<\/script>", start2));
        if (page.includes(`id="${name}"`)) this.#guard(() => this.#addAll(JSON.parse(text3)));
      }
      this.dispatchEvent(new Event("change"));
    }
    /** Forget a recorded post after many others, so that the memory stays constant. */
    release(id) {
      this.#left.delete(id);
      this.#left.add(id);
      if (this.#left.size > KEPT) this.#forget(this.#left);
    }
    hasForgotten(id) {
      return this.#forgotten.has(id);
    }
    #forget([oldest]) {
      this.#left.delete(oldest);
      this.#loaded.delete(oldest);
      this.#forgotten.add(oldest);
      for (const comment of this.threads.get(oldest)?.comments.keys() ?? []) this.replyThreads.delete(comment);
      this.threads.delete(oldest);
      this.posts.delete(oldest);
    }
    /** The browser's id, by which the site knows the visitor. It never changes. */
    webIdWith(permalink2) {
      const link = permalink2 && new URL(permalink2, location.href);
      this.webId ??= link?.searchParams?.get(WEB_ID.inLinks) ?? storedWebId();
      return this.webId;
    }
    /** The addresses of a further page of comments, in the order to try them. */
    commentsLinks(id, cursor) {
      return this.#links(ENDPOINTS.commentsPath, { aweme_id: id, cursor });
    }
    repliesLinks(id, comment, cursor) {
      return this.#links(ENDPOINTS.repliesPath, { item_id: id, comment_id: comment, cursor });
    }
    /** Read the contents of an answer to one of the page's requests. */
    add(address, answer) {
      const link = new URL(address, location.href);
      this.webId ??= link.searchParams.get(WEB_ID.inRequests);
      if (ENDPOINTS.replies.test(link.pathname)) this.#addReplies(link, answer);
      else if (ENDPOINTS.comments.test(link.pathname)) this.#addComments(link, answer);
      else if (this.#addAll(answer)) this.#addList(answer);
    }
    #addList(answer) {
      this.seen.posts += 1;
      const [goesOn] = valuesOf("listGoesOn", answer);
      if (goesOn !== void 0) this.listGoesOn = Boolean(Number(goesOn));
    }
    /** Addresses as in REQUESTS. If the page itself has asked before, one has the same form. */
    #links(path, parameters) {
      this.request ??= this.#requestBefore();
      const few = new URL(path, location.origin);
      Object.entries(MINIMAL_QUERY).forEach(([name, value]) => few.searchParams.set(name, value));
      const own = this.request && new URL(path + this.request.search, location.origin);
      [...SIGNATURES, ...POST_PARAMETERS].forEach((name) => own?.searchParams.delete(name));
      const links = REQUESTS.map(([name]) => ({ few, own })[name]);
      return links.filter(Boolean).map((link) => {
        Object.entries(parameters).forEach(([name, value]) => link.searchParams.set(name, value));
        return link;
      });
    }
    /** An earlier request: the browser remembers the addresses of requests from before the scraper. */
    #requestBefore() {
      const entries = performance.getEntriesByType("resource").map((entry) => new URL(entry.name));
      const isOwn = (link) => ENDPOINTS.comments.test(link.pathname) && !isMinimal(link);
      return entries.findLast(isOwn) ?? null;
    }
    #addComments(link, answer) {
      const id = link.searchParams.get("aweme_id") ?? commentsOf(answer)[0]?.aweme_id;
      if (!id || !("comments" in answer)) return;
      this.seen.comments += 1;
      if (!isMinimal(link)) this.request = link;
      threadOf(this.threads, id, id).add(answer);
      this.#tell([id]);
    }
    #addReplies(link, answer) {
      const comment = link.searchParams.get("comment_id");
      if (!comment || !("comments" in answer)) return;
      this.seen.replies += 1;
      const id = link.searchParams.get("item_id") ?? void 0;
      threadOf(this.replyThreads, comment, id).add(answer);
      if (id) this.#tell([id]);
    }
    /** Tell listeners which posts have new data. */
    #tell(ids) {
      for (const id of ids) {
        this.#forgotten.delete(id);
        this.#loaded.delete(id);
        this.#loaded.add(id);
      }
      while (this.#loaded.size > MOST) this.#forget(this.#loaded);
      if (ids.length) this.dispatchEvent(Object.assign(new Event("posts"), { ids }));
    }
    #addAll(json) {
      const posts = valuesOf("posts", json).filter(isPost);
      for (const post of posts) {
        this.posts.set(String(post.id), { ...this.posts.get(String(post.id)), ...post });
      }
      this.webId ??= valuesOf("webId", json)[0] ?? null;
      this.#tell(posts.map((post) => String(post.id)));
      return posts.length;
    }
    async #readResponse(response) {
      if (!isApi(response.url)) return;
      this.reading += 1;
      try {
        this.add(response.url, await response.clone().json());
      } catch {
      } finally {
        this.#changed();
      }
    }
    #readRequest(request) {
      if (!isApi(request.responseURL)) return;
      this.reading += 1;
      this.#guard(() => this.add(request.responseURL, jsonOf(request)));
      this.#changed();
    }
    #changed() {
      this.reading -= 1;
      this.dispatchEvent(new Event("change"));
    }
    #guard(read) {
      try {
        read();
      } catch {
      }
    }
  };
  function isMinimal(link) {
    const known3 = [...Object.keys(MINIMAL_QUERY), ...POST_PARAMETERS, "cursor"];
    return [...link.searchParams.keys()].every((name) => known3.includes(name));
  }
  function threadOf(threads, id, post) {
    if (!threads.has(id)) threads.set(id, new Thread(post));
    return threads.get(id);
  }
  function isApi(address) {
    return Boolean(address) && ENDPOINTS.api.test(new URL(address, location.href).pathname);
  }
  function jsonOf({ responseType, response }) {
    if (responseType === "json") return structuredClone(response);
    if (responseType === "arraybuffer") return JSON.parse(new TextDecoder().decode(response));
    return JSON.parse(response);
  }
  function storedWebId() {
    try {
      return JSON.parse(localStorage.getItem(WEB_ID.stored))?.web_id ?? null;
    } catch {
      return null;
    }
  }

  // src/panel.js
  var STYLE = `
  :host { all: initial; position: fixed; left: 12px; bottom: 12px; z-index: 2147483647; }
  details { width: 250px; padding: 10px 12px; border-radius: 10px; color: #f2f2f2; background: #1b1b1f;
    font: 13px/1.4 system-ui, sans-serif; box-shadow: 0 2px 12px #0008; }
  summary { cursor: pointer; font-weight: 600; }
  label { display: flex; align-items: center; justify-content: space-between; gap: 8px; margin-top: 6px; }
  input[type=text] { flex: 1; min-width: 0; }
  input[type=number] { width: 80px; }
  input[type=number], input[type=text] { font: inherit; color: inherit; background: #2b2b31;
    border: 1px solid #55555e; border-radius: 5px; padding: 1px 4px; }
  progress { width: 100%; margin: 8px 0 2px; accent-color: #25c2bd; }
  p { margin: 2px 0; overflow-wrap: anywhere; }
  nav { display: flex; flex-wrap: wrap; gap: 6px; margin-top: 8px; }
  button { flex: 1 0 40%; padding: 4px 8px; font: inherit; color: inherit; background: #35353d;
    border: 1px solid #55555e; border-radius: 5px; cursor: pointer; }
  button:disabled { opacity: 0.45; cursor: default; }
  :focus-visible { outline: 2px solid #25c2bd; }
`;
  function element(tag, attributes = {}, ...children) {
    const made = Object.assign(document.createElement(tag), attributes);
    made.append(...children);
    return made;
  }
  var Panel = class {
    #host = element("tiktok-retrieval-panel");
    #run = null;
    constructor(batch2, folder2, actions) {
      Object.assign(this, { batch: batch2, folder: folder2, actions });
      this.#build();
      batch2.addEventListener("change", () => this.#showBatch());
      setInterval(() => this.#run && this.#show(this.#run), 1e3);
    }
    /** Add the panel to the page, once there is one. */
    attach() {
      document.documentElement.append(this.#host);
      this.#showBatch();
    }
    remove() {
      this.#host.remove();
    }
    /** Show the progress of `run` until it is over. */
    follow(run2) {
      this.#run = run2;
      run2.addEventListener("change", () => this.#show(run2));
      this.#show(run2);
    }
    #build() {
      this.#makeInputs();
      this.#makeButtons();
      const root = this.#host.attachShadow({ mode: "open" });
      const style = new CSSStyleSheet();
      style.replaceSync(STYLE);
      root.adoptedStyleSheets = [style];
      root.append(
        element(
          "details",
          { open: true },
          element("summary", { textContent: `TikTok-Retrieval ${"1.0.0"}` }),
          element("label", {}, "TikToks", this.count),
          element("label", {}, "wait for each at most (ms)", this.delay),
          element("label", {}, "pause after each, about (ms)", this.pause),
          element("label", {}, "all comments", this.allComments),
          element("label", {}, "replies", this.replies),
          element("label", {}, "also those that are complete", this.again),
          element("label", {}, "save the videos too", this.media),
          element("label", {}, "collect only", this.filter),
          this.progress,
          this.status,
          this.times,
          this.missing,
          this.kept,
          element("nav", {}, ...this.buttons)
        )
      );
      this.#listen();
    }
    #makeInputs() {
      const number2 = (value, step) => element("input", { type: "number", min: step ? 0 : 1, step: step ?? 1, value });
      const box = () => element("input", { type: "checkbox" });
      this.count = number2(100);
      this.delay = number2(1e4, 500);
      this.pause = number2(2e3, 500);
      this.allComments = box();
      this.replies = box();
      this.again = box();
      this.media = box();
      this.filter = element("input", { type: "text", placeholder: "#hashtag, @profile" });
      this.progress = element("progress", { max: 1, value: 0 });
      this.status = element("p", { textContent: "Ready." });
      this.status.setAttribute("role", "status");
      this.times = element("p");
      this.missing = element("p");
      this.kept = element("p");
    }
    #makeButtons() {
      const button = (textContent, onclick) => element("button", { textContent, onclick: () => this.#do(onclick) });
      const { actions } = this;
      this.startButton = button("Start", () => actions.start(this.#asked()));
      this.collectButton = button("Collect what I see", () => actions.collect(this.#asked()));
      this.stopButton = button("Stop", actions.stop);
      this.stopButton.disabled = true;
      this.folderButton = button("Pick the corpus", () => this.folder.pick());
      this.exportButton = button("Export", actions.export);
      this.logButton = button("Log of what was missed", actions.exportLog);
      this.clearButton = button("New batch", () => this.#clear());
      const folder2 = this.folder.canPick ? [this.folderButton] : [];
      this.buttons = [this.startButton, this.collectButton, this.stopButton, ...folder2];
      this.buttons.push(this.exportButton, this.logButton, this.clearButton);
    }
    #listen() {
      for (const name of ["keydown", "keypress", "keyup"]) {
        this.#host.addEventListener(name, (event) => event.stopPropagation());
      }
      this.#host.addEventListener("dragover", (event) => event.preventDefault());
      this.#host.addEventListener("drop", (event) => {
        event.preventDefault();
        event.stopPropagation();
        this.#do(() => this.#load([...event.dataTransfer.files]));
      });
    }
    /** Do what a button is for, and show any error, because nobody looks into the console. */
    async #do(action) {
      try {
        await action();
      } catch (error) {
        if (error.name !== "AbortError") this.status.textContent = error.message;
      }
      this.#showBatch();
    }
    async #load(files) {
      for (const file of files) {
        const count = await this.actions.load(file);
        this.status.textContent = `${file.name} has ${counted(count, "TikTok")}${count ? " to skip" : ""}.`;
      }
    }
    #asked() {
      return {
        count: this.count.valueAsNumber || 1,
        delay: this.delay.valueAsNumber || 0,
        pause: this.pause.valueAsNumber || 0,
        replies: this.replies.checked,
        again: this.again.checked,
        media: this.media.checked,
        filter: this.filter.value,
        ...this.allComments.checked && { comments: Infinity }
      };
    }
    async #clear() {
      const { count, exported } = await this.batch.counts();
      const left = count - exported;
      const warning = left ? ` ${left} of them not exported yet: export first.` : "";
      if (confirm(`Delete the batch of ${counted(count, "TikTok")}?${warning}`)) await this.actions.clear();
    }
    async #showBatch() {
      const { count, exported } = await this.batch.counts();
      const corpus = await this.batch.corpusCount();
      const { usage = 0, quota = 0 } = await navigator.storage.estimate?.() ?? {};
      this.kept.textContent = [
        `${count} in the batch${count > exported ? `, ${count - exported} not exported` : ""}`,
        corpus && `${corpus} known from the corpus`,
        this.folder.name && `media go to ${this.folder.name}`,
        quota && `${size(usage)} of ${size(quota)} used`
      ].filter(Boolean).join("; ");
      this.exportButton.disabled = this.clearButton.disabled = count === 0;
    }
    #show(run2) {
      const { ids, count, ended } = run2;
      const isCounted = Number.isFinite(count);
      this.progress.max = isCounted ? count : 1;
      if (isCounted || ended) this.progress.value = isCounted ? ids.length : 1;
      else this.progress.removeAttribute("value");
      this.startButton.disabled = this.collectButton.disabled = !ended;
      this.stopButton.disabled = Boolean(ended);
      this.status.textContent = statusOf(run2);
      this.times.textContent = timesOf(run2);
      this.missing.textContent = [missingOf(run2.lacks), ...run2.notes].filter(Boolean).join(" ");
      if (ended) this.#run = null;
    }
  };
  function statusOf({ ids, count, known: known3, skipped, comments, pending, saved, unsaved, ended, waiting }) {
    const parts2 = [
      `${ids.length}${Number.isFinite(count) ? ` of ${count}` : ""}`,
      known3 && `${known3} of them scraped before`,
      skipped && `${skipped} skipped`,
      comments && counted(comments, "comment"),
      saved && `${counted(saved, "file")} saved`,
      unsaved && `${unsaved} not saved`,
      pending && `saving the files of ${pending}`
    ];
    const now = ended ?? waiting;
    return `${parts2.filter(Boolean).join(", ")}${now ? `: ${now}` : ""}`;
  }
  function timesOf({ startedAt, ids, known: known3, count, ended }) {
    const elapsed = (Date.now() - startedAt) / 1e3;
    const left = elapsed / (ids.length - known3) * (count - ids.length);
    const toGo = ended || !Number.isFinite(left) ? "" : `, about ${duration(left)} to go`;
    return `${duration(elapsed)} elapsed${toGo}`;
  }
  var counted = (number2, word) => `${number2} ${word}${number2 === 1 ? "" : "s"}`;
  function duration(seconds) {
    const whole = Math.round(seconds);
    return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
  }
  function size(bytes) {
    return bytes < 1e9 ? `${Math.round(bytes / 1e6)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
  }
  function missingOf(lacks) {
    const parts2 = [...lacks].map(([key, count]) => `${key} (${count})`);
    return parts2.length ? `missing: ${parts2.join(", ")}` : "";
  }

  // src/wait.js
  var MEDIA_EVENTS = ["loadstart", "loadedmetadata"];
  function until(ready, ms, signals = []) {
    const first = ready();
    if (first || ms <= 0) return Promise.resolve(first || null);
    return new Promise((resolve, reject) => {
      const finish = (settle, value) => {
        clearTimeout(timer);
        observer2.disconnect();
        MEDIA_EVENTS.forEach((name) => document.removeEventListener(name, ask, true));
        signals.forEach((signal) => signal.removeEventListener("change", ask));
        settle(value);
      };
      const ask = () => {
        try {
          const value = ready();
          if (value) finish(resolve, value);
        } catch (error) {
          finish(reject, error);
        }
      };
      const observer2 = new MutationObserver(ask);
      observer2.observe(document, {
        attributes: true,
        characterData: true,
        childList: true,
        subtree: true
      });
      MEDIA_EVENTS.forEach((name) => document.addEventListener(name, ask, true));
      signals.forEach((signal) => signal.addEventListener("change", ask));
      const timer = setTimeout(() => finish(resolve, ready() || null), ms);
    });
  }

  // src/run.js
  var PAUSE_MS = 2e3;
  var LONGEST_MS = 2 ** 31 - 1;
  function optionsOf(delay, more) {
    const options = { delay: 2e3, pause: PAUSE_MS, replies: false, again: false, media: false };
    Object.assign(options, typeof delay === "number" ? { delay } : delay, more);
    for (const name of ["delay", "pause"]) {
      const milliseconds = Number(options[name]);
      if (!(milliseconds >= 0)) throw new TypeError(`${name} must be milliseconds, not ${options[name]}`);
      options[name] = Math.min(milliseconds, LONGEST_MS / 2);
    }
    return options;
  }
  function wanted({ comments = FIRST_PAGE, replies }) {
    return { comments, replies };
  }
  function isDone({ record, asked = { comments: FIRST_PAGE, replies: false } }, options) {
    const now = wanted(options);
    const isEnough = asked.comments >= now.comments && (asked.replies || !now.replies);
    return isEnough && !record.missing && (!options.media || isSaved(record));
  }
  var Run = class extends EventTarget {
    ids = [];
    // of the recorded TikToks
    known = 0;
    // how many of them were recorded before
    skipped = 0;
    // TikToks in the corpus: they aren't among `ids`
    comments = 0;
    // that were collected while a person browses
    pending = 0;
    // TikToks whose media are being saved
    saved = 0;
    // media
    unsaved = 0;
    lacks = /* @__PURE__ */ new Map();
    // field: how many records lack it
    ended = null;
    // the reason for its end
    waiting = null;
    // what the person has to do before it goes on
    notes = /* @__PURE__ */ new Set();
    // what the person should know
    startedAt = Date.now();
    constructor(data2, batch2, count, options) {
      super();
      Object.assign(this, { data: data2, batch: batch2, count, options });
    }
    get isFull() {
      return this.ids.length >= this.count;
    }
    /** Count a record. */
    add(record) {
      this.ids.push(record.id);
      for (const key of Object.keys(record.missing ?? {})) this.lacks.set(key, (this.lacks.get(key) ?? 0) + 1);
      this.changed();
    }
    stop(reason = "stopped") {
      this.ended ??= reason;
      this.changed();
    }
    /** Tell the person something about the page, once. */
    note(message) {
      if (this.notes.has(message)) return;
      this.notes.add(message);
      console.info(message);
      this.changed();
    }
    /** Wait for the person to do what `message` says, until `isOver()`. */
    async wait(message, isOver) {
      console.info(message);
      this.waiting = message;
      this.changed();
      await until(() => this.ended || isOver(), LONGEST_MS, [this]);
      this.waiting = null;
      this.changed();
    }
    /** Wait for a `share` of the pause between two TikToks, give or take a half. */
    async pause(share = 1) {
      const ms = this.options.pause * share * (0.5 + Math.random());
      await until(() => this.ended, ms, [this]);
    }
    changed() {
      this.dispatchEvent(new Event("change"));
    }
  };

  // src/comments.js
  var REQUEST_SHARE = 0.2;
  var PAGES2 = 1e3;
  var TRIES = 3;
  var SCROLL_MS = 150;
  var PASSES = 2;
  var INCOMPLETE = "not all comments or replies loaded";
  var Found = class extends Map {
    /** Add what is new in `shown`, next to its neighbours there. Without known neighbours, it goes to the top. */
    merge(shown) {
      if ([...shown.keys()].every((key) => this.has(key))) return;
      const keys = [...this.keys()];
      let place = Math.max(keys.indexOf([...shown.keys()].find((key) => this.has(key))), 0);
      for (const key of shown.keys()) {
        if (this.has(key)) place = keys.indexOf(key);
        else keys.splice(place, 0, key);
        place += 1;
      }
      const records = new Map([...shown, ...this]);
      this.clear();
      keys.forEach((key) => this.set(key, records.get(key)));
    }
  };
  var CommentCollector = class {
    constructor(data2, task) {
      this.data = data2;
      this.task = task;
    }
    /** Returns `{comments, source, incomplete}`. Call it when the first page of comments is there. */
    async collect() {
      const asks = !this.task.firstPage || this.task.replies;
      if (asks) await this.#askForAll();
      const before = this.#fromJson();
      if (before && !before.incomplete) return before;
      if (!this.task.root()) return before ?? { comments: [], source: "none", incomplete: INCOMPLETE };
      const shown = await this.#fromPage();
      const after = this.#fromJson();
      return after && (!after.incomplete || after.comments.length >= shown.comments.length) ? after : shown;
    }
    /** Request `want` comments. Returns true if there is an answer. */
    async ask(want) {
      const { id } = this.task;
      const thread = () => this.data.threads.get(id);
      await this.#askFor(thread, (cursor) => this.data.commentsLinks(id, cursor), want);
      return Boolean(thread());
    }
    // --- the page's own endpoints
    async #askForAll() {
      const { id, want, firstPage, replies } = this.task;
      const thread = () => this.data.threads.get(id);
      const links = (cursor) => this.data.commentsLinks(id, cursor);
      if (!(firstPage && thread()) && !await this.#askFor(thread, links, want)) return;
      for (const { cid, reply_comment_total: total } of replies ? this.#known() : []) {
        const answers = () => this.data.replyThreads.get(String(cid));
        const links2 = (cursor) => this.data.repliesLinks(id, cid, cursor);
        if (total && !await this.#askFor(answers, links2, total)) return;
      }
    }
    #known() {
      const thread = this.data.threads.get(this.task.id);
      return [...thread?.comments.values() ?? []].slice(0, this.task.want);
    }
    #fromJson() {
      const { id, want, firstPage, creator, replies } = this.task;
      const thread = this.data.threads.get(id);
      if (!thread) return null;
      let complete = firstPage || !thread.hasMore || thread.comments.size >= want;
      const comments = this.#known().map((comment) => {
        const record = commentRecord(comment, creator);
        if (!replies) return record;
        record.replies = this.#knownReplies(comment).map((reply) => commentRecord(reply, creator));
        complete &&= this.#hasAllReplies(comment, record.replies);
        return record;
      });
      return { comments, source: "json", incomplete: complete ? null : INCOMPLETE };
    }
    #knownReplies({ cid, reply_comment: first }) {
      const found = new Map((first ?? []).map((reply) => [String(reply.cid), reply]));
      this.data.replyThreads.get(String(cid))?.comments.forEach((reply, key) => found.set(key, reply));
      return [...found.values()];
    }
    /** The count includes hidden replies, so the end of the list also means that these are all. */
    #hasAllReplies({ cid, reply_comment_total: total }, found) {
      return found.length >= (total ?? 0) || this.data.replyThreads.get(String(cid))?.hasMore === false;
    }
    /** Request further pages until there are `want` comments, or no more. Returns false if that fails. */
    async #askFor(threadOf2, linksOf, want) {
      const state = () => `${threadOf2()?.cursor} ${threadOf2()?.comments.size} ${threadOf2()?.hasMore}`;
      let failures = 0;
      for (let page = 0; page < PAGES2 && !this.task.stopped(); page += 1) {
        const thread = threadOf2();
        if (thread && (!thread.hasMore || thread.comments.size >= want)) return true;
        if (failures === TRIES) return false;
        if (page) await this.task.pause(REQUEST_SHARE);
        const before = `${thread?.comments.size}`;
        const answered = await this.#ask(linksOf(thread?.cursor ?? 0), state);
        const isNew = answered && `${threadOf2()?.comments.size}` !== before;
        failures = isNew || threadOf2()?.hasMore === false ? 0 : failures + 1;
      }
      return false;
    }
    /** Try these addresses until one is answered. From then on, that one is tried first. */
    async #ask(links, state) {
      const first = Math.min(this.data.answeredLink, links.length - 1);
      for (const index of /* @__PURE__ */ new Set([first, ...links.keys()])) {
        const before = state();
        await this.#fetch(links[index]);
        if (state() === before) continue;
        this.data.answeredLink = index;
        this.data.answered[REQUESTS[index][0]] += 1;
        return true;
      }
      return false;
    }
    /** Send a request. Its answer is read like the answers to the page's own requests. */
    async #fetch(link) {
      try {
        const response = await fetch(link, { signal: AbortSignal.timeout(Math.max(this.task.delay, 1)) });
        this.data.add(link.href, await response.json());
      } catch {
      }
    }
    // --- the comments that the page shows
    async #fromPage() {
      const found = new Found();
      const replies = /* @__PURE__ */ new Map();
      for (let pass = 0; pass < PASSES && !this.#isDone(found, replies); pass += 1) {
        const bar = scroller(this.task.root());
        if (bar.scrollTop > 0) await this.#scroll(bar, 0);
        await this.#walk(bar, found, replies);
      }
      const comments = [...found].slice(0, this.task.want).map(
        ([signature, record]) => this.task.replies ? { ...record, replies: [...replies.get(signature)?.values() ?? []] } : record
      );
      return { comments, source: "dom", incomplete: this.#isShort(found, replies) ? INCOMPLETE : null };
    }
    /** Go from the top of the list to its end. */
    async #walk(bar, found, replies) {
      const tried = /* @__PURE__ */ new Set();
      let more = true;
      let idle = 0;
      while (more && idle < TRIES && !this.task.stopped()) {
        await this.#backToKnown(bar, found);
        if (this.task.replies) await this.#expandAll(found, replies, tried);
        const before = found.size;
        const isAtEnd = bar.scrollTop + bar.clientHeight >= bar.scrollHeight - 1;
        const isRepeated = this.#shown().length > before;
        more = !this.#isDone(found, replies) && await this.#further(bar, found);
        if (found.size > before) idle = 0;
        else if (isAtEnd || isRepeated) idle += 1;
      }
    }
    #isDone(found, replies) {
      const enough = found.size >= this.task.want || this.#isAll(found);
      return enough && !this.#lacksReplies(found, replies);
    }
    #shown() {
      return shownComments(this.task.root(), this.task.creator);
    }
    /** Scroll up to where the list was read: a list that draws late may have been scrolled too far. */
    async #backToKnown(bar, found) {
      const known3 = () => this.#gather(found);
      while (!known3() && bar.scrollTop > 0 && !this.task.stopped()) {
        await this.#scroll(bar, bar.scrollTop - bar.clientHeight / 2, known3);
      }
      if (!known3()) found.merge(this.#shownBySignature());
    }
    /** Add the shown comments, if any is known: only then is their place known. Returns true if added. */
    #gather(found) {
      const shown = this.#shownBySignature();
      const known3 = !found.size || [...shown.keys()].some((key) => found.has(key));
      if (known3) found.merge(shown);
      return known3;
    }
    /** Shown comments by signature. Two equal texts by one person are two comments, unless their ids agree. */
    #shownBySignature() {
      const shown = /* @__PURE__ */ new Map();
      for (const { id, signature, record } of this.#shown()) {
        if (id && shown.has(id)) continue;
        let key = signature;
        for (let copy = 1; shown.has(key); copy += 1) key = `${signature}#${copy}`;
        shown.set(key, record);
      }
      return shown;
    }
    /** True if there are as many comments as the page says. It counts replies, too. */
    #isAll(found) {
      const replies = [...found.values()].map((record) => Number(record["replies-count"]) || 0);
      return this.task.total !== null && found.size + sum(replies) >= this.task.total;
    }
    #lacksReplies(found, replies) {
      const known3 = (signature) => replies.get(signature)?.size ?? 0;
      const lacks = ([signature, record]) => known3(signature) < Number(record["replies-count"]);
      return this.task.replies && [...found].some(lacks);
    }
    #isShort(found, replies) {
      const { firstPage, total, want } = this.task;
      const lacksComments = !firstPage && total !== null && found.size < want && !this.#isAll(found);
      return lacksComments || this.#lacksReplies(found, replies);
    }
    /** Go one step down the list. Returns false at its end. */
    async #further(bar, found) {
      const before = found.size;
      const grown = () => this.#gather(found) && found.size > before;
      const height = bar.scrollHeight;
      if (bar.scrollTop + bar.clientHeight < height - 1) {
        await this.#scroll(bar, bar.scrollTop + bar.clientHeight * 0.8, grown);
        return true;
      }
      const isEnd = this.#isAll(found) || this.data.threads.get(this.task.id)?.hasMore === false;
      if (this.task.firstPage || isEnd) return false;
      await until(() => grown() || bar.scrollHeight > height, this.task.delay, [this.task.signal]);
      return found.size > before || bar.scrollHeight > height;
    }
    #scroll(bar, top, drawn = () => false) {
      bar.scrollTop = top;
      return until(drawn, SCROLL_MS, [this.task.signal]);
    }
    /** Expand all replies. Each expansion pushes others out of a virtual list, so look again each time. */
    async #expandAll(found, replies, tried) {
      for (; ; ) {
        this.#gather(found);
        const next = this.#shown().find((one) => one.repliesCount && !tried.has(one.signature));
        if (!next || this.task.stopped()) return;
        tried.add(next.signature);
        if (!replies.has(next.signature)) replies.set(next.signature, /* @__PURE__ */ new Map());
        next.text.scrollIntoView({ block: "center", behavior: "instant" });
        await this.#expand(next.signature, Number(next.repliesCount) || Infinity, replies.get(next.signature));
      }
    }
    /** Click "show more" as long as it shows more: the element that hides replies looks the same. */
    async #expand(signature, total, replies) {
      const current = () => this.#shown().find((comment) => comment.signature === signature);
      const gather = () => {
        current()?.replies.forEach((reply) => replies.set(reply.signature, reply.record));
        return replies.size;
      };
      let before = -1;
      while (gather() > before && replies.size < total && !this.task.stopped()) {
        before = replies.size;
        const expander = current()?.expander;
        if (!expander) return;
        expander.click();
        await until(() => this.task.stopped() || gather() > before, this.task.delay, [this.task.signal]);
      }
    }
  };
  var sum = (numbers) => numbers.reduce((total, number2) => total + number2, 0);

  // src/grid.js
  function clickLink(link) {
    const stay = (event) => event.preventDefault();
    addEventListener("click", stay);
    link.click();
    removeEventListener("click", stay);
  }
  var GridWalk = class {
    #passed = /* @__PURE__ */ new Set();
    // ids
    constructor() {
      this.current = null;
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
  };

  // src/scrape.js
  var MOVE_MS = 15e3;
  var END_MS = 3e3;
  var OPEN_COMMENTS_MS = 400;
  var CLICK_MS = 3e3;
  var LONGEST_MS2 = 2 ** 31 - 1;
  var NO_NEXT_BUTTON = "I can't find the next button of this page. Type check_site() in the console to see what has changed";
  var NOTHING_OPEN = "no TikTok is open, and I see no grid of TikToks: open one, or type check_site() in the console";
  var NO_MORE_TILES = "the grid shows no further TikToks, but the site has more: scroll down and start again";
  var BLOCKED = {
    captcha: "The site asks for a captcha: solve it, and I go on",
    login: "The site asks you to log in: log in, or close the dialog, and I go on"
  };
  var Scraper = class {
    #before = new Before();
    // what was shown of TikToks before the open one
    #last = null;
    // id of the TikTok that was left last
    #commentsSeen = false;
    // they are open, and stay so
    #clicked = false;
    // to open them
    #clicksFail = false;
    // the page ignores clicks that no person made
    #walk = null;
    // through a grid whose posts don't open
    constructor(data2, batch2, media2) {
      Object.assign(this, { data: data2, batch: batch2, media: media2 });
    }
    #openPost = () => this.#walk?.current ?? openPost(this.data.posts);
    #rootOf = (open) => open.tile ? null : rootOf(open, this.data.posts);
    #hasLeft = (open) => this.#openPost()?.id !== open.id;
    /** Scrape up to `run.count` TikToks, starting with the open one or the first in a grid. */
    async all(run2) {
      this.#walk = null;
      this.data.readEmbedded();
      await this.#until(run2, () => this.#openPost() || tiles().length, run2.options.delay);
      if (!run2.ended && !this.#openPost()) await this.#enterGrid(run2);
      while (!run2.ended) {
        const id = await this.#one(run2);
        if (id) await this.#move(run2, id);
        if (run2.isFull) run2.stop("done");
      }
    }
    /** Scrape the open TikTok, and stay there. */
    async open(run2) {
      this.#walk = null;
      await this.#one(run2);
      run2.stop("done");
    }
    /** Keep the open TikTok, and return its id; null if the run has ended or another one was opened. */
    async #one(run2) {
      const deadline = Date.now() + run2.options.delay;
      const open = await this.#until(run2, this.#openPost, run2.options.delay);
      if (run2.ended) return null;
      if (!open) return void run2.stop(NOTHING_OPEN);
      const { again } = run2.options;
      if (!again && await this.batch.isInCorpus(open.id)) {
        run2.skipped += 1;
        run2.changed();
        this.data.release(open.id);
        return open.id;
      }
      const before = await this.batch.get(open.id);
      if (before && !again && isDone(before, run2.options)) {
        run2.known += 1;
        run2.add(before.record);
        this.data.release(open.id);
        return open.id;
      }
      const scraped = await this.#scrape(run2, open, deadline);
      if (!scraped) return null;
      const record = await this.batch.update(open.id, (before2) => ({
        record: before2 ? better(scraped, before2.record, again) : scraped,
        asked: wanted(run2.options)
      }));
      run2.add(record);
      if (run2.options.media) await this.media.save(record, run2);
      this.data.release(open.id);
      return open.id;
    }
    /** Open a grid's first post. If the page ignores the click, read the posts without opening them. */
    async #enterGrid(run2) {
      const [first] = tiles();
      if (!first) return;
      clickLink(first.tile);
      if (await this.#until(run2, this.#openPost, MOVE_MS) || run2.ended) return;
      run2.note("Clicks on a TikTok have no effect here, so I read it from the page's data.");
      this.#walk = new GridWalk();
      this.#walk.advance();
    }
    async #scrape(run2, open, deadline) {
      this.data.readEmbedded();
      if (this.data.hasForgotten(open.id)) await this.data.askForPost(linkOf(open), run2.options.delay);
      const state = () => this.#stateOf(open, run2);
      const settled = () => this.#hasLeft(open) || state().complete;
      const wait = () => this.#until(run2, settled, deadline - Date.now());
      await this.#whileOpening(run2, open, state, wait);
      if (run2.ended || this.#wasMoved(open)) return null;
      const found = state();
      const { record, missing } = this.#postRecord(open, found, run2);
      record.comments = [];
      const task = this.#taskFor(run2, open, found);
      const collected = found.comments === "some" ? await new CommentCollector(this.data, task).collect() : null;
      if (run2.ended || this.#wasMoved(open)) return null;
      if (collected) record.comments = collected.comments;
      if (found.comments === "none yet") {
        missing.comments = `they did not load within ${run2.options.delay} ms`;
        this.#clicked = false;
      }
      if (collected?.incomplete) missing.comments = collected.incomplete;
      return {
        ...record,
        "scrape-timestamp": Date.now() / 1e3,
        ...Object.keys(missing).length && { missing },
        scraper: "1.0.0",
        sources: {
          post: found.post ? "json" : "dom",
          comments: collected?.source ?? (found.comments === "zero" ? found.source : "none")
        }
      };
    }
    /** True if the user went on to another TikTok: values that are read now may belong to either. */
    #wasMoved(open) {
      if (!this.#hasLeft(open)) return false;
      this.#leave(open);
      return true;
    }
    /** Remember what is shown now: later, the page may still show values of this TikTok. */
    #leave(open) {
      this.#before = new Before();
      this.#before.remember(this.#rootOf(open));
      this.#last = open.id;
    }
    /** Return what is known about the open TikTok so far, and whether it is complete. */
    #stateOf(open, run2) {
      const post = this.data.posts.get(open.id);
      const shown = this.#shownOf(open);
      const comments = this.#commentsOf(open, post, shown, run2.options);
      const described = post || shown.description !== void 0 && shown.nickname;
      const filmed = post || shown.photos?.length || isMediaLink(shown.video) || shown.video?.startsWith("blob:");
      const complete = described && filmed && comments !== "none yet" && !this.data.reading;
      return { post, shown, comments, complete, source: post ? "json" : "dom" };
    }
    /** Return what the page shows, without values that may belong to the previous TikTok. */
    #shownOf(open) {
      const root = this.#rootOf(open);
      const all = shownPost(root, open);
      if (this.#last === null || this.#last === open.id) return all;
      const described = describedPost();
      const isDescribed = (!described || described.id === open.id) && this.#before.isNew("description", all.description, root);
      const isNew = (name) => ["video", "cover", "photos"].includes(name) ? this.#before.isNew(name, all[name], root) : isDescribed;
      return Object.fromEntries(Object.entries(all).filter(([name]) => isNew(name)));
    }
    /** "zero", "some" or "none yet". */
    #commentsOf(open, post, shown, options) {
      const thread = this.data.threads.get(open.id);
      if (options.comments === 0 || String(commentCountOf(post) ?? shown.commentCount) === "0") return "zero";
      if (thread?.comments.size) return "some";
      if (thread && !thread.hasMore) return "zero";
      const visible = shownComments(this.#rootOf(open));
      const isOurs = this.#last === null || this.#last === open.id || this.#before.areNew(visible);
      return visible.length && isOurs ? "some" : "none yet";
    }
    #postRecord(open, { post, shown, complete }, run2) {
      const webId = this.data.webIdWith(shown.permalink);
      const late = complete ? "" : ` within ${run2.options.delay} ms`;
      return postRecord({ open, post, shown, webId }, `neither the page nor its data contained it${late}`);
    }
    #taskFor(run2, open, { post, shown }) {
      const { comments, replies, delay } = run2.options;
      const total = Number(commentCountOf(post) ?? shown.commentCount);
      this.#commentsSeen ||= shownComments(this.#rootOf(open)).length > 0;
      return {
        id: open.id,
        root: () => this.#rootOf(open),
        creator: open.handle,
        firstPage: comments === void 0,
        want: comments ?? FIRST_PAGE,
        replies,
        delay,
        total: Number.isNaN(total) ? null : total,
        signal: run2,
        stopped: () => run2.ended !== null,
        pause: (share) => run2.pause(share)
      };
    }
    /** Click once on pages that need it to load comments; a second click would close them. */
    async #whileOpening(run2, open, state, wait) {
      let isOver = false;
      const noneYet = () => !isOver && state().comments === "none yet";
      this.#openComments(run2, open, () => isOver, noneYet);
      await wait();
      isOver = true;
    }
    async #openComments(run2, open, isOver, noneYet) {
      if (open.tile) return void await this.#askForAll(run2, open, noneYet);
      const patience = Math.min(OPEN_COMMENTS_MS, run2.options.delay / 2);
      const button = () => find("openComments", this.#rootOf(open) ?? document.createElement("p"));
      await until(() => isOver() || button(), LONGEST_MS2);
      await until(() => isOver() || !noneYet(), patience, [this.data]);
      if (isOver() || !noneYet()) return;
      if (this.#clicksFail) return void await this.#askForComments(run2, open);
      const isShut = !commentsRoot(this.#rootOf(open)) || !(this.#commentsSeen || this.#clicked);
      if (!isShut) return;
      this.#clicked = true;
      button()?.click();
      await until(() => isOver() || !noneYet(), Math.min(CLICK_MS, run2.options.delay / 2), [this.data]);
      if (isOver() || !noneYet() || this.data.reading) return;
      if (await this.#askForComments(run2, open)) {
        this.#clicksFail = true;
        run2.note("A click on the comments button has no effect here, so I request the comments from the site.");
      }
    }
    /** Get the data of a post that can't be opened, if the grid's data lack it, and its comments. */
    async #askForAll(run2, open, noneYet) {
      if (!this.data.posts.has(open.id)) await this.data.askForPost(open.tile.href, run2.options.delay);
      if (noneYet()) await this.#askForComments(run2, open);
    }
    /** Ask the site for the first comments. True if it has answered. */
    async #askForComments(run2, open) {
      const task = this.#taskFor(run2, open, this.#stateOf(open, run2));
      return new CommentCollector(this.data, { ...task, firstPage: false, replies: false }).ask(1);
    }
    /** Go on to the next TikTok. Its address, its card or its row shows when it is open. */
    async #move(run2, id) {
      const open = { id };
      if (this.#walk) return void await this.#walkOn(run2);
      const further = () => nextButton() ?? nextCard(open, this.data.posts);
      const isKnown = Boolean(find("next") || further());
      const isLast = run2.isFull;
      const way = await this.#until(run2, further, isKnown && !isLast ? END_MS : 0);
      if (!way && !isLast) run2.stop(isKnown ? "this is the end of the list" : NO_NEXT_BUTTON);
      if (way && !isLast) await run2.pause();
      if (!way || run2.ended) return;
      this.#leave(open);
      const hasMoved = () => this.#hasMoved(open);
      nextButton()?.click();
      const card = nextCard(open, this.data.posts);
      if (card && !await this.#until(run2, hasMoved, CLICK_MS)) card.scrollIntoView({ behavior: "instant" });
      const moved = await this.#until(run2, hasMoved, Math.max(MOVE_MS, run2.options.delay));
      if (!moved && !run2.ended) run2.stop("the next TikTok did not open");
    }
    /** Go on to the next post of a grid; at its lower end, more posts may load. */
    async #walkOn(run2) {
      if (run2.isFull) return;
      const advance = () => this.#walk.advance();
      if (advance()) return void await run2.pause();
      this.#walk.scrollToEnd();
      const patience = this.data.listGoesOn ? Math.max(MOVE_MS, run2.options.delay) : END_MS;
      if (await this.#until(run2, advance, patience)) return void await run2.pause();
      run2.stop(this.data.listGoesOn ? NO_MORE_TILES : "this is the end of the list");
    }
    /** Values that arrive while the old post is still open belong to the old post. */
    #hasMoved(open) {
      const now = this.#openPost();
      if (now && now.id !== open.id) return true;
      this.#before.remember(this.#rootOf(open));
      return false;
    }
    /** Wait. If a dialog blocks the page, wait for the user first, and then for the full time again. */
    async #until(run2, ready, ms) {
      for (; ; ) {
        let blocked = null;
        const ask = () => {
          const value = !run2.ended && ready();
          blocked = value || run2.ended ? null : dialog();
          return value || run2.ended || blocked;
        };
        const answer = await until(ask, ms, [this.data, run2]);
        if (run2.ended) return null;
        if (!blocked) return answer;
        await run2.wait(BLOCKED[blocked], () => !dialog());
      }
    }
  };

  // scraper.js
  var HERE = /* @__PURE__ */ Symbol.for("tiktok-retrieval");
  window[HERE]?.leave();
  var data = window[HERE]?.data ?? hookedData();
  var batch = new Batch();
  var folder = new Folder(batch);
  var media = new MediaSaver(batch, folder);
  var scraper = new Scraper(data, batch, media);
  var run = null;
  var panel = new Panel(batch, folder, {
    start: ({ count, ...options }) => start(count, optionsOf(void 0, options), (run2) => scraper.all(run2)),
    collect: (options) => collect_tiktoks(options),
    stop: () => stop_scraping(),
    export: () => export_batch(),
    exportLog: () => exportLog(batch),
    clear: () => clear(),
    load: (file) => readIds(file, (ids) => batch.addToCorpus(ids))
  });
  function hookedData() {
    const data2 = new PageData();
    data2.hook(window);
    data2.watchEmbedded();
    return data2;
  }
  async function scrape_tiktoks(count = Infinity, delay, options) {
    if (!(count > 0)) throw new TypeError(`How many? ${count} is no number above 0.`);
    const { ids, ended } = await start(count, optionsOf(delay, options), (run2) => scraper.all(run2));
    console.info(`${ids.length} TikToks: ${ended}.`);
    return batch.records(ids);
  }
  async function scrape_tiktok(delay, options) {
    const asked = { ...optionsOf(delay, options), again: true };
    const { ids } = await start(1, asked, (run2) => scraper.open(run2));
    const [record] = await batch.records(ids);
    return record ?? null;
  }
  async function collect_tiktoks(options) {
    const asked = optionsOf(void 0, options);
    const { ids } = await start(Infinity, asked, (run2) => new Collector(data, batch, run2, media).all());
    return ids.length;
  }
  async function start(count, options, work) {
    if (run && !run.ended) throw new Error("It is scraping already: stop_scraping() stops it.");
    run = new Run(data, batch, count, options);
    panel.follow(run);
    navigator.storage.persist?.().catch(() => {
    });
    try {
      if (options.media) await folder.restore();
      await work(run);
      await media.finish();
      if (options.media && folder.name) await writeRecords();
    } catch (error) {
      run.stop(`failed: ${error.message}`);
      throw error;
    } finally {
      if (!["done", "stopped"].includes(run.ended)) await batch.note("", "run", run.ended).catch(() => {
      });
    }
    return run;
  }
  async function writeRecords() {
    try {
      await exportBatch(batch, folder, { onlyNew: true });
    } catch (error) {
      run.note(`The records can't be written into ${folder.name} (${error.message}): pick it again, and export.`);
    }
  }
  function stop_scraping() {
    run?.stop();
  }
  async function export_batch() {
    await media.finish();
    return exportBatch(batch, folder);
  }
  async function clear() {
    await media.finish();
    await batch.clear();
    await folder.clearStage();
  }
  function check_site() {
    const rows = checkSite(data);
    console.table(rows);
    return rows;
  }
  window.delay ??= 2e3;
  var commands = { scrape_tiktoks, scrape_tiktok, collect_tiktoks, stop_scraping, export_batch, check_site };
  Object.assign(window, commands);
  window[HERE] = {
    data,
    leave() {
      stop_scraping();
      panel.remove();
    }
  };
  if (document.documentElement) panel.attach();
  else document.addEventListener("readystatechange", () => panel.attach(), { once: true });
})();
