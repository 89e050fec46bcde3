// <show-password data-show data-hide data-what> around the field of a password: adds a button that shows what was
// typed. Without scripts it is a plain field. What is shown is hidden again before the form is sent.
class ShowPassword extends HTMLElement {
  connectedCallback() {
    this.input = this.querySelector("input[type=password]");
    if (!this.input || this.button) return;
    this.line = document.createElement("div");
    this.line.className = "password-line";
    this.button = document.createElement("button");
    this.button.type = "button";
    this.button.className = "button button-small button-quiet";
    this.button.setAttribute("aria-controls", this.input.id);
    this.word = document.createElement("span");
    const what = document.createElement("span");
    what.className = "hidden-visually";
    what.textContent = ` ${this.dataset.what}`;
    this.button.append(this.word, what);
    this.input.before(this.line);
    this.line.append(this.input, this.button);
    this.button.addEventListener("click", this);
    this.input.form?.addEventListener("submit", this);
    this.show(false);
  }

  disconnectedCallback() {
    this.button?.removeEventListener("click", this);
    this.input?.form?.removeEventListener("submit", this);
  }

  handleEvent(event) {
    this.show(event.type === "click" && this.input.type === "password");
  }

  show(isShown) {
    this.input.type = isShown ? "text" : "password";
    this.word.textContent = isShown ? this.dataset.hide : this.dataset.show;
  }
}

customElements.define("show-password", ShowPassword);
