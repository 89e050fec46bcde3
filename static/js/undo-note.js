// <undo-note>: an offer to take something back, which goes after ten seconds, unless somebody is on it.
const OFFERED_MS = 10_000;

class UndoNote extends HTMLElement {
  connectedCallback() {
    this.timer = setTimeout(() => this.go(), OFFERED_MS);
    const address = new URL(location.href);
    address.searchParams.delete("deleted");
    history.replaceState({}, "", address);
  }

  disconnectedCallback() {
    clearTimeout(this.timer);
  }

  go() {
    if (this.matches(":hover, :focus-within")) this.timer = setTimeout(() => this.go(), OFFERED_MS);
    else this.remove();
  }
}

customElements.define("undo-note", UndoNote);
