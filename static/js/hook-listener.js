// <hook-listener data-source data-latest>: while somebody listens for a call, shows the run of the next one as soon as
// it comes.
const ASK_MS = 700;

class HookListener extends HTMLElement {
  connectedCallback() {
    this.timer = setInterval(() => this.ask(), ASK_MS);
  }

  disconnectedCallback() {
    clearInterval(this.timer);
  }

  async ask() {
    try {
      const answer = await fetch(this.dataset.source, { headers: { Accept: "application/json" } });
      if (!answer.ok) return;
      const { calls } = await answer.json();
      if (!calls.length || calls[0].id === this.dataset.latest) return;
      clearInterval(this.timer);
      location.assign(`?run=${calls[0].id}#webhooks`);
    } catch {
      // asked again in a moment
    }
  }
}

customElements.define("hook-listener", HookListener);
