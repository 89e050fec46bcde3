// <busy-part data-busy> around one element with an id: while something in it is at work it is read again each second.
const EVERY_MS = 1_000;
const SLOWEST_MS = 8_000;

class BusyPart extends HTMLElement {
  connectedCallback() {
    this.wait = EVERY_MS;
    if (this.hasAttribute("data-busy")) this.timer = setTimeout(() => this.look(), this.wait);
  }

  disconnectedCallback() {
    clearTimeout(this.timer);
  }

  // A server that is away is asked less and less often.
  async look() {
    const part = this.firstElementChild;
    try {
      const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
      if (!answer.ok) throw new Error(answer.statusText);
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.getElementById(part.id);
      if (fresh) part.replaceChildren(...fresh.childNodes);
      this.wait = EVERY_MS;
    } catch {
      this.wait = Math.min(this.wait * 2, SLOWEST_MS);
    }
    if (part.querySelector("[data-busy]")) this.timer = setTimeout(() => this.look(), this.wait);
  }
}

customElements.define("busy-part", BusyPart);
