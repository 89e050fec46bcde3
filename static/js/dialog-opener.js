// <dialog-opener> around a link: opens the <dialog> named in data-dialog with the form of the page the link leads to.
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
      this.open(dialog);
    } else if (event.target === dialog || event.target.closest("[data-close]")) {
      event.preventDefault();
      dialog.close();
      this.querySelector("a, button").focus();
    }
  }

  // The form comes from the page that serves it without scripts, so there is one of it.
  async open(dialog) {
    const link = this.querySelector("a");
    const body = dialog.querySelector(".dialog-body");
    if (!body.querySelector("form")) {
      const answer = await fetch(link.href, { headers: { Accept: "text/html" } });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const form = page.querySelector("main form");
      if (!answer.ok || !form) {
        location.assign(link.href);
        return;
      }
      body.replaceChildren(form);
    }
    dialog.showModal();
  }

  dialog() {
    return document.getElementById(this.dataset.dialog);
  }
}

customElements.define("dialog-opener", DialogOpener);
