// <chat-box> around the log, the state and the form: sends without leaving the page, and adds the answer when it comes.
class ChatBox extends HTMLElement {
  connectedCallback() {
    this.log = this.querySelector(".chat-log");
    this.state = this.querySelector(".chat-state");
    this.form = this.querySelector("form");
    this.input = this.form.elements.chatInput;
    this.onSubmit = (event) => this.submit(event);
    this.onKey = (event) => this.key(event);
    this.form.addEventListener("submit", this.onSubmit);
    this.input.addEventListener("keydown", this.onKey);
    this.input.focus();
  }

  disconnectedCallback() {
    this.form.removeEventListener("submit", this.onSubmit);
    this.input.removeEventListener("keydown", this.onKey);
    this.asked?.abort();
  }

  key(event) {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    this.form.requestSubmit();
  }

  async submit(event) {
    event.preventDefault();
    const text = this.input.value.trim();
    const files = [...(this.form.elements.files?.files ?? [])];
    if (this.asked || (!text && !files.length)) return;
    const body = new FormData(this.form);
    body.set("chatInput", text);
    const names = files.map((file) => file.name).join(", ");
    this.add("you", [text, names].filter(Boolean).join("\n"));
    this.wait(this.state.dataset.waiting);
    const line = await this.send(body);
    this.asked = null;
    this.wait("");
    this.add("them", line.content, line.type === "error");
    if (!line.isLost) {
      this.sending = null;
      const session = this.form.elements.sessionId.value;
      this.form.reset();
      this.form.elements.sessionId.value = session;
    }
    this.input.focus();
  }

  // One key for all tries of a message, so that one sent again counts once.
  async send(body) {
    this.asked = new AbortController();
    this.sending ??= crypto.randomUUID();
    try {
      const answer = await fetch(location.href, {
        method: "POST",
        body,
        headers: { Accept: "application/x-ndjson", "Idempotency-Key": this.sending },
        signal: this.asked.signal,
      });
      if (!answer.ok) return { type: "error", content: (await answer.json()).message };
      return await this.read(answer.body.pipeThrough(new TextDecoderStream()).getReader());
    } catch {
      return { type: "error", content: this.dataset.lost, isLost: true };
    }
  }

  async read(reader) {
    for (let rest = ""; ;) {
      const { done, value } = await reader.read();
      if (done) throw new Error("It ended without an answer.");
      const lines = (rest + value).split("\n");
      rest = lines.pop();
      for (const line of lines.filter(Boolean).map((one) => JSON.parse(one))) {
        if (line.type === "wait") this.wait(this.dataset.late);
        if (line.type === "item" || line.type === "error") return line;
      }
    }
  }

  wait(text) {
    this.state.textContent = text;
    this.toggleAttribute("data-busy", Boolean(text));
  }

  add(from, text, isBad = false) {
    const line = document.createElement("div");
    line.className = "chat-line";
    line.dataset.from = from;
    line.toggleAttribute("data-bad", isBad);
    const who = document.createElement("span");
    who.className = "hidden-visually";
    who.textContent = `${from === "you" ? this.dataset.you : this.dataset.them}: `;
    const said = document.createElement("p");
    said.textContent = text;
    line.append(who, said);
    this.log.append(line);
    line.scrollIntoView({ block: "end" });
  }
}

customElements.define("chat-box", ChatBox);
