/** The panel in the page. Built element by element: the page may forbid anything else. */

const STYLE = `
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

export class Panel {
  #host = element("tiktok-retrieval-panel");
  #run = null;

  constructor(batch, { start, stop }) {
    this.batch = batch;
    this.#build(start, stop);
    batch.addEventListener("change", () => this.#showBatch());
    setInterval(() => this.#run && this.#show(this.#run), 1000);
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
  follow(run) {
    this.#run = run;
    run.addEventListener("change", () => this.#show(run)); // the last record may follow the end
    this.#show(run);
  }

  #build(start, stop) {
    this.count = element("input", { type: "number", min: 1, value: 100 });
    this.delay = element("input", { type: "number", min: 0, step: 500, value: 10_000 });
    this.pause = element("input", { type: "number", min: 0, step: 500, value: 2000 });
    this.allComments = element("input", { type: "checkbox" });
    this.replies = element("input", { type: "checkbox" });
    this.again = element("input", { type: "checkbox" });
    this.progress = element("progress", { max: 1, value: 0 });
    this.status = element("p", { textContent: "Ready." });
    this.status.setAttribute("role", "status");
    this.times = element("p");
    this.missing = element("p");
    this.kept = element("p");
    this.startButton = element("button", { textContent: "Start", onclick: () => start(this.#asked()) });
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
        element("summary", { textContent: `TikTok-Retrieval ${VERSION}` }),
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
        element("nav", {}, this.startButton, this.stopButton, this.exportButton, this.clearButton),
      ),
    );
    // The page has shortcuts of its own, and they must not hear what is typed here.
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
      ...(this.allComments.checked && { comments: Infinity }),
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

  #show(run) {
    const { records, count, known, ended, startedAt } = run;
    const isCounted = Number.isFinite(count); // or else it is to the end of the list
    this.progress.max = isCounted ? count : 1;
    if (isCounted || ended) this.progress.value = isCounted ? records.length : 1;
    else this.progress.removeAttribute("value");
    this.startButton.disabled = !ended;
    this.stopButton.disabled = Boolean(ended);
    const before = known ? `, ${known} of them from before` : "";
    this.status.textContent = `${records.length}${isCounted ? ` of ${count}` : ""}${before}${ended ? `: ${ended}` : ""}`;
    this.times.textContent = timesOf(startedAt, records.length, known, count, ended);
    this.missing.textContent = [missingOf(records), ...run.notes].filter(Boolean).join(" ");
    if (ended) this.#run = null;
  }
}

function timesOf(startedAt, done, known, count, ended) {
  const elapsed = (Date.now() - startedAt) / 1000;
  const left = (elapsed / (done - known)) * (count - done);
  const toGo = ended || !Number.isFinite(left) ? "" : `, about ${duration(left)} to go`;
  return `${duration(elapsed)} elapsed${toGo}`;
}

function duration(seconds) {
  const whole = Math.round(seconds);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

/** Which fields are missing, and how often. */
function missingOf(records) {
  const counts = new Map();
  for (const key of records.flatMap((record) => Object.keys(record.missing ?? {}))) {
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const parts = [...counts].map(([key, count]) => `${key} (${count})`);
  return parts.length ? `missing: ${parts.join(", ")}` : "";
}
