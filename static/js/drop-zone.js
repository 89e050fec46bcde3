// <drop-zone data-many> around file inputs: dropping files or a folder on it is the same as choosing them.
const MOST_NAMED = 3;
const MOST_FILES = 510;

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
    return this.take(event.dataTransfer);
  }

  // Entries have to be asked for before the event is over; what is in a folder comes later.
  async take(transfer) {
    const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
    const taken = new DataTransfer();
    if (!entries.some((entry) => entry.isDirectory)) this.input().files = transfer.files;
    else {
      for (const entry of entries) await this.add(entry, taken);
      this.input().files = taken.files;
    }
    this.tell();
  }

  async add(entry, taken) {
    if (taken.items.length >= MOST_FILES) return;
    if (entry.isFile) taken.items.add(await new Promise((done, fail) => entry.file(done, fail)));
    else {
      const reader = entry.createReader();
      for (let batch = await this.next(reader); batch.length; batch = await this.next(reader)) {
        for (const inner of batch) await this.add(inner, taken);
      }
    }
  }

  next(reader) {
    return new Promise((done, fail) => reader.readEntries(done, fail));
  }

  area() {
    return this.querySelector(".drop");
  }

  input() {
    return this.querySelector("input[type=file]");
  }

  tell() {
    const files = [...this.querySelectorAll("input[type=file]")].flatMap((input) => [...input.files]);
    const named = files.slice(0, MOST_NAMED).map((file) => `${file.name} (${Math.ceil(file.size / 1024)} KB)`);
    const many = (this.dataset.many ?? "#").replace("#", files.length);
    this.querySelector(".drop-name").textContent = files.length > MOST_NAMED ? many : named.join(", ");
  }
}

customElements.define("drop-zone", DropZone);
