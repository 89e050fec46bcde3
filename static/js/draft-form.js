// <draft-form data-key data-saved> around a form: what is typed stays in this browser until the server has stored it, so
// that a reload, an ended session or a lost connection costs nothing. `data-saved` is the number of the stored state: a
// draft that was made upon an older one is let go. Files, passwords and hidden fields are never kept.
const SKIPPED = ["file", "password", "hidden", "submit"];
const WAIT_MS = 200;

class DraftForm extends HTMLElement {
  connectedCallback() {
    this.form = this.querySelector("form");
    this.key = `draft ${this.dataset.key}`;
    this.form.addEventListener("input", this);
    this.form.addEventListener("submit", this);
    addEventListener("online", this);
    this.restore();
  }

  disconnectedCallback() {
    this.form.removeEventListener("input", this);
    this.form.removeEventListener("submit", this);
    removeEventListener("online", this);
    clearTimeout(this.timer);
  }

  handleEvent(event) {
    if (event.type === "input") this.keepSoon();
    else if (event.type === "submit") this.submit(event);
    else this.sendNow();
  }

  keepSoon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.keep(), WAIT_MS);
  }

  keep() {
    localStorage.setItem(this.key, JSON.stringify({ saved: this.dataset.saved, values: this.values() }));
  }

  fields() {
    return [...this.form.elements].filter((field) => field.name && !SKIPPED.includes(field.type));
  }

  values() {
    return Object.fromEntries(
      this.fields().map((field) => [field.name, field.type === "checkbox" ? field.checked : field.value]),
    );
  }

  submit(event) {
    this.keep();
    if (navigator.onLine) return;
    event.preventDefault();
    this.waiting = event.submitter;
    this.say(this.dataset.kept);
  }

  sendNow() {
    if (this.waiting === undefined) return;
    const button = this.waiting;
    this.waiting = undefined;
    this.form.requestSubmit(button);
  }

  restore() {
    const kept = JSON.parse(localStorage.getItem(this.key) ?? "null");
    if (!kept) return;
    if (kept.saved !== this.dataset.saved) {
      localStorage.removeItem(this.key);
      return;
    }
    let isChanged = false;
    for (const field of this.fields()) {
      const value = kept.values[field.name];
      if (value === undefined) continue;
      const property = field.type === "checkbox" ? "checked" : "value";
      isChanged ||= field[property] !== value;
      field[property] = value;
    }
    if (isChanged) this.say(this.dataset.restored, this.dataset.discard);
  }

  say(text, action) {
    this.note?.remove();
    this.note = document.createElement("div");
    this.note.className = "notice notice-info draft-note";
    this.note.setAttribute("role", "status");
    const words = document.createElement("span");
    words.textContent = text;
    this.note.append(words);
    if (action) this.note.append(this.discard(action));
    this.form.prepend(this.note);
  }

  discard(text) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button button-small";
    button.textContent = text;
    button.addEventListener("click", () => {
      localStorage.removeItem(this.key);
      location.reload();
    });
    return button;
  }
}

customElements.define("draft-form", DraftForm);
