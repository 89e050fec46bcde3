// <command-palette> around a <dialog> with a search field and a list: Ctrl/⌘ K opens it, arrows choose, Enter goes there.
const WAIT_MS = 80;

class CommandPalette extends HTMLElement {
  connectedCallback() {
    this.dialog = this.querySelector("dialog");
    this.input = this.querySelector("input[type=search]");
    this.list = this.querySelector("[role=listbox]");
    for (const name of ["input", "keydown", "click", "close"]) this.dialog.addEventListener(name, this);
  }

  disconnectedCallback() {
    for (const name of ["input", "keydown", "click", "close"]) this.dialog.removeEventListener(name, this);
    this.stop();
  }

  handleEvent(event) {
    if (event.type === "input") this.loadSoon();
    else if (event.type === "keydown") this.move(event);
    else if (event.type === "click") this.choose(event);
    else this.forget();
  }

  loadSoon() {
    this.stop();
    this.isLoading = true;
    this.isEntered = false;
    this.timer = setTimeout(() => this.load(), WAIT_MS);
  }

  stop() {
    clearTimeout(this.timer);
    this.request?.abort();
  }

  forget() {
    this.stop();
    this.isEntered = false;
  }

  // The browser gives the focus back to where it was when the dialog closes.
  async load() {
    this.stop();
    this.isLoading = true;
    this.request = new AbortController();
    try {
      const answer = await fetch(`${this.dataset.source}?q=${encodeURIComponent(this.input.value)}`, {
        signal: this.request.signal,
      });
      if (!answer.ok) throw new Error(String(answer.status));
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      this.list.replaceChildren(...page.body.childNodes);
      this.mark(0);
    } catch (error) {
      if (error.name === "AbortError") return;
      this.list.textContent = this.dataset.failed;
    }
    this.isLoading = false;
    this.tellWhatItIs();
    if (this.isEntered) this.go(this.options()[this.at]);
  }

  // Without a match it is no list but a message.
  tellWhatItIs() {
    const hasOptions = this.options().length > 0;
    this.list.setAttribute("role", hasOptions ? "listbox" : "status");
    this.input.setAttribute("aria-expanded", String(hasOptions));
  }

  options() {
    return [...this.list.querySelectorAll("[role=option]")];
  }

  mark(place) {
    const options = this.options();
    this.at = Math.min(Math.max(place, 0), options.length - 1);
    options.forEach((option, index) => option.setAttribute("aria-selected", String(index === this.at)));
    const marked = options[this.at];
    if (marked) this.input.setAttribute("aria-activedescendant", marked.id);
    else this.input.removeAttribute("aria-activedescendant");
    marked?.scrollIntoView({ block: "nearest" });
  }

  move(event) {
    const steps = { ArrowDown: this.at + 1, ArrowUp: this.at - 1, Home: 0, End: Infinity };
    if (event.key in steps && this.options().length) {
      event.preventDefault();
      this.mark(steps[event.key]);
    } else if (event.key === "Escape") {
      // The browser would first empty the field.
      event.preventDefault();
      this.dialog.close();
    } else if (event.key === "Enter") {
      event.preventDefault();
      // What is on the list answers older words until the new ones are loaded.
      if (this.isLoading) this.isEntered = true;
      else this.go(this.options()[this.at]);
    }
  }

  choose(event) {
    const option = event.target.closest("[role=option]");
    if (event.target === this.dialog) this.dialog.close();
    else if (option?.matches("[data-post]")) {
      event.preventDefault();
      this.go(option);
    }
  }

  go(option) {
    if (!option) return;
    if (!option.matches("[data-post]")) {
      location.assign(option.href);
      return;
    }
    const form = this.querySelector("form");
    form.action = option.href;
    form.submit();
  }
}

customElements.define("command-palette", CommandPalette);
