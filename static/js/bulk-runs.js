// <bulk-runs>: a form with actions for the chosen rows below it; it is there once a row is chosen.
// Inside it: form.bulk-bar, checkboxes that belong to it, [data-choose-all].
class BulkRuns extends HTMLElement {
  connectedCallback() {
    this.form = this.querySelector("form");
    this.all = this.querySelector("[data-choose-all]");
    this.all.hidden = false;
    this.addEventListener("change", this);
    addEventListener("pageshow", this);
    this.show();
  }

  disconnectedCallback() {
    this.removeEventListener("change", this);
    removeEventListener("pageshow", this);
  }

  handleEvent(event) {
    if (event.target === this.all) for (const box of this.boxes) box.checked = this.all.checked;
    this.show();
  }

  get boxes() {
    return [...this.querySelectorAll("input[name=run][type=checkbox]")];
  }

  show() {
    const chosen = this.boxes.filter((box) => box.checked).length;
    this.all.checked = chosen > 0 && chosen === this.boxes.length;
    this.all.indeterminate = chosen > 0 && chosen < this.boxes.length;
    this.form.dataset.chosen = chosen;
    this.form.querySelector(".bulk-count").textContent = chosen ? this.form.dataset.word.replace("#", chosen) : "";
    for (const button of this.form.querySelectorAll("button")) button.disabled = !chosen;
  }
}

customElements.define("bulk-runs", BulkRuns);
