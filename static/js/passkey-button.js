// <passkey-button data-does="create|get|login" data-options="id of a JSON script" data-failed="…"> around a button of a
// form with a field named `credential`: asks the browser's authenticator, fills the field in and sends the form.
// "login" fetches its options from the form's address first. Hidden where the browser has no passkeys: without TLS on
// anything but localhost, and on an address of numbers.
const isNamed = () => !/^[\d.]+$|:/.test(location.hostname);
const canAsk = () =>
  window.isSecureContext && isNamed() && Boolean(window.PublicKeyCredential?.parseRequestOptionsFromJSON);

class PasskeyButton extends HTMLElement {
  connectedCallback() {
    this.button = this.querySelector("button");
    this.hidden = !canAsk();
    for (const note of document.querySelectorAll("[data-without-passkeys]")) note.hidden = canAsk();
    this.button?.addEventListener("click", this);
  }

  disconnectedCallback() {
    this.button?.removeEventListener("click", this);
  }

  async handleEvent(event) {
    event.preventDefault();
    const form = this.button.form;
    this.button.disabled = true;
    try {
      const credential = await this.ask(await this.options(form));
      form.elements.namedItem("credential").value = JSON.stringify(credential);
      form.submit();
    } catch (error) {
      this.button.disabled = false;
      this.say(error);
    }
  }

  async options(form) {
    if (this.dataset.does !== "login") return JSON.parse(document.getElementById(this.dataset.options).textContent);
    const headers = { Accept: "application/json", "X-Requested-With": "XMLHttpRequest" };
    const answer = await fetch(form.action, { headers });
    if (!answer.ok) throw new Error(`${answer.status}`);
    return answer.json();
  }

  ask(options) {
    if (this.dataset.does === "create") {
      const wanted = structuredClone(options.creation_options.publicKey);
      wanted.authenticatorSelection = {
        ...wanted.authenticatorSelection,
        residentKey: "required",
        requireResidentKey: true,
        userVerification: "required",
      };
      return navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(wanted) });
    }
    const { publicKey } = options.request_options;
    return navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(publicKey) });
  }

  say(error) {
    const words = document.createElement("p");
    words.className = "field-error";
    words.setAttribute("role", "alert");
    words.textContent = error.name === "InvalidStateError" ? this.dataset.known : this.dataset.failed;
    this.querySelector("[role=alert]")?.remove();
    this.append(words);
  }
}

customElements.define("passkey-button", PasskeyButton);
