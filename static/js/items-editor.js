// <items-editor> around a label and a textarea with items as JSON: edits the same as a table, and says what is wrong in
// the text before it is sent. A cell holds a text as it is; numbers, true, false, null, lists and objects are JSON.
const MOST_COLUMNS = 40;

class ItemsEditor extends HTMLElement {
  connectedCallback() {
    if (this.querySelector(".segmented")) return;
    this.area = this.querySelector("textarea");
    this.fault = element("p", { className: "field-error", role: "alert", hidden: true });
    this.table = element("div", { className: "table-wrap items-table", hidden: true });
    const ways = element("div", { className: "segmented", role: "group" });
    this.ways = ["JSON", "Table"].map((word) => element("button", { type: "button", textContent: word }));
    ways.append(...this.ways);
    this.area.before(ways);
    this.area.after(this.fault, this.table);
    this.addEventListener("click", this);
    this.addEventListener("input", this);
    this.form = this.closest("form");
    this.form?.addEventListener("submit", this);
    this.open(false);
  }

  disconnectedCallback() {
    this.form?.removeEventListener("submit", this);
  }

  handleEvent(event) {
    if (event.type === "submit") this.check(event);
    else if (event.type === "input") this.typed(event);
    else if (this.ways.includes(event.target)) this.open(event.target === this.ways[1]);
    else if (event.target.dataset.does) this[event.target.dataset.does](Number(event.target.dataset.row));
  }

  check(event) {
    if (!this.area.value.trim() || this.items()) return;
    event.preventDefault();
    this.open(false);
    this.area.focus();
  }

  typed(event) {
    if (event.target === this.area) return this.say("");
    const { row, column } = event.target.dataset;
    const value = read(event.target.value);
    if (value === undefined) delete this.now[row].json[column];
    else this.now[row].json[column] = value;
    this.write();
  }

  // The items of the text; undefined, with the fault said, where it is none.
  items() {
    try {
      const value = JSON.parse(this.area.value || "[]");
      const items = Array.isArray(value) ? value : [value];
      const bad = items.findIndex((item) => !isObject(item) || !isObject(item.json));
      if (bad < 0) return items;
      this.say(`Item ${bad + 1} is not an object with a "json" object in it, as in {"json": {…}}.`);
    } catch (error) {
      this.say(`This is not JSON: ${error.message}. Nothing ran.`);
    }
    return undefined;
  }

  say(text) {
    this.fault.hidden = !text;
    this.fault.textContent = text;
    this.area.toggleAttribute("aria-invalid", Boolean(text));
  }

  open(asTable) {
    const items = asTable ? this.items() : undefined;
    const isTable = Boolean(items);
    if (!asTable) this.say(this.fault.textContent);
    if (isTable) {
      this.now = items;
      this.draw();
    }
    this.area.hidden = isTable;
    this.table.hidden = !isTable;
    this.ways[0].setAttribute("aria-pressed", String(!isTable));
    this.ways[1].setAttribute("aria-pressed", String(isTable));
  }

  draw() {
    const columns = [...new Set(this.now.flatMap((item) => Object.keys(item.json)))].slice(0, MOST_COLUMNS);
    const head = element("tr", {}, [cell("th", "#"), ...columns.map((name) => cell("th", name)), cell("td", "")]);
    const rows = this.now.map((item, row) => this.row(item, row, columns));
    const table = element("table", { className: "table table-plain" }, [
      element("thead", {}, [head]),
      element("tbody", {}, rows),
    ]);
    const more = element("button", { type: "button", className: "button button-small", textContent: "Add item" });
    more.dataset.does = "add";
    this.table.replaceChildren(table, more);
  }

  row(item, row, columns) {
    const inputs = columns.map((column) => {
      const input = element("input", { className: "input mono", value: shown(item.json[column]) });
      Object.assign(input.dataset, { row, column });
      input.setAttribute("aria-label", `Item ${row + 1}, ${column}`);
      return element("td", {}, [input]);
    });
    const gone = element("button", { type: "button", className: "button button-small button-quiet", textContent: "✕" });
    gone.setAttribute("aria-label", `Remove item ${row + 1}`);
    Object.assign(gone.dataset, { does: "remove", row });
    return element("tr", {}, [cell("td", String(row + 1)), ...inputs, element("td", {}, [gone])]);
  }

  add() {
    this.now.push({ json: structuredClone(this.now.at(-1)?.json ?? { value: "" }) });
    this.write();
    this.draw();
  }

  remove(row) {
    this.now.splice(row, 1);
    this.write();
    this.draw();
  }

  write() {
    this.area.value = JSON.stringify(this.now, null, 2);
  }
}

const isObject = (value) => value !== null && typeof value === "object" && !Array.isArray(value);

// Texts that would be read as something else keep their quotes, so that nothing changes by being shown.
function shown(value) {
  if (value === undefined) return "";
  if (typeof value !== "string") return JSON.stringify(value);
  return value === "" || read(value) !== value ? JSON.stringify(value) : value;
}

// An empty cell is no field at all.
function read(text) {
  if (text === "") return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function cell(name, text) {
  return element(name, { textContent: text });
}

function element(name, values, children = []) {
  const made = Object.assign(document.createElement(name), values);
  if (values.role) made.setAttribute("role", values.role);
  made.append(...children);
  return made;
}

customElements.define("items-editor", ItemsEditor);
