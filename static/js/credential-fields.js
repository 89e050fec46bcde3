// <credential-fields> around the fields of a credential: those that do not matter for what is chosen go out of the way.
// Without scripts all of them are there, and those that do not matter are not read.
class CredentialFields extends HTMLElement {
  connectedCallback() {
    this.addEventListener("change", this);
    this.look();
  }

  disconnectedCallback() {
    this.removeEventListener("change", this);
  }

  handleEvent() {
    this.look();
  }

  look() {
    for (const field of this.querySelectorAll("[data-when]")) {
      const asked = Object.entries(JSON.parse(field.dataset.when));
      field.hidden = !asked.every(([name, values]) => values.includes(this.value(name)));
    }
  }

  value(name) {
    const control = this.querySelector(`[name="${CSS.escape(name)}"]`);
    if (control?.type === "checkbox") return control.checked ? "on" : "";
    return control?.value ?? "";
  }
}

customElements.define("credential-fields", CredentialFields);
