// The events of one execution, in order, none twice: by WebSocket with `after=<seq>`, and by polling while that fails.
const BACK_OFF_MS = [500, 1000, 2000, 4000];
const POLL_MS = 1000;

export class ExecutionEvents {
  // handlers: event(event, seq), status(status), end(status), link("live" | "reconnecting" | "polling" | "idle")
  constructor(execution, after, handlers) {
    this.execution = execution;
    this.after = after;
    this.handlers = handlers;
    this.failures = 0;
    this.isClosed = false;
  }

  open() {
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    this.socket = new WebSocket(`${scheme}://${location.host}/ws/executions/${this.execution}?after=${this.after}`);
    this.socket.onopen = () => {
      this.failures = 0;
      this.handlers.link("live");
    };
    this.socket.onmessage = (message) => this.take(JSON.parse(message.data));
    this.socket.onclose = () => this.lost();
  }

  close() {
    this.isClosed = true;
    clearTimeout(this.timer);
    if (this.socket) {
      this.socket.onclose = null;
      this.socket.close();
    }
    this.handlers.link("idle");
  }

  take(frame) {
    if (frame.type === "event") this.once(frame.seq, frame.event);
    else if (frame.type === "status") this.handlers.status(frame.status);
    else if (frame.type === "end") this.finish(frame.status);
  }

  once(seq, event) {
    if (seq <= this.after) return;
    this.after = seq;
    this.handlers.event(event, seq);
  }

  finish(status) {
    if (this.isClosed) return;
    this.handlers.end(status);
    this.close();
  }

  lost() {
    if (this.isClosed) return;
    this.failures += 1;
    this.handlers.link(this.failures > 2 ? "polling" : "reconnecting");
    const wait = BACK_OFF_MS[Math.min(this.failures - 1, BACK_OFF_MS.length - 1)];
    this.timer = setTimeout(() => this.retry(), this.failures > 2 ? POLL_MS : wait);
  }

  async retry() {
    if (this.failures > 2) await this.poll();
    if (!this.isClosed) this.open();
  }

  async poll() {
    try {
      const answer = await fetch(`/executions/${this.execution}/events?after=${this.after}`, {
        headers: { Accept: "application/json" },
      });
      if (!answer.ok) return;
      const { status, events } = await answer.json();
      for (const { seq, event } of events) this.once(seq, event);
      this.handlers.status(status);
      if (["success", "error", "canceled", "crashed"].includes(status)) this.finish(status);
    } catch {
      // the next turn tries again; the page says that it is not live
    }
  }
}
