/******************************************/
// TikTok-Retrieval: the browser scraper. Built from scraper/ by `npm run build`.
(() => {
  // src/batch.js
  var DATABASE = "tiktok-retrieval";
  var RECORDS = "records";
  var Batch = class extends EventTarget {
    #database = null;
    /** The record of this id and what was asked for then, `{record, asked}`, or null. */
    async get(id) {
      return await this.#do("readonly", (records) => records.get(id)) ?? null;
    }
    /** Keep a record, and what was `asked` for, in the place of the one before. */
    async put(record, asked) {
      await this.#do("readwrite", (records) => records.put({ id: record.id, record, asked }));
      this.dispatchEvent(new Event("change"));
    }
    /** All records, oldest scrape first. */
    async all() {
      const kept = await this.#do("readonly", (records2) => records2.getAll());
      const records = kept.map(({ record }) => record);
      return records.sort((a, b) => a["scrape-timestamp"] - b["scrape-timestamp"]);
    }
    async count() {
      return this.#do("readonly", (records) => records.count());
    }
    async clear() {
      await this.#do("readwrite", (records) => records.clear());
      this.dispatchEvent(new Event("change"));
    }
    /** Save all as `batch_<UTC time>.json`, ready for `data/info/`. */
    async export() {
      const records = await this.all();
      const time = (/* @__PURE__ */ new Date()).toISOString().slice(0, 19).replace(/[-:]/g, "");
      const file = new Blob([JSON.stringify(records, null, 1)], { type: "application/json" });
      const link = document.createElement("a");
      link.href = URL.createObjectURL(file);
      link.download = `batch_${time}Z.json`;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 6e4);
      return records.length;
    }
    async #do(mode, request) {
      this.#database ??= this.#open();
      const transaction = (await this.#database).transaction(RECORDS, mode, { durability: "strict" });
      const asked = request(transaction.objectStore(RECORDS));
      return new Promise((resolve, reject) => {
        transaction.oncomplete = () => resolve(asked.result);
        transaction.onabort = () => reject(transaction.error);
      });
    }
    #open() {
      return new Promise((resolve, reject) => {
        const opening = indexedDB.open(DATABASE, 1);
        opening.onupgradeneeded = () => opening.result.createObjectStore(RECORDS, { keyPath: "id" });
        opening.onsuccess = () => resolve(opening.result);
        opening.onerror = () => reject(opening.error);
      });
    }
  };

  // src/site.js
  var SELECTORS = {
    // The kind of page, and its parts that belong to one post each.
    modal: ["[data-e2e^='browse-']"],
    cinema: ["[class*='DivCinemaModeRoot']"],
    card: ["article[data-e2e='recommend-list-item-container']"],
    // The post.
    permalink: ["[data-e2e='browse-video-link']"],
    likeCount: ["[data-e2e='browse-like-count']", "[data-e2e='like-count']"],
    commentCount: ["[data-e2e='browse-comment-count']", "[data-e2e='comment-count']"],
    username: ["[data-e2e='browse-username']", "[data-e2e='video-author-uniqueid']"],
    nickname: ["[data-e2e='browser-nickname']"],
    // nickname · date
    description: [
      "[data-e2e='browse-video-desc']",
      "[data-e2e='video-desc']",
      "[data-e2e='new-desc-span']"
    ],
    music: ["[data-e2e='browse-music'] a", "[data-e2e='video-music'] a"],
    video: ["[data-e2e='browse-video'] video", "video"],
    cover: ["img[mode='2']"],
    photo: [
      "[data-e2e='detail-photo'] .swiper-slide:not(.swiper-slide-duplicate) img",
      "[data-e2e='detail-photo'] img",
      "img[class*='ImgPhotoSlide']"
    ],
    // Its comments.
    openComments: ["[data-e2e='browse-comment-icon']", "[data-e2e='comment-icon']"],
    commentList: ["[data-e2e='comment-list']", "[data-e2e='comments-list']"],
    drawer: ["[class*='DivCommentMain']"],
    // in the place of the list, since 2026
    comment: ["[data-e2e='comment-level-1']"],
    reply: ["[data-e2e='comment-level-2']"],
    commenter: ["[data-e2e='comment-username-1']"],
    replier: ["[data-e2e='comment-username-2']"],
    creatorMark: ["[data-e2e^='comment-creator']"],
    // a translated word behind the creator's name
    commentTime: [
      "[data-e2e='comment-time-1']",
      "[data-e2e='comment-time-2']",
      "[class*='DivCommentSubContentSplitWrapper'] span"
    ],
    commentLikes: ["[data-e2e='comment-like-count']", "[class*='DivLikeContainer'] span"],
    moreReplies: [
      "[data-e2e='view-more-1']",
      "[data-e2e='view-more-2']",
      "[class*='DivViewRepliesContainer']"
    ],
    // The way on, and what blocks it.
    next: [
      "button[data-e2e='arrow-right']",
      "[data-e2e='feed-navigation-next']",
      "[class*='DivCinemaModeRoot'] button[aria-label='Next video']"
    ],
    captcha: [
      "#captcha-verify-container-main-page",
      "#captcha_container",
      "[class*='captcha-verify']",
      "[class*='captcha_verify']"
    ],
    login: ["#login-modal", "[data-e2e='login-modal']", "#loginContainer"]
  };
  var LAYOUTS = { cinemaRow: (id) => `[data-cinema-mode-snap-row="${id}"]` };
  var PLAYER_ID = /^xgwrapper-\d+-(\d{1,20})$/;
  var EMBEDDED = {
    rehydration: "__UNIVERSAL_DATA_FOR_REHYDRATION__",
    sigi: "SIGI_STATE"
  };
  var JSON_PATHS = {
    posts: [
      ["itemList", "[]"],
      ["item_list", "[]"],
      ["data", "[]", "item"],
      ["itemInfo", "itemStruct"],
      ["__DEFAULT_SCOPE__", "webapp.video-detail", "itemInfo", "itemStruct"],
      ["__DEFAULT_SCOPE__", "webapp.updated-items", "**"],
      ["__DEFAULT_SCOPE__", "webapp.user-post", "**"],
      ["ItemModule", "[]"]
    ],
    webId: [["__DEFAULT_SCOPE__", "webapp.app-context", "wid"], ["AppContext", "appContext", "wid"]],
    comments: [["comments", "[]"]]
  };
  var ENDPOINTS = {
    api: /^\/api\//,
    comments: /^\/api\/comment\/list\/?$/,
    replies: /^\/api\/comment\/list\/reply\/?$/,
    commentsPath: "/api/comment/list/",
    repliesPath: "/api/comment/list/reply/"
  };
  var MINIMAL_QUERY = { aid: 1988, count: 50 };
  var POST_PARAMETERS = ["aweme_id", "item_id", "comment_id"];
  var SIGNATURES = ["X-Bogus", "X-Gnarly", "_signature"];
  var WEB_ID = { inLinks: "web_id", inRequests: "device_id", stored: "__tea_cache_tokens_1988" };
  var POST_LINK = /\/@([^/?#]+)\/(video|photo)\/(\d{1,20})/;
  var HOME = "https://www.tiktok.com";
  var FIRST_PAGE = 20;
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
    return Object.values(value).flatMap((part) => [part, ...allBelow(part)]);
  }
  function find(thing, root = document) {
    for (const selector of SELECTORS[thing]) {
      const element2 = root.querySelector(selector);
      if (element2) return element2;
    }
    return null;
  }
  function findAll(thing, root = document) {
    for (const selector of SELECTORS[thing]) {
      const elements = root.querySelectorAll(selector);
      if (elements.length) return [...elements];
    }
    return [];
  }
  var anyOf = (thing) => SELECTORS[thing].join(", ");

  // src/check.js
  function checkSite(data2) {
    data2.readEmbedded();
    return [...selectorRows(), ...embeddedRows(), ...answerRows(data2)];
  }
  function selectorRows() {
    return Object.entries(SELECTORS).flatMap(
      ([name, selectors]) => selectors.map((pattern) => ({
        what: "selector",
        name,
        pattern,
        found: document.querySelectorAll(pattern).length
      }))
    );
  }
  function embeddedRows() {
    const texts = Object.values(EMBEDDED).map((id) => document.getElementById(id)?.textContent);
    const pages = texts.filter(Boolean).map((text2) => JSON.parse(text2));
    return ["posts", "webId"].flatMap(
      (name) => JSON_PATHS[name].map((path) => ({
        what: "JSON of the page",
        name,
        pattern: path.join(" → "),
        found: pages.flatMap((page) => valuesAt(page, path)).length
      }))
    );
  }
  function answerRows(data2) {
    return Object.entries(data2.seen).map(([name, found]) => ({
      what: "answers to the page",
      name,
      pattern: "see ENDPOINTS",
      found
    }));
  }

  // src/page_data.js
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
  var commentsOf = (answer) => JSON_PATHS.comments.flatMap((path) => valuesAt(answer, path)).filter((comment) => comment.cid);
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
    // which of the addresses of comments was answered last
    request = null;
    // the page's last request for comments: the pattern for further ones
    reading = 0;
    // answers that have come but aren't read yet
    seen = { posts: 0, comments: 0, replies: 0 };
    // answers that held any, for `check_site`
    #embedded = /* @__PURE__ */ new Map();
    // name: the text that was read last
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
      const known2 = /* @__PURE__ */ new WeakSet();
      prototype.open = new Proxy(prototype.open, {
        apply(open, request, args) {
          if (!known2.has(request)) request.addEventListener("load", () => data2.#readRequest(request));
          known2.add(request);
          return Reflect.apply(open, request, args);
        }
      });
    }
    /** Read the JSON that the page was delivered with. Cheap when nothing has changed. */
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
      const observer = new MutationObserver((changes) => {
        this.readEmbedded();
        const nodes = changes.flatMap(({ addedNodes, removedNodes }) => [...addedNodes, ...removedNodes]);
        nodes.filter(isData).forEach((script) => this.#readScript(script));
      });
      observer.observe(document, { childList: true, subtree: true });
      addEventListener("load", () => observer.disconnect(), { once: true });
    }
    #readScript(script) {
      const text2 = script?.textContent;
      if (!text2 || this.#embedded.get(script.id) === text2) return;
      this.#embedded.set(script.id, text2);
      this.#guard(() => this.#addAll(JSON.parse(text2)));
    }
    /** The browser's id, by which the site knows the visitor; it is the same all the time. */
    webIdWith(permalink2) {
      const link = permalink2 && new URL(permalink2, location.href);
      this.webId ??= link?.searchParams?.get(WEB_ID.inLinks) ?? storedWebId();
      return this.webId;
    }
    /** The addresses of a further page of comments, in the order in which they are to be tried. */
    commentsLinks(id, cursor) {
      return this.#links(ENDPOINTS.commentsPath, { aweme_id: id, cursor });
    }
    repliesLinks(id, comment, cursor) {
      return this.#links(ENDPOINTS.repliesPath, { item_id: id, comment_id: comment, cursor });
    }
    /** What an answer to one of the page's requests holds. */
    add(address, answer) {
      const link = new URL(address, location.href);
      if (ENDPOINTS.replies.test(link.pathname)) this.#addReplies(link, answer);
      else if (ENDPOINTS.comments.test(link.pathname)) this.#addComments(link, answer);
      else this.seen.posts += this.#addAll(answer) ? 1 : 0;
    }
    /** With few parameters, and as the page itself asks, where it has asked before. */
    #links(path, parameters) {
      this.request ??= this.#requestBefore();
      const few = new URL(path, location.origin);
      Object.entries(MINIMAL_QUERY).forEach(([name, value]) => few.searchParams.set(name, value));
      const own = this.request && new URL(path + this.request.search, location.origin);
      [...SIGNATURES, ...POST_PARAMETERS].forEach((name) => own?.searchParams.delete(name));
      return [few, own].filter(Boolean).map((link) => {
        Object.entries(parameters).forEach(([name, value]) => link.searchParams.set(name, value));
        return link;
      });
    }
    /** The browser remembers the addresses of requests that were made before the scraper came. */
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
      this.webId ??= link.searchParams.get(WEB_ID.inRequests);
      threadOf(this.threads, id, id).add(answer);
    }
    #addReplies(link, answer) {
      const comment = link.searchParams.get("comment_id");
      if (!comment || !("comments" in answer)) return;
      this.seen.replies += 1;
      threadOf(this.replyThreads, comment, link.searchParams.get("item_id") ?? void 0).add(answer);
    }
    #addAll(json) {
      const posts = JSON_PATHS.posts.flatMap((path) => valuesAt(json, path)).filter(isPost);
      for (const post of posts) {
        this.posts.set(String(post.id), { ...this.posts.get(String(post.id)), ...post });
      }
      this.webId ??= JSON_PATHS.webId.flatMap((path) => valuesAt(json, path))[0] ?? null;
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
    const known2 = [...Object.keys(MINIMAL_QUERY), ...POST_PARAMETERS, "cursor"];
    return [...link.searchParams.keys()].every((name) => known2.includes(name));
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
  input[type=number] { width: 80px; font: inherit; color: inherit; background: #2b2b31;
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
    constructor(batch2, { start: start2, stop }) {
      this.batch = batch2;
      this.#build(start2, stop);
      batch2.addEventListener("change", () => this.#showBatch());
      setInterval(() => this.#run && this.#show(this.#run), 1e3);
    }
    /** Into the page, once there is one. */
    attach() {
      document.documentElement.append(this.#host);
      this.#showBatch();
    }
    remove() {
      this.#host.remove();
    }
    /** Show how far `run` is, until it is over. */
    follow(run2) {
      this.#run = run2;
      run2.addEventListener("change", () => this.#show(run2));
      this.#show(run2);
    }
    #build(start2, stop) {
      this.count = element("input", { type: "number", min: 1, value: 100 });
      this.delay = element("input", { type: "number", min: 0, step: 500, value: 1e4 });
      this.pause = element("input", { type: "number", min: 0, step: 500, value: 2e3 });
      this.allComments = element("input", { type: "checkbox" });
      this.replies = element("input", { type: "checkbox" });
      this.again = element("input", { type: "checkbox" });
      this.progress = element("progress", { max: 1, value: 0 });
      this.status = element("p", { textContent: "Ready." });
      this.status.setAttribute("role", "status");
      this.times = element("p");
      this.missing = element("p");
      this.kept = element("p");
      this.startButton = element("button", { textContent: "Start", onclick: () => start2(this.#asked()) });
      this.stopButton = element("button", { textContent: "Stop", disabled: true, onclick: stop });
      this.exportButton = element("button", { textContent: "Export", onclick: () => this.batch.export() });
      this.clearButton = element("button", { textContent: "New batch", onclick: () => this.#clear() });
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
          this.progress,
          this.status,
          this.times,
          this.missing,
          this.kept,
          element("nav", {}, this.startButton, this.stopButton, this.exportButton, this.clearButton)
        )
      );
      for (const name of ["keydown", "keypress", "keyup"]) {
        this.#host.addEventListener(name, (event) => event.stopPropagation());
      }
    }
    #asked() {
      return {
        count: this.count.valueAsNumber || 1,
        delay: this.delay.valueAsNumber || 0,
        pause: this.pause.valueAsNumber || 0,
        replies: this.replies.checked,
        again: this.again.checked,
        ...this.allComments.checked && { comments: Infinity }
      };
    }
    async #clear() {
      const count = await this.batch.count();
      if (confirm(`Forget all ${count} TikToks of this batch? Export them first.`)) await this.batch.clear();
    }
    async #showBatch() {
      const count = await this.batch.count();
      this.kept.textContent = `${count} in the batch`;
      this.exportButton.disabled = this.clearButton.disabled = count === 0;
    }
    #show(run2) {
      const { records, count, known: known2, ended, startedAt } = run2;
      const isCounted = Number.isFinite(count);
      this.progress.max = isCounted ? count : 1;
      if (isCounted || ended) this.progress.value = isCounted ? records.length : 1;
      else this.progress.removeAttribute("value");
      this.startButton.disabled = !ended;
      this.stopButton.disabled = Boolean(ended);
      const before = known2 ? `, ${known2} of them from before` : "";
      this.status.textContent = `${records.length}${isCounted ? ` of ${count}` : ""}${before}${ended ? `: ${ended}` : ""}`;
      this.times.textContent = timesOf(startedAt, records.length, known2, count, ended);
      this.missing.textContent = [missingOf(records), ...run2.notes].filter(Boolean).join(" ");
      if (ended) this.#run = null;
    }
  };
  function timesOf(startedAt, done, known2, count, ended) {
    const elapsed = (Date.now() - startedAt) / 1e3;
    const left = elapsed / (done - known2) * (count - done);
    const toGo = ended || !Number.isFinite(left) ? "" : `, about ${duration(left)} to go`;
    return `${duration(elapsed)} elapsed${toGo}`;
  }
  function duration(seconds) {
    const whole = Math.round(seconds);
    return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
  }
  function missingOf(records) {
    const counts = /* @__PURE__ */ new Map();
    for (const key of records.flatMap((record) => Object.keys(record.missing ?? {}))) {
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    const parts = [...counts].map(([key, count]) => `${key} (${count})`);
    return parts.length ? `missing: ${parts.join(", ")}` : "";
  }

  // src/layout.js
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
    if (isCinema()) return document.querySelector(LAYOUTS.cinemaRow(open.id));
    if (!isColumn()) return document;
    return findAll("card").find((card) => idOf(card, posts, partsOf(location.pathname)) === open.id) ?? null;
  }
  function playerIn(root, open) {
    const players = [...root.querySelectorAll("[id^='xgwrapper-']")];
    return players.length ? players.find((player) => PLAYER_ID.exec(player.id)?.[1] === open.id) ?? null : root;
  }
  function commentsRoot(root) {
    if (root === document) return find("commentList") ?? document.body;
    const own = root && (find("commentList", root) ?? find("drawer", root) ?? (find("comment", root) && root));
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
    return findAll("card").find(covers) ?? null;
  }
  function idOf(card, posts, addressed) {
    const player = card.querySelector("[id^='xgwrapper-']");
    const named = PLAYER_ID.exec(player?.id ?? "")?.[1];
    if (named) return named;
    const text2 = shownText(find("description", card)?.textContent);
    if (text2 === null) return null;
    const handles = handlesIn(card);
    const isThis = (post) => handles.includes(handleOf(post)) && shownText(post.desc) === text2;
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
  var shownText = (text2) => text2?.replace(/\s+/g, " ").trim() ?? null;

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
    const text2 = textOf(element2);
    const dot = text2.lastIndexOf("·");
    return dot < 0 ? [text2, null] : [text2.slice(0, dot).trim(), text2.slice(dot + 1).trim()];
  }
  function isMediaLink(link) {
    return /^https?:/.test(link ?? "") && !POST_LINK.test(link);
  }
  function shownComments(root, creator) {
    const list = commentsRoot(root);
    return (list ? findAll("comment", list) : []).map((text2) => new ShownComment(text2, list, creator));
  }
  var ShownComment = class _ShownComment {
    constructor(text2, list, creator, isReply = false) {
      this.text = text2;
      this.creator = creator;
      this.isReply = isReply;
      this.item = itemOf(text2, isReply ? `${anyOf("comment")}, ${anyOf("reply")}` : anyOf("comment"), list);
    }
    get id() {
      return this.text.closest("[id]")?.id.match(/^\d{10,20}$/)?.[0];
    }
    /** The same for the same comment, also when the page has drawn it anew. */
    get signature() {
      const { id, record } = this;
      return id ?? JSON.stringify([record["commenter-handle"], record["comment-text"], record["time-posted"]]);
    }
    get replies() {
      return findAll("reply", this.item).map((text2) => new _ShownComment(text2, this.item, this.creator, true));
    }
    /** Shows more replies. Where there are several, the last ones hide them. */
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
    /** A part of this comment, and not of the replies below it. */
    #part(thing) {
      const part = find(thing, this.item);
      const reply = this.isReply ? null : find("reply", this.item);
      const below = reply && reply.compareDocumentPosition(part) & Node.DOCUMENT_POSITION_FOLLOWING;
      return below ? null : part;
    }
  };
  function itemOf(text2, others, list) {
    let item = text2;
    while (item.parentElement && item.parentElement !== list) {
      const inside = [...item.parentElement.querySelectorAll(others)];
      if (inside.some((other) => other !== text2)) break;
      item = item.parentElement;
    }
    return item;
  }
  function numberIn(text2) {
    const number2 = text2?.match(new RegExp("\\p{Nd}+(?:[.,]\\p{Nd}+)?[KMB]?", "u"))?.[0] ?? "";
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
    /** Remember what is shown now as that of another post than the next. */
    remember(root) {
      if (!root) return;
      const shown = shownPost(root);
      for (const [name, text2] of Object.entries(shown)) {
        const parts = this.#parts.get(name) ?? [];
        this.#parts.set(name, [...parts, [elementOf(name, root), text2]]);
      }
      for (const comment of shownComments(root)) {
        this.#comments.set(comment.text, comment.signature);
        this.#signatures.add(comment.signature);
      }
    }
    /** Whether a part is new since then. */
    isNew(name, text2, root) {
      const element2 = elementOf(name, root);
      const parts = this.#parts.get(name) ?? [];
      return !parts.some(([known2, before]) => known2 === element2 && String(before) === String(text2));
    }
    /** Whether all comments are: none stands where it stood, and few say what those before said. */
    areNew(comments) {
      const signatures = comments.map((comment) => comment.signature);
      const standing = comments.some(
        (comment, index) => this.#comments.get(comment.text) === signatures[index]
      );
      const known2 = signatures.filter((signature) => this.#signatures.has(signature)).length;
      return !standing && known2 <= comments.length / 2;
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
    if (shown.video?.startsWith("blob:")) return "the player has a blob: link, and the page no other";
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
    return known({
      "commenter-username": user.nickname === void 0 ? null : `@${user.nickname}${mark}`,
      "comment-text": comment.text ?? null,
      "time-posted": shownDate(comment.create_time),
      "like-count": shownCount(number(comment.digg_count)),
      "replies-count": String(comment.reply_comment_total || ""),
      "comment-id": String(comment.cid),
      "commenter-handle": user.unique_id,
      "commenter-id": user.uid,
      "create-time": number(comment.create_time) || void 0,
      language: comment.comment_language,
      pictures: picturesOf(comment),
      "is-pinned": flag(comment.author_pin) ?? void 0,
      "liked-by-creator": flag(comment.is_author_digged) ?? void 0,
      "reply-to": otherId(comment.reply_to_reply_id) ?? otherId(comment.reply_id) ?? void 0
    });
  }
  function picturesOf(comment) {
    const urls = comment.image_list?.map?.(
      (image) => firstLink([...listOf(image?.origin_url?.url_list), ...listOf(image?.crop_url?.url_list)])
    );
    const pictures = (urls ?? []).filter(Boolean).map((url) => ({ url }));
    return pictures.length ? pictures : void 0;
  }
  var known = (object) => Object.fromEntries(Object.entries(object).filter(([, value]) => value !== void 0));
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
  function permalink({ handle, kind, id }, shown) {
    const isThis = shown.permalink && POST_LINK.exec(shown.permalink)?.[3] === id;
    return isThis ? shown.permalink : `${HOME}/@${handle}/${kind}/${id}`;
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
    const links = formats.flatMap(({ urls, ...format }) => urls.map((url) => known({ url, ...format })));
    const first = new Map(links.filter(({ url }) => isLink(url)).map((link) => [link.url, link]).reverse());
    return links.filter((link) => first.get(link.url) === link);
  }
  function photosOf(post, shown) {
    const photos = post?.imagePost?.images?.map((image) => ({
      url: firstLink(image.imageURL?.urlList ?? []),
      width: image.imageWidth,
      height: image.imageHeight
    }));
    return (photos ?? shown.photos?.map((url) => ({ url })) ?? []).filter(({ url }) => isLink(url)).map(known);
  }
  function captionsOf(video) {
    const old = listOf(video?.subtitleInfos).map(oldTrack);
    const tracks = old.length ? old : listOf(video?.claInfo?.captionInfos).map(newTrack);
    return tracks.filter(({ url, source }) => url && source !== "MT").map(known);
  }
  var oldTrack = (track) => ({
    url: firstLink([track.Url]) ?? void 0,
    language: text(track.LanguageCodeName) ?? void 0,
    source: text(track.Source) ?? void 0,
    format: text(track.Format) ?? void 0,
    expires: number(track.UrlExpire) ?? void 0
  });
  function newTrack(track) {
    const others = listOf(track.urlList).filter((url) => url !== track.url);
    const madeBySite = flag(track.isOriginalCaption) === false ? "MT" : "ASR";
    return {
      url: firstLink([...others, track.url]) ?? void 0,
      language: text(track.language) ?? void 0,
      source: flag(track.isAutoGen) ? madeBySite : "LC",
      format: text(track.captionFormat) ?? void 0,
      expires: number(track.expire) ?? void 0
    };
  }
  function hashtagsOf(post) {
    const names = Array.isArray(post.textExtra) ? post.textExtra.map((extra) => text(extra?.hashtagName)) : listOf(post.challenges).map((tag) => text(tag?.title));
    return [...new Set(names.filter(Boolean))];
  }
  function mentionsOf(post) {
    const extras = listOf(post.textExtra).filter((extra) => extra?.userUniqueId);
    const byHandle = extras.map(({ userUniqueId, userId }) => [
      userUniqueId,
      known({ handle: text(userUniqueId) ?? void 0, id: otherId(userId) ?? void 0 })
    ]);
    return [...new Map(byHandle).values()];
  }
  function stickerTextsOf(post) {
    const lines = listOf(post.stickersOnItem).flatMap((sticker) => listOf(sticker?.stickerText));
    return lines.filter((line) => typeof line === "string" && line);
  }
  function effectsOf(post) {
    const effects = listOf(post.effectStickers).map(
      (effect) => known({ id: text(effect?.ID) ?? void 0, name: text(effect?.name) ?? void 0 })
    );
    return effects.filter((effect) => Object.keys(effect).length);
  }
  function placeOf(poi) {
    const parts = ["id", "name", "address", "city", "country"];
    const place = known(Object.fromEntries(parts.map((name) => [name, text(poi?.[name]) || void 0])));
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

  // src/wait.js
  var MEDIA_EVENTS = ["loadstart", "loadedmetadata"];
  function until(ready, ms, signals = []) {
    const first = ready();
    if (first || ms <= 0) return Promise.resolve(first || null);
    return new Promise((resolve, reject) => {
      const finish = (settle, value) => {
        clearTimeout(timer);
        observer.disconnect();
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
      const observer = new MutationObserver(ask);
      observer.observe(document, {
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

  // src/comments.js
  var REQUEST_SHARE = 0.2;
  var PAGES = 1e3;
  var TRIES = 3;
  var SCROLL_MS = 150;
  var PASSES = 2;
  var INCOMPLETE = "not all comments or replies loaded";
  var Found = class extends Map {
    /** Add what is new in `shown`, beside its neighbours there; the first ones stand at the top. */
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
    /** `{comments, source, incomplete}`. The first page is there when this is called. */
    async collect() {
      const asks = !this.task.firstPage || this.task.replies;
      if (asks) await this.#askForAll();
      const before = this.#fromJson();
      if (before && !before.incomplete) return before;
      const shown = await this.#fromPage();
      const after = this.#fromJson();
      return after && (!after.incomplete || after.comments.length >= shown.comments.length) ? after : shown;
    }
    /** Ask for `want` comments. True if there is an answer. */
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
    /** Some are counted that nobody gets to see: the end is the end. */
    #hasAllReplies({ cid, reply_comment_total: total }, found) {
      return found.length >= (total ?? 0) || this.data.replyThreads.get(String(cid))?.hasMore === false;
    }
    /** Ask for further pages until there are `want` or no more. False where that fails. */
    async #askFor(threadOf2, linksOf, want) {
      const state = () => `${threadOf2()?.cursor} ${threadOf2()?.comments.size} ${threadOf2()?.hasMore}`;
      let failures = 0;
      for (let page = 0; page < PAGES && !this.task.stopped(); page += 1) {
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
    /** Ask the first of these addresses that is answered; it goes first from then on. */
    async #ask(links, state) {
      const first = Math.min(this.data.answeredLink, links.length - 1);
      for (const index of /* @__PURE__ */ new Set([first, ...links.keys()])) {
        const before = state();
        await this.#fetch(links[index]);
        if (state() === before) continue;
        this.data.answeredLink = index;
        return true;
      }
      return false;
    }
    /** The answer is read like those to the page's own requests. */
    async #fetch(link) {
      try {
        const response = await fetch(link, { signal: AbortSignal.timeout(Math.max(this.task.delay, 1)) });
        this.data.add(link.href, await response.json());
      } catch {
      }
    }
    // --- what the page shows
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
    /** From the top of the list to its end. */
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
    /** Up to where the list was read: one that draws late may have been scrolled past that. */
    async #backToKnown(bar, found) {
      const known2 = () => this.#gather(found);
      while (!known2() && bar.scrollTop > 0 && !this.task.stopped()) {
        await this.#scroll(bar, bar.scrollTop - bar.clientHeight / 2, known2);
      }
      if (!known2()) found.merge(this.#shownBySignature());
    }
    /** Add what is shown, and say whether it is: only beside what is known has it a place. */
    #gather(found) {
      const shown = this.#shownBySignature();
      const known2 = !found.size || [...shown.keys()].some((key) => found.has(key));
      if (known2) found.merge(shown);
      return known2;
    }
    /** The same text of the same person twice, side by side, is two comments, unless their ids agree. */
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
    /** Whether there are as many as the page says, which counts replies too. */
    #isAll(found) {
      const replies = [...found.values()].map((record) => Number(record["replies-count"]) || 0);
      return this.task.total !== null && found.size + sum(replies) >= this.task.total;
    }
    #lacksReplies(found, replies) {
      const known2 = (signature) => replies.get(signature)?.size ?? 0;
      const lacks = ([signature, record]) => known2(signature) < Number(record["replies-count"]);
      return this.task.replies && [...found].some(lacks);
    }
    #isShort(found, replies) {
      const { firstPage, total, want } = this.task;
      const lacksComments = !firstPage && total !== null && found.size < want && !this.#isAll(found);
      return lacksComments || this.#lacksReplies(found, replies);
    }
    /** One step down the list. False at its end. */
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
    /** What is expanded pushes others out of a virtual list: look anew each time. */
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
    /** Click what shows more, as long as it does: what hides replies looks alike. */
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

  // src/scrape.js
  var MOVE_MS = 15e3;
  var END_MS = 3e3;
  var OPEN_COMMENTS_MS = 400;
  var CLICK_MS = 3e3;
  var PAUSE_MS = 2e3;
  var LONGEST_MS = 2 ** 31 - 1;
  var NO_NEXT_BUTTON = "I can't find this page's next button. check_site() in the console tells what else has changed";
  var BLOCKED = {
    captcha: "the site asks for a captcha: solve it and start again",
    login: "the site asks to log in: do, or close the dialog, and start again"
  };
  function optionsOf(delay, more) {
    const options = { delay: 2e3, pause: PAUSE_MS, replies: false, again: false };
    Object.assign(options, typeof delay === "number" ? { delay } : delay, more);
    for (const name of ["delay", "pause"]) {
      const milliseconds = Number(options[name]);
      if (!(milliseconds >= 0)) throw new TypeError(`${name} must be milliseconds, not ${options[name]}`);
      options[name] = Math.min(milliseconds, LONGEST_MS / 2);
    }
    return options;
  }
  var Run = class extends EventTarget {
    records = [];
    known = 0;
    // of them, scraped before
    ended = null;
    // why it is over
    notes = /* @__PURE__ */ new Set();
    // what the person should know
    startedAt = Date.now();
    constructor(data2, batch2, count, options) {
      super();
      Object.assign(this, { data: data2, batch: batch2, count, options });
    }
    stop(reason = "stopped") {
      this.ended ??= reason;
      this.dispatchEvent(new Event("change"));
    }
    /** Tell the person something about the page, once. */
    note(message) {
      if (this.notes.has(message)) return;
      this.notes.add(message);
      console.info(message);
      this.dispatchEvent(new Event("change"));
    }
    /** Wait for a `share` of the pause between two TikToks, give or take a half. */
    async pause(share = 1) {
      const ms = this.options.pause * share * (0.5 + Math.random());
      await until(() => this.ended, ms, [this]);
    }
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
    constructor(data2, batch2) {
      this.data = data2;
      this.batch = batch2;
    }
    #openPost = () => openPost(this.data.posts);
    #rootOf = (open) => rootOf(open, this.data.posts);
    #hasLeft = (open) => this.#openPost()?.id !== open.id;
    /** Scrape up to `run.count` TikToks, from the open one on. */
    async all(run2) {
      while (!run2.ended) {
        const record = await this.#one(run2);
        if (record) {
          run2.records.push(record);
          run2.dispatchEvent(new Event("change"));
          await this.#move(run2, record.id);
        }
        if (run2.records.length >= run2.count) run2.stop("done");
      }
      return run2.records;
    }
    /** Scrape the open TikTok, and stay there. */
    async open(run2) {
      const record = await this.#one(run2);
      if (record) run2.records.push(record);
      run2.stop("done");
      return record;
    }
    /** The open TikTok's record, or null where the run has ended. */
    async #one(run2) {
      const deadline = Date.now() + run2.options.delay;
      const open = await this.#until(run2, this.#openPost, run2.options.delay);
      if (run2.ended) return null;
      if (!open) return void run2.stop("no TikTok is open: open one, so that its comments are visible");
      const { again } = run2.options;
      const before = await this.batch.get(open.id);
      if (before && !again && isDone(before, run2.options)) {
        run2.known += 1;
        return before.record;
      }
      const scraped = await this.#scrape(run2, open, deadline);
      if (!scraped) return null;
      const record = before ? better(scraped, before.record, again) : scraped;
      await this.batch.put(record, wanted(run2.options));
      return record;
    }
    async #scrape(run2, open, deadline) {
      this.data.readEmbedded();
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
    /** Whether somebody else went on to another TikTok: what is read now may be of either. */
    #wasMoved(open) {
      if (!this.#hasLeft(open)) return false;
      this.#leave(open);
      return true;
    }
    /** What is shown from now on may still be this TikTok's. */
    #leave(open) {
      this.#before = new Before();
      this.#before.remember(this.#rootOf(open));
      this.#last = open.id;
    }
    /** What there is of the open TikTok by now, and whether it is complete. */
    #stateOf(open, run2) {
      const post = this.data.posts.get(open.id);
      const shown = this.#shownOf(open);
      const comments = this.#commentsOf(open, post, shown, run2.options);
      const described = post || shown.description !== void 0 && shown.nickname;
      const filmed = post || shown.photos?.length || isMediaLink(shown.video) || shown.video?.startsWith("blob:");
      const complete = described && filmed && comments !== "none yet" && !this.data.reading;
      return { post, shown, comments, complete, source: post ? "json" : "dom" };
    }
    /** What the page shows, without what may still be the TikTok's before. */
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
      return postRecord({ open, post, shown, webId }, `neither the page nor its data had it${late}`);
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
    /** Some pages want a click before they load comments; a second one would close them. */
    async #whileOpening(run2, open, state, wait) {
      let isOver = false;
      const noneYet = () => !isOver && state().comments === "none yet";
      this.#openComments(run2, open, () => isOver, noneYet);
      await wait();
      isOver = true;
    }
    async #openComments(run2, open, isOver, noneYet) {
      const patience = Math.min(OPEN_COMMENTS_MS, run2.options.delay / 2);
      const button = () => find("openComments", this.#rootOf(open) ?? document.createElement("p"));
      await until(() => isOver() || button(), LONGEST_MS);
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
        run2.note("A click on the comments' button does nothing here: the site is asked for them instead.");
      }
    }
    /** Ask the site for the first comments. True if it has answered. */
    async #askForComments(run2, open) {
      const task = this.#taskFor(run2, open, this.#stateOf(open, run2));
      return new CommentCollector(this.data, { ...task, firstPage: false, replies: false }).ask(1);
    }
    /** On to the next TikTok: its address, its card or its row says when it is there. */
    async #move(run2, id) {
      const isLast = run2.records.length >= run2.count;
      const open = { id };
      const further = () => nextButton() ?? nextCard(open, this.data.posts);
      const isKnown = Boolean(find("next") || further());
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
    /** What comes while the old post is still the open one is the old one's. */
    #hasMoved(open) {
      const now = this.#openPost();
      if (now && now.id !== open.id) return true;
      this.#before.remember(this.#rootOf(open));
      return false;
    }
    /** Wait, but end the run where a dialog blocks the page. */
    async #until(run2, ready, ms) {
      const answer = await until(
        () => {
          const value = !run2.ended && ready();
          const blocked = !value && dialog();
          if (blocked) run2.stop(BLOCKED[blocked]);
          return value || run2.ended;
        },
        ms,
        [this.data, run2]
      );
      return run2.ended ? null : answer;
    }
  };
  function wanted({ comments = FIRST_PAGE, replies }) {
    return { comments, replies };
  }
  function isDone({ record, asked = { comments: FIRST_PAGE, replies: false } }, options) {
    const now = wanted(options);
    return !record.missing && asked.comments >= now.comments && (asked.replies || !now.replies);
  }

  // scraper.js
  var HERE = /* @__PURE__ */ Symbol.for("tiktok-retrieval");
  window[HERE]?.leave();
  var data = window[HERE]?.data ?? hookedData();
  var batch = new Batch();
  var scraper = new Scraper(data, batch);
  var run = null;
  var panel = new Panel(batch, {
    start: ({ count, ...options }) => scrape_tiktoks(count, options),
    stop: () => stop_scraping()
  });
  function hookedData() {
    const data2 = new PageData();
    data2.hook(window);
    data2.watchEmbedded();
    return data2;
  }
  async function scrape_tiktoks(count = Infinity, delay, options) {
    if (!(count > 0)) throw new TypeError(`How many? ${count} is no number above 0.`);
    await start(count, optionsOf(delay, options), (run2) => scraper.all(run2));
    console.info(`${run.records.length} TikToks: ${run.ended}.`);
    return run.records;
  }
  async function scrape_tiktok(delay, options) {
    return start(1, { ...optionsOf(delay, options), again: true }, (run2) => scraper.open(run2));
  }
  async function start(count, options, work) {
    if (run && !run.ended) throw new Error("It is scraping already: stop_scraping() stops it.");
    run = new Run(data, batch, count, options);
    try {
      panel.follow(run);
      return await work(run);
    } catch (error) {
      run.stop(`failed: ${error.message}`);
      throw error;
    }
  }
  function stop_scraping() {
    run?.stop();
  }
  function export_batch() {
    return batch.export();
  }
  function check_site() {
    const rows = checkSite(data);
    console.table(rows);
    return rows;
  }
  window.delay ??= 2e3;
  Object.assign(window, { scrape_tiktoks, scrape_tiktok, stop_scraping, export_batch, check_site });
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
