// <dialog-opener> around a link: opens the <dialog> named in data-dialog instead of the page the link leads to.
class DialogOpener extends HTMLElement {
  connectedCallback() {
    this.addEventListener("click", this);
    this.dialog()?.addEventListener("click", this);
  }

  disconnectedCallback() {
    this.removeEventListener("click", this);
    this.dialog()?.removeEventListener("click", this);
  }

  handleEvent(event) {
    const dialog = this.dialog();
    if (event.currentTarget === this) {
      event.preventDefault();
      dialog.showModal();
    } else if (event.target === dialog || event.target.closest("[data-close]")) {
      event.preventDefault();
      dialog.close();
      this.querySelector("a, button").focus();
    }
  }

  dialog() {
    return document.getElementById(this.dataset.dialog);
  }
}

customElements.define("dialog-opener", DialogOpener);
