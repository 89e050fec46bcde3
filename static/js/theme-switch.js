// <theme-switch> around the theme form: changes the theme in place instead of loading the page again.
const YEAR_S = 365 * 24 * 3600;

class ThemeSwitch extends HTMLElement {
  connectedCallback() {
    this.addEventListener("submit", this);
  }

  disconnectedCallback() {
    this.removeEventListener("submit", this);
  }

  handleEvent(event) {
    const theme = event.submitter?.value;
    if (!theme) return;
    event.preventDefault();
    if (theme === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
    // The account keeps it too, for other browsers.
    const body = new FormData(event.target);
    body.set("theme", theme);
    fetch(event.target.action, { method: "POST", body, redirect: "manual", keepalive: true }).catch(() => {});
    document.cookie = `theme=${theme}; path=/; max-age=${YEAR_S}; samesite=lax`;
    for (const button of this.querySelectorAll("button[name=theme]")) {
      button.setAttribute("aria-pressed", String(button.value === theme));
    }
  }
}

customElements.define("theme-switch", ThemeSwitch);
