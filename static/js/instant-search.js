// <instant-search data-source> around what a search replaces: results come while one types, and when a filter is chosen.
// The address follows, so that reload, Back and a shared link show the same. Answers that came too late are dropped.
const WAIT_MS = 40;
const SLOW_MS = 10_000;
const KEPT = "card-left";

class InstantSearch extends HTMLElement {
  connectedCallback() {
    document.addEventListener("input", this);
    document.addEventListener("submit", this);
    this.addEventListener("click", this);
    addEventListener("popstate", this);
    addEventListener("pageshow", this);
    this.at = location.pathname + location.search;
  }

  disconnectedCallback() {
    document.removeEventListener("input", this);
    document.removeEventListener("submit", this);
    this.removeEventListener("click", this);
    removeEventListener("popstate", this);
    removeEventListener("pageshow", this);
    this.stop();
  }

  handleEvent(event) {
    if (event.type === "input" || event.type === "submit") this.type(event);
    else if (event.type === "click") this.follow(event);
    else if (event.type === "popstate") this.goBack();
    else this.comeBack();
  }

  // A step to a fragment of the page is none of ours.
  goBack() {
    if (this.at !== location.pathname + location.search) location.reload();
  }

  type(event) {
    const form = event.target.closest("form");
    const input = form?.querySelector("[data-search]");
    if (!input) return;
    if (event.type === "submit") event.preventDefault();
    for (const other of document.querySelectorAll("[data-search]")) if (other !== input) other.value = input.value;
    this.stop();
    this.timer = setTimeout(() => this.search(input.value), event.type === "submit" ? 0 : WAIT_MS);
  }

  search(words) {
    const isThere = location.pathname === this.dataset.source;
    const query = new URLSearchParams(isThere ? location.search : "");
    query.set("q", words.trim());
    query.delete("shown");
    this.load(`${this.dataset.source}?${query}`, isThere);
  }

  follow(event) {
    const link = event.target.closest("a");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (link.matches("[data-filter]")) {
      event.preventDefault();
      this.load(link.href, false, link);
    } else if (link.id && link.closest(".card")) {
      sessionStorage.setItem(KEPT, JSON.stringify({ at: location.href, id: link.id, top: scrollY }));
    }
  }

  stop() {
    clearTimeout(this.timer);
    this.request?.abort();
  }

  async load(address, isSameStep, link) {
    this.stop();
    const request = new AbortController();
    this.request = request;
    this.setAttribute("aria-busy", "true");
    clearTimeout(this.patience);
    this.patience = setTimeout(() => this.explain(), SLOW_MS);
    try {
      const answer = await fetch(address, {
        headers: { "X-Part": "results" },
        cache: "no-store",
        signal: request.signal,
      });
      if (!answer.ok) throw new Error(String(answer.status));
      const text = await answer.text();
      if (request !== this.request) return;
      this.put(text, address, isSameStep, link);
    } catch (error) {
      if (error.name !== "AbortError") location.assign(address);
    } finally {
      if (request === this.request) {
        clearTimeout(this.patience);
        this.removeAttribute("aria-busy");
      }
    }
  }

  // What is shown stays until something newer is there; after a while it is said why.
  explain() {
    const line = this.querySelector("#results-head span");
    if (line) line.textContent = this.dataset.slow;
  }

  put(text, address, isSameStep, link) {
    const page = new DOMParser().parseFromString(text, "text/html");
    const results = page.getElementById("results");
    const facet = link?.closest("[data-testid]")?.dataset.testid;
    this.replaceChildren(results);
    history[isSameStep ? "replaceState" : "pushState"]({}, "", address);
    this.at = location.pathname + location.search;
    document.title = results.dataset.title;
    if (!document.querySelector("h1")) results.prepend(this.heading());
    // The filter that was chosen is drawn again: the focus stays with it.
    if (facet) this.querySelector(`[data-testid="${facet}"] summary`)?.focus();
  }

  // Where the heading of the page was among what the results replaced.
  heading() {
    const heading = document.createElement("h1");
    heading.className = "hidden-visually";
    heading.textContent = this.dataset.heading;
    return heading;
  }

  // Back from a title: the browser brings the page and its place, this brings the focus.
  comeBack() {
    const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? "null");
    if (kept?.at !== location.href) return;
    sessionStorage.removeItem(KEPT);
    const card = document.getElementById(kept.id);
    card?.focus({ preventScroll: true });
    requestAnimationFrame(() => scrollTo({ top: kept.top, behavior: "instant" }));
  }
}

customElements.define("instant-search", InstantSearch);
