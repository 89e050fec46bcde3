// <live-run data-execution data-after data-status>: keeps a rendered run up to date while it runs.
// Inside it: svg.graph, [data-run-status] (a status component), live-log, [data-refresh] (parts read again from the server).
import { ExecutionEvents } from "./event-source.js";
import { RunGraph } from "./run-graph.js";
import { isEnd, showStatus } from "./statuses.js";
import "./live-log.js";
import "./map-toggle.js";

const LINK_WORDS = { live: "Live", reconnecting: "Reconnecting", polling: "Polling", idle: "" };
const NODE_STATES = {
  node_run_started: "started",
  node_run_finished: "success",
  node_run_failed: "error",
  node_run_retried: "started",
};
const REFRESH_MS = 400;
// Queued for longer than this, the page says that no worker may be up, and after as long again since when.
const LATE_MS = 11_000;
// A pure chain ends within one commit: its nodes light one after the other all the same, but never late by more than this.
const STEP_MS = 70;
const MOST_LATE_MS = 700;
const STILL = matchMedia("(prefers-reduced-motion: reduce)");

class LiveRun extends HTMLElement {
  reading = Promise.resolve();

  connectedCallback() {
    this.equip();
    if (this.dataset.status === "error" && !new URLSearchParams(location.search).get("node")) this.showFailure();
    if (!this.dataset.execution || isEnd(this.dataset.status)) return;
    this.graph = new RunGraph(this.querySelector("svg.graph"));
    this.events = new ExecutionEvents(this.dataset.execution, Number(this.dataset.after ?? 0), {
      event: (event) => this.show(() => this.take(event)),
      status: (status) => this.show(() => this.status(status)),
      end: (status) => this.show(() => this.end(status)),
      link: (state) => this.link(state),
    });
    this.pending = [];
    this.link("reconnecting");
    this.events.open();
    this.patience = setInterval(() => this.dataset.status === "queued" && this.refresh(), LATE_MS);
  }

  disconnectedCallback() {
    this.events?.close();
    clearTimeout(this.timer);
    clearTimeout(this.pace);
    clearInterval(this.patience);
  }

  show(step) {
    this.pending.push(step);
    if (this.pace === undefined) this.next();
  }

  // After a step that lit a node the eye gets a moment; everything else is shown at once.
  next() {
    this.pace = undefined;
    while (this.pending.length) {
      const hasLit = this.pending.shift()();
      if (!hasLit || STILL.matches) continue;
      this.pace = setTimeout(() => this.next(), Math.min(STEP_MS, MOST_LATE_MS / (this.pending.length + 1)));
      return;
    }
  }

  take(event) {
    const state = NODE_STATES[event.type];
    if (state) this.graph.set(event.node, event.status === "skipped" ? "skipped" : state);
    if (event.type === "node_run_finished") {
      this.graph.put(event.node, event.items);
      this.refreshSoon();
    }
    this.querySelector("live-log")?.add(event);
    if (event.type === "execution_waiting") {
      this.status("waiting");
      this.refreshSoon();
    }
    if (event.type === "execution_started") this.status("running");
    return event.type === "node_run_finished";
  }

  status(status) {
    this.dataset.status = status;
    for (const element of this.querySelectorAll("[data-run-status] .status")) showStatus(element, status);
  }

  async end(status) {
    this.status(status);
    clearTimeout(this.timer);
    clearInterval(this.patience);
    for (const node of this.querySelectorAll('.node[data-status="started"]'))
      this.graph.set(node.dataset.label, status);
    this.dispatchEvent(new CustomEvent("run-end", { bubbles: true, detail: { status } }));
    await this.refresh();
    if (status === "error") this.showFailure();
  }

  // Who watches a run that fails is led to what failed.
  showFailure() {
    const panel = this.querySelector("#node-data");
    panel?.focus({ preventScroll: true });
    panel?.scrollIntoView({ block: "nearest" });
  }

  refreshSoon() {
    this.timer ??= setTimeout(() => this.refresh(), REFRESH_MS);
  }

  // One reading at a time: an answer that a later one overtook would show what was, not what is.
  refresh() {
    this.timer = undefined;
    this.upcoming ??= this.reading.then(() => {
      this.upcoming = undefined;
      this.reading = this.read();
      return this.reading;
    });
    return this.upcoming;
  }

  // Parts with results are the server's to draw: read the page again and take over those parts.
  async read() {
    const parts = [...this.querySelectorAll("[data-refresh]")].filter((part) => part.id);
    if (!parts.length) return;
    try {
      const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
      if (!answer.ok) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      for (const part of parts) this.replace(part, page.getElementById(part.id));
      this.equip();
    } catch {
      // the next event or a reload brings the results
    }
  }

  replace(part, fresh) {
    if (!fresh) {
      if (part.id === "run-cancel") part.remove();
      return;
    }
    if (part.contains(document.activeElement) && part.dataset.refresh !== "always") return;
    part.replaceChildren(...fresh.childNodes);
  }

  // What only some pages need is fetched when it is there.
  equip() {
    if (this.querySelector("items-editor")) import("./items-editor.js");
  }

  link(state) {
    const light = document.querySelector("[data-testid=live-status]");
    if (!light) return;
    light.hidden = state === "idle";
    light.dataset.state = state;
    light.querySelector(".live-word").textContent = LINK_WORDS[state];
  }
}

customElements.define("live-run", LiveRun);
