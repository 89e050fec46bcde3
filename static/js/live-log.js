import { STATUSES } from "./statuses.js";

// <live-log>: appends lines, follows the end until the reader scrolls up, filters by level and text.
const AT_END_PX = 24;
const CHUNK = 100;
const MOST_CHUNKS = 200;
const FINISHED = {
  pinned: "Pinned output",
  cache: "Output from the cache",
  run: "Output of an earlier run",
  stale: "Output of an earlier run, before the workflow changed",
  edited: "Output written by hand",
};
const SAYS = {
  execution_started: () => ["info", "Run started"],
  node_run_started: () => ["debug", "Started"],
  node_run_finished: (event) => ["info", `${FINISHED[event.origin] ?? "Finished"}${counts(event.items)}`],
  node_run_failed: (event) => ["error", event.text ?? event.message ?? "Failed"],
  node_run_retried: (event) => ["warn", event.text ?? "Tried again"],
  log_written: (event) => [event.level ?? "info", event.text ?? ""],
  execution_waiting: (event) => ["info", event.text ?? "Waiting"],
  execution_finished: (event) => [
    event.status === "success" ? "info" : "error",
    event.text ?? `Run ended: ${STATUSES[event.status]?.[0] ?? event.status}`,
  ],
};

const counts = (items) =>
  Array.isArray(items) && items.length
    ? `, ${items.join(" + ")} item${items.length === 1 && items[0] === 1 ? "" : "s"}`
    : "";

class LiveLog extends HTMLElement {
  connectedCallback() {
    this.lines = this.querySelector(".log-lines");
    this.more = this.querySelector(".log-more");
    // Found once: a search through the element would go through every line, for every line.
    this.empty = this.querySelector(".log-empty");
    this.fields = ["text", "level", "node"].map((name) => this.querySelector(`[name=log-${name}]`));
    this.addEventListener("input", this);
    this.addEventListener("change", this);
    this.more?.addEventListener("click", this);
    this.copier = this.querySelector("[data-log-copy]");
    this.copier?.addEventListener("click", this);
    this.lines.addEventListener("scroll", this, { passive: true });
    this.unread = 0;
    this.follow();
  }

  disconnectedCallback() {
    this.removeEventListener("input", this);
    this.removeEventListener("change", this);
    this.more?.removeEventListener("click", this);
    this.copier?.removeEventListener("click", this);
    this.lines.removeEventListener("scroll", this);
    cancelAnimationFrame(this.frame);
  }

  handleEvent(event) {
    if (event.type === "scroll") this.read();
    else if (event.type === "click" && event.currentTarget === this.copier) this.copy();
    else if (event.type === "click") this.follow();
    else this.filter();
  }

  add(event) {
    const said = SAYS[event.type]?.(event);
    if (!said) return;
    this.empty?.remove();
    this.empty = undefined;
    const line = this.line(event, said);
    this.chunk().append(line);
    this.sift(line, this.wanted());
    if (!this.isFollowing) this.unread += 1;
    this.settleSoon();
  }

  // Lines stand in chunks, and a chunk out of sight is not laid out; the oldest make room.
  chunk() {
    const last = this.lines.lastElementChild;
    if (last?.matches(".log-chunk") && last.childElementCount < CHUNK) return last;
    const made = document.createElement("div");
    made.className = "log-chunk";
    this.lines.append(made);
    if (this.lines.getElementsByClassName("log-chunk").length > MOST_CHUNKS) {
      this.lines.firstElementChild.remove();
      this.top = 0;
    }
    return made;
  }

  // However many lines come in one moment, the page is laid out once.
  settleSoon() {
    this.frame ??= requestAnimationFrame(() => {
      this.frame = undefined;
      if (this.isFollowing) this.follow();
      else this.tell(this.unread);
    });
  }

  line(event, [level, text]) {
    const line = document.createElement("div");
    line.className = "log-line";
    line.dataset.level = level;
    const time = document.createElement("time");
    time.dateTime = event.at ?? "";
    time.textContent = this.clock(event.at);
    const parts = [
      ["span", level, "log-level"],
      ["b", event.node ?? ""],
      ["span", text],
    ].map(([tag, words, name]) => {
      const part = document.createElement(tag);
      part.textContent = words;
      if (name) part.className = name;
      return part;
    });
    line.append(time, ...parts);
    return line;
  }

  // In the zone in which the server wrote the lines above.
  clock(at) {
    if (!at) return "";
    const timeZone = this.dataset.timeZone || "UTC";
    return new Date(at).toLocaleTimeString("en-GB", { timeZone });
  }

  filter() {
    const wanted = this.wanted();
    for (const line of this.lines.querySelectorAll(".log-line")) this.sift(line, wanted);
    this.follow();
  }

  wanted() {
    const [text, level, node] = this.fields.map((field) => field?.value.trim() ?? "");
    return { text: text.toLowerCase(), level, node };
  }

  sift(line, { text, level, node }) {
    const fits = (!level || line.dataset.level === level) && (!node || line.querySelector("b").textContent === node);
    line.hidden = !fits || !line.textContent.toLowerCase().includes(text);
  }

  // What is shown, as text.
  async copy() {
    const lines = [...this.lines.querySelectorAll(".log-line:not([hidden])")];
    const text = lines.map((line) => [...line.children].map((part) => part.textContent).join("\t")).join("\n");
    const words = this.copier.querySelector("span");
    const before = words.textContent;
    try {
      await navigator.clipboard.writeText(text);
      words.textContent = this.copier.dataset.copied;
    } catch {
      getSelection().selectAllChildren(this.lines);
    }
    setTimeout(() => {
      words.textContent = before;
    }, 2000);
  }

  isAtEnd() {
    return this.lines.scrollHeight - this.lines.scrollTop - this.lines.clientHeight < AT_END_PX;
  }

  // The event of our own move may come after more lines have: only a way up is the reader's.
  read() {
    const { scrollTop } = this.lines;
    const isUp = scrollTop < this.top;
    this.top = scrollTop;
    if (this.isAtEnd()) this.follow();
    else if (isUp) this.isFollowing = false;
  }

  follow() {
    this.isFollowing = true;
    this.lines.scrollTop = this.lines.scrollHeight;
    this.top = this.lines.scrollTop;
    this.tell(0);
  }

  tell(unread) {
    this.unread = unread;
    if (!this.more) return;
    this.more.hidden = unread === 0;
    this.more.textContent = `${unread} new ${unread === 1 ? "line" : "lines"}`;
  }
}

customElements.define("live-log", LiveLog);
