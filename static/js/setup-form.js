// <setup-form> around the form of the wizard: the sentence that says what it will do follows what is typed, and the
// steps at the side show where one is.
const WAIT_MS = 250;

const isChanged = (field) => {
  if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
  const drawn = [...(field.options ?? [])].find((option) => option.defaultSelected);
  return field.options ? Boolean(drawn) && !drawn.selected : field.value !== field.defaultValue;
};

class SetupForm extends HTMLElement {
  connectedCallback() {
    this.form = this.querySelector("form");
    this.addEventListener("input", this);
    this.seen = new IntersectionObserver((entries) => this.mark(entries), { rootMargin: "-30% 0px -60% 0px" });
    for (const section of this.querySelectorAll("section[id]")) this.seen.observe(section);
    // Typed before this script was there, or brought back from a draft.
    if ([...this.form.elements].some(isChanged)) this.handleEvent();
  }

  disconnectedCallback() {
    this.removeEventListener("input", this);
    this.seen.disconnect();
    clearTimeout(this.timer);
    this.request?.abort();
  }

  handleEvent() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.tell(), WAIT_MS);
  }

  async tell() {
    this.request?.abort();
    this.request = new AbortController();
    const body = new FormData(this.form);
    body.delete("file");
    try {
      const answer = await fetch(this.form.action, {
        method: "POST",
        headers: { "X-Part": "summary" },
        body,
        signal: this.request.signal,
      });
      if (!answer.ok || answer.redirected) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      this.querySelector("#summary").textContent = page.getElementById("summary").textContent;
    } catch {
      // the sentence is told again with the next change, and by the server when it is saved
    }
  }

  mark(entries) {
    const section = entries.find((entry) => entry.isIntersecting)?.target;
    if (!section) return;
    for (const link of document.querySelectorAll(".stepper a")) {
      if (link.hash === `#${section.id}`) link.setAttribute("aria-current", "step");
      else link.removeAttribute("aria-current");
    }
  }
}

customElements.define("setup-form", SetupForm);
