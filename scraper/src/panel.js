/** The panel in the page. It is built element by element, because the page may forbid anything else. */

const STYLE = `
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

export class Panel {
  #host = element("tiktok-retrieval-panel");
  #run = null;

  constructor(batch, folder, actions) {
    Object.assign(this, { batch, folder, actions });
    this.#build();
    batch.addEventListener("change", () => this.#showBatch());
    setInterval(() => this.#run && this.#show(this.#run), 1000);
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
  follow(run) {
    this.#run = run;
    run.addEventListener("change", () => this.#show(run)); // the last record may follow the end
    this.#show(run);
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
        element("summary", { textContent: `TikTok-Retrieval ${VERSION}` }),
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
        element("nav", {}, ...this.buttons),
      ),
    );
    this.#listen();
  }

  #makeInputs() {
    const number = (value, step) => element("input", { type: "number", min: step ? 0 : 1, step: step ?? 1, value });
    const box = () => element("input", { type: "checkbox" });
    this.count = number(100);
    this.delay = number(10_000, 500);
    this.pause = number(2000, 500);
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
    const folder = this.folder.canPick ? [this.folderButton] : [];
    this.buttons = [this.startButton, this.collectButton, this.stopButton, ...folder];
    this.buttons.push(this.exportButton, this.logButton, this.clearButton);
  }

  #listen() {
    // The page has its own shortcuts, which must not react to what is typed here.
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
      if (error.name !== "AbortError") this.status.textContent = error.message; // AbortError: the person cancelled
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
      ...(this.allComments.checked && { comments: Infinity }),
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
    const { usage = 0, quota = 0 } = (await navigator.storage.estimate?.()) ?? {};
    this.kept.textContent = [
      `${count} in the batch${count > exported ? `, ${count - exported} not exported` : ""}`,
      corpus && `${corpus} known from the corpus`,
      this.folder.name && `media go to ${this.folder.name}`,
      quota && `${size(usage)} of ${size(quota)} used`,
    ]
      .filter(Boolean)
      .join("; ");
    this.exportButton.disabled = this.clearButton.disabled = count === 0;
  }

  #show(run) {
    const { ids, count, ended } = run;
    const isCounted = Number.isFinite(count); // otherwise, up to the end of the list
    this.progress.max = isCounted ? count : 1;
    if (isCounted || ended) this.progress.value = isCounted ? ids.length : 1;
    else this.progress.removeAttribute("value");
    this.startButton.disabled = this.collectButton.disabled = !ended;
    this.stopButton.disabled = Boolean(ended);
    this.status.textContent = statusOf(run);
    this.times.textContent = timesOf(run);
    this.missing.textContent = [missingOf(run.lacks), ...run.notes].filter(Boolean).join(" ");
    if (ended) this.#run = null;
  }
}

function statusOf({ ids, count, known, skipped, comments, pending, saved, unsaved, ended, waiting }) {
  const parts = [
    `${ids.length}${Number.isFinite(count) ? ` of ${count}` : ""}`,
    known && `${known} of them scraped before`,
    skipped && `${skipped} skipped`,
    comments && counted(comments, "comment"),
    saved && `${counted(saved, "file")} saved`,
    unsaved && `${unsaved} not saved`,
    pending && `saving the files of ${pending}`,
  ];
  const now = ended ?? waiting;
  return `${parts.filter(Boolean).join(", ")}${now ? `: ${now}` : ""}`;
}

function timesOf({ startedAt, ids, known, count, ended }) {
  const elapsed = (Date.now() - startedAt) / 1000;
  const left = (elapsed / (ids.length - known)) * (count - ids.length);
  const toGo = ended || !Number.isFinite(left) ? "" : `, about ${duration(left)} to go`;
  return `${duration(elapsed)} elapsed${toGo}`;
}

const counted = (number, word) => `${number} ${word}${number === 1 ? "" : "s"}`;

function duration(seconds) {
  const whole = Math.round(seconds);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

function size(bytes) {
  return bytes < 1e9 ? `${Math.round(bytes / 1e6)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}

/** Which fields are missing, and how often. */
function missingOf(lacks) {
  const parts = [...lacks].map(([key, count]) => `${key} (${count})`);
  return parts.length ? `missing: ${parts.join(", ")}` : "";
}
