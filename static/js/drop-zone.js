// <drop-zone> around a file input: dropping a file is the same as choosing it.
class DropZone extends HTMLElement {
  connectedCallback() {
    for (const name of ["dragenter", "dragover", "dragleave", "drop", "change"]) this.addEventListener(name, this);
  }

  disconnectedCallback() {
    for (const name of ["dragenter", "dragover", "dragleave", "drop", "change"]) this.removeEventListener(name, this);
  }

  handleEvent(event) {
    if (event.type === "change") return this.tell();
    event.preventDefault();
    this.area().toggleAttribute("data-over", event.type === "dragenter" || event.type === "dragover");
    if (event.type !== "drop" || !event.dataTransfer.files.length) return undefined;
    this.input().files = event.dataTransfer.files;
    return this.tell();
  }

  area() {
    return this.querySelector(".drop");
  }

  input() {
    return this.querySelector("input[type=file]");
  }

  tell() {
    const names = [...this.input().files].map((file) => `${file.name} (${Math.ceil(file.size / 1024)} KB)`);
    this.querySelector(".drop-name").textContent = names.join(", ");
  }
}

customElements.define("drop-zone", DropZone);
