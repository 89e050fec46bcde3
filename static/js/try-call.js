// <try-call data-method> around a form: makes the call of a documentation page with the browser's session, and shows the
// answer. Only addresses of this site's API are called.
class TryCall extends HTMLElement {
  connectedCallback() {
    this.addEventListener("submit", this);
  }

  disconnectedCallback() {
    this.removeEventListener("submit", this);
    this.calling?.abort();
  }

  async handleEvent(event) {
    event.preventDefault();
    const form = event.target;
    const address = new URL(form.elements.address.value, location.origin);
    const isOurs = address.origin === location.origin && address.pathname.startsWith("/api");
    if (!isOurs && address.pathname !== "/health") {
      this.show("Only addresses below /api are called from here.", "");
      return;
    }
    this.calling?.abort();
    this.calling = new AbortController();
    try {
      const answer = await fetch(address, this.request(form));
      this.show(`${answer.status} ${answer.statusText}`, await this.textOf(answer));
    } catch (error) {
      if (error.name !== "AbortError") this.show("The call could not be made.", String(error.message));
    }
  }

  request(form) {
    const headers = { "X-CSRFToken": this.csrf() };
    const body = form.elements.body?.value;
    if (body) headers["Content-Type"] = "application/json";
    return { method: this.dataset.method, headers, body: body || undefined, signal: this.calling.signal };
  }

  csrf() {
    return document.cookie.match(/(?:^|; )(?:__Host-)?pf_csrf=([^;]*)/)?.[1] ?? "";
  }

  async textOf(answer) {
    const text = await answer.text();
    try {
      return JSON.stringify(JSON.parse(text), null, 2).slice(0, 100_000);
    } catch {
      return text.slice(0, 10_000);
    }
  }

  show(status, text) {
    this.querySelector("[data-status]").textContent = status;
    this.querySelector("[data-text]").textContent = text;
    this.querySelector("[data-answer]").hidden = false;
  }
}

customElements.define("try-call", TryCall);
