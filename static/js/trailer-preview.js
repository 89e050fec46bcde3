// <trailer-preview data-source> around a card: rests the pointer or the focus on it, its sample run plays on the poster.
// Frames are drawn by the server and fetched only then. With reduced motion, or with previews switched off, nothing
// starts by itself: the Preview button (or P on the card) shows one still frame after the other.
const REST_MS = 400;
const STEP_MS = 480;
const STILL = matchMedia("(prefers-reduced-motion: reduce)");

let playing = null;

class TrailerPreview extends HTMLElement {
  connectedCallback() {
    for (const name of ["pointerenter", "pointerleave", "focusin", "focusout", "click", "keydown"]) {
      this.addEventListener(name, this);
    }
  }

  disconnectedCallback() {
    for (const name of ["pointerenter", "pointerleave", "focusin", "focusout", "click", "keydown"]) {
      this.removeEventListener(name, this);
    }
    this.stop();
  }

  handleEvent(event) {
    if (event.type === "click") this.press(event);
    else if (event.type === "keydown") this.key(event);
    else if (event.type === "pointerenter" && event.pointerType === "touch") return;
    else if (event.type === "pointerenter" || event.type === "focusin") this.rest(event);
    else if (!this.contains(event.relatedTarget) || event.type === "pointerleave") this.stop();
  }

  isStill() {
    return STILL.matches || document.documentElement.dataset.previews === "off";
  }

  rest(event) {
    if (this.isStill() || this.trailer) return;
    if (event.type === "focusin" && !event.target.matches(":focus-visible")) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.play(), REST_MS);
  }

  press(event) {
    if (!event.target.closest("[data-preview]")) return;
    event.preventDefault();
    this.step();
  }

  key(event) {
    if (event.key.toLowerCase() === "p" && event.target.matches(".card-name a")) this.step();
    else if (event.key === "Escape") this.stop();
  }

  async play() {
    const turn = {};
    this.turn = turn;
    if (!(await this.show()) || this.turn !== turn) return;
    let at = 0;
    this.beat = setInterval(() => {
      at += 1;
      if (at < this.frames.length) this.light(at);
      else clearInterval(this.beat);
    }, STEP_MS);
  }

  async step() {
    const at = this.at === undefined ? 1 : this.at + 1;
    if (!this.trailer && !(await this.show())) return;
    if (at >= this.frames.length) {
      this.stop();
      return;
    }
    this.light(at);
    this.caption.textContent = `${at} / ${this.frames.length - 1}  ${this.words[at]}`;
    this.caption.hidden = false;
  }

  // One trailer at a time on a page. False where its frames cannot be had: the still poster stays.
  async show() {
    playing?.stop();
    playing = this;
    try {
      await this.load();
    } catch {
      return false;
    }
    if (playing !== this) return false;
    this.trailer = document.createElement("div");
    this.trailer.className = "trailer";
    this.trailer.dataset.testid = "card-preview";
    this.caption = document.createElement("p");
    this.caption.className = "trailer-caption";
    this.caption.setAttribute("role", "status");
    this.caption.hidden = true;
    this.trailer.append(...this.frames.map(picture), this.caption);
    this.querySelector(".card-poster").append(this.trailer);
    this.light(0);
    return true;
  }

  async load() {
    if (this.frames) return;
    this.request = new AbortController();
    const answer = await fetch(this.dataset.source, { signal: this.request.signal });
    if (!answer.ok) throw new Error(String(answer.status));
    const { frames, words } = await answer.json();
    this.frames = frames;
    this.words = words;
  }

  light(at) {
    this.at = at;
    this.trailer.querySelectorAll("img").forEach((image, place) => image.toggleAttribute("data-lit", place === at));
  }

  stop() {
    clearTimeout(this.timer);
    clearInterval(this.beat);
    this.request?.abort();
    this.turn = null;
    this.trailer?.remove();
    this.trailer = undefined;
    this.at = undefined;
    if (playing === this) playing = null;
  }
}

function picture(svg) {
  const image = new Image(320, 180);
  image.alt = "";
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  return image;
}

customElements.define("trailer-preview", TrailerPreview);
