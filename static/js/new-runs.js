// <new-runs data-after data-address data-query data-word>: says how many runs came since; a click reads the list anew.
const EVERY_MS = 4_000;

class NewRuns extends HTMLElement {
  connectedCallback() {
    this.timer = setInterval(() => this.look(), EVERY_MS);
    document.addEventListener("visibilitychange", this);
  }

  disconnectedCallback() {
    clearInterval(this.timer);
    document.removeEventListener("visibilitychange", this);
  }

  handleEvent() {
    this.look();
  }

  async look() {
    if (document.hidden) return;
    const query = new URLSearchParams(this.dataset.query);
    query.set("after", this.dataset.after);
    try {
      const answer = await fetch(`${this.dataset.address}?${query}`, { headers: { Accept: "application/json" } });
      if (answer.ok && !answer.redirected) this.show((await answer.json()).count);
    } catch {
      // the next look may succeed
    }
  }

  show(count) {
    const chip = this.querySelector("a");
    chip.hidden = !count;
    const text = this.dataset.word.replace("#", count >= 100 ? "99+" : count);
    const words = chip.querySelector("span");
    if (words.textContent !== text) words.textContent = text;
  }
}

customElements.define("new-runs", NewRuns);
