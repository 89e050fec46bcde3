// <copy-button> around a button: copies the text of the <code> beside it, or its own data-text, and says so.
class CopyButton extends HTMLElement {
  connectedCallback() {
    this.addEventListener("click", this);
  }

  disconnectedCallback() {
    this.removeEventListener("click", this);
    clearTimeout(this.timer);
  }

  async handleEvent() {
    const button = this.querySelector("button");
    const words = button.querySelector("span") ?? button;
    this.original ??= words.textContent;
    try {
      await navigator.clipboard.writeText(this.text());
      words.textContent = button.dataset.copied ?? "Copied";
    } catch {
      this.select();
      words.textContent = button.dataset.failed ?? "Press Ctrl+C";
    }
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      words.textContent = this.original;
    }, 2000);
  }

  source() {
    return this.parentElement.querySelector("code");
  }

  text() {
    return this.dataset.text ?? this.source()?.textContent ?? "";
  }

  // Without a secure context there is no clipboard: select the text so that one key press copies it.
  select() {
    const code = this.source();
    if (code) getSelection().selectAllChildren(code);
  }
}

customElements.define("copy-button", CopyButton);
