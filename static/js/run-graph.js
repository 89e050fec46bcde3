// Shows the states of a run on the graph that the server drew. Wires and nodes are found by data-source and data-node.
import { STATUSES, setIcon } from "./statuses.js";

const CHIP_LETTER = 6.3;

export class RunGraph {
  constructor(svg) {
    this.svg = svg;
    this.counts = new Map();
  }

  node(name) {
    return this.svg?.querySelector(`.node[data-label="${CSS.escape(name)}"]`);
  }

  set(name, status) {
    const node = this.node(name);
    if (!node) return;
    node.dataset.status = status;
    const [label, icon] = STATUSES[status] ?? ["", "s-queued"];
    setIcon(node.querySelector(".node-mark use"), icon);
    node.querySelector("a")?.setAttribute("aria-label", `${name}, ${label}`);
    this.wires(node.dataset.node, "target", (wire) => {
      if (status === "started") wire.dataset.status = "running";
      else if (wire.dataset.status === "running") wire.dataset.status = "success";
    });
  }

  // Item counts per output; a node that runs again in a loop adds to them.
  put(name, items) {
    const node = this.node(name);
    if (!node || !Array.isArray(items)) return;
    items.forEach((count, output) => {
      const key = `${name} ${output}`;
      const total = (this.counts.get(key) ?? this.drawn(node.dataset.node, output)) + count;
      this.counts.set(key, total);
      if (total) this.count(node.dataset.node, output, total);
    });
  }

  // What the server had counted when it drew the page.
  drawn(source, output) {
    const chip = this.svg.querySelector(`.chip[data-source="${CSS.escape(source)}"][data-output="${output}"]`);
    return Number(chip?.textContent.match(/\d+$/)?.[0] ?? 0);
  }

  count(source, output, total) {
    this.wires(source, "source", (part) => {
      if (Number(part.dataset.output) !== output) return;
      if (part.dataset.status !== "running") part.dataset.status = "success";
      if (part.matches(".chip")) this.write(part, total);
    });
  }

  write(chip, total) {
    const text = [chip.dataset.label, total].filter(Boolean).join(" ");
    const width = text.length * CHIP_LETTER + 12;
    chip.querySelector("text").textContent = text;
    const box = chip.querySelector("rect");
    box.setAttribute("x", -width / 2);
    box.setAttribute("width", width);
    delete chip.dataset.empty;
  }

  wires(id, end, change) {
    for (const part of this.svg.querySelectorAll(`[data-${end}="${CSS.escape(id)}"]`)) change(part);
  }
}
