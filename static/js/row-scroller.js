// <row-scroller> around a row of cards: one Tab stop, arrow keys inside, buttons that scroll by a page.
class RowScroller extends HTMLElement {
  connectedCallback() {
    this.track = this.querySelector(".row-track");
    this.links = [...this.track.querySelectorAll(".card-name a")];
    this.links.forEach((link, index) => {
      link.tabIndex = index === 0 ? 0 : -1;
    });
    // A row is one Tab stop: what a card's buttons do, its page does too.
    for (const button of this.track.querySelectorAll("button")) button.tabIndex = -1;
    this.addEventListener("keydown", this);
    this.addEventListener("click", this);
    this.addEventListener("focusin", this);
    this.track.addEventListener("scroll", this, { passive: true });
    this.resized = new ResizeObserver(() => this.mark());
    this.resized.observe(this.track);
  }

  disconnectedCallback() {
    for (const name of ["keydown", "click", "focusin"]) this.removeEventListener(name, this);
    this.track.removeEventListener("scroll", this);
    this.resized.disconnect();
    for (const link of this.links) link.removeAttribute("tabindex");
  }

  handleEvent(event) {
    if (event.type === "scroll") this.mark();
    else if (event.type === "click") this.page(event);
    else if (event.type === "focusin") this.stopAt(event.target);
    else this.move(event);
  }

  move(event) {
    const at = this.links.indexOf(event.target);
    if (at < 0) return;
    const last = this.links.length - 1;
    const steps = { ArrowRight: Math.min(at + 1, last), ArrowLeft: Math.max(at - 1, 0), Home: 0, End: last };
    if (event.key in steps) {
      event.preventDefault();
      this.show(this.links[steps[event.key]]);
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      this.changeRow(event, at);
    }
  }

  changeRow(event, column) {
    const rows = [...document.querySelectorAll("row-scroller")];
    const next = rows[rows.indexOf(this) + (event.key === "ArrowDown" ? 1 : -1)];
    if (!next) return;
    event.preventDefault();
    next.show(next.links[Math.min(column, next.links.length - 1)]);
  }

  show(link) {
    link.focus({ preventScroll: true });
    link.closest(".card").scrollIntoView({ block: "nearest", inline: "nearest", behavior: "smooth" });
  }

  stopAt(target) {
    if (!this.links.includes(target)) return;
    for (const link of this.links) link.tabIndex = link === target ? 0 : -1;
  }

  page(event) {
    const button = event.target.closest("[data-direction]");
    if (!button) return;
    this.track.scrollBy({ left: Number(button.dataset.direction) * this.track.clientWidth * 0.9, behavior: "smooth" });
  }

  // Buttons that lead nowhere are shown as such, and disappear where everything fits.
  mark() {
    const { scrollLeft, clientWidth, scrollWidth } = this.track;
    for (const button of this.querySelectorAll("[data-direction]")) {
      const isBack = Number(button.dataset.direction) < 0;
      button.disabled = isBack ? scrollLeft < 8 : scrollLeft + clientWidth > scrollWidth - 8;
      button.hidden = scrollWidth <= clientWidth + 8;
    }
  }
}

customElements.define("row-scroller", RowScroller);
