// <map-toggle> around a graph: on phones the list of nodes comes first, and the graph on request.
class MapToggle extends HTMLElement {
  connectedCallback() {
    this.button = this.querySelector(".map-button");
    this.button.hidden = "always" in this.dataset;
    this.button.addEventListener("click", this);
  }

  disconnectedCallback() {
    this.button.removeEventListener("click", this);
  }

  handleEvent() {
    const isOpen = this.toggleAttribute("data-open");
    this.button.setAttribute("aria-expanded", String(isOpen));
  }
}

customElements.define("map-toggle", MapToggle);
