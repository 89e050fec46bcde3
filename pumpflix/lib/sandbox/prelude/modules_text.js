// Node.js's `path` (POSIX) and the parts of `util` that workflow code uses.
"use strict";

((pf) => {
  /** One more segment on the way; above the root of an absolute path there is nothing. */
  function step(kept, segment, isAbsolute) {
    if (segment === "" || segment === ".") return;
    if (segment !== "..") kept.push(segment);
    else if (kept.length && kept.at(-1) !== "..") kept.pop();
    else if (!isAbsolute) kept.push(segment);
  }

  function normalize(path) {
    const isAbsolute = path.startsWith("/");
    const kept = [];
    for (const segment of path.split("/")) step(kept, segment, isAbsolute);
    const body = kept.join("/") + (path.endsWith("/") && kept.length ? "/" : "");
    return (isAbsolute ? "/" : "") + body || ".";
  }

  const join = (...parts) => normalize(parts.filter((part) => part !== "").join("/"));

  function resolve(...parts) {
    const start = parts.findLastIndex((part) => part.startsWith("/"));
    const path = normalize(`/${parts.slice(Math.max(start, 0)).join("/")}`);
    return path.length > 1 ? path.replace(/\/$/, "") : path;
  }

  const trimmed = (path) => (path.length > 1 ? path.replace(/\/+$/, "") : path);

  function basename(path, extension = "") {
    const name = trimmed(path).split("/").at(-1);
    return extension && name !== extension && name.endsWith(extension) ? name.slice(0, -extension.length) : name;
  }

  function dirname(path) {
    const cut = trimmed(path).lastIndexOf("/");
    if (cut < 0) return ".";
    return cut === 0 ? "/" : path.slice(0, cut);
  }

  function extname(path) {
    const name = basename(path);
    const dot = name.lastIndexOf(".");
    return dot > 0 ? name.slice(dot) : "";
  }

  function parse(path) {
    const [base, ext] = [basename(path), extname(path)];
    const dir = path.includes("/") ? dirname(path) : "";
    return { root: path.startsWith("/") ? "/" : "", dir, base, ext, name: base.slice(0, base.length - ext.length) };
  }

  const path = {
    basename,
    delimiter: ":",
    dirname,
    extname,
    format: ({ dir, root = "", base, name = "", ext = "" }) => (dir ? `${dir}/` : root) + (base ?? name + ext),
    isAbsolute: (text) => text.startsWith("/"),
    join,
    normalize,
    parse,
    resolve,
    sep: "/",
  };
  pf.path = { ...path, posix: path };

  const quoteText = (text) => `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'").replaceAll("\n", "\\n")}'`;
  const deepest = 5;
  const mostMembers = 100;

  function inspectList(values, level) {
    const shown = Array.from(values)
      .slice(0, mostMembers)
      .map((value) => inspectAt(value, level + 1));
    const rest = values.length - shown.length;
    return `[ ${[...shown, ...(rest > 0 ? [`... ${rest} more items`] : [])].join(", ")} ]`.replace("[  ]", "[]");
  }

  function inspectMembers(value, level) {
    const members = Object.keys(value)
      .slice(0, mostMembers)
      .map((key) => {
        const name = /^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(key) ? key : quoteText(key);
        return `${name}: ${inspectAt(value[key], level + 1)}`;
      });
    return members.length ? `{ ${members.join(", ")} }` : "{}";
  }

  const showDate = (date) => (Number.isNaN(date.getTime()) ? "Invalid Date" : date.toISOString());
  const showError = (error) => `${pf.errors.nameOf(error)}: ${pf.errors.messageOf(error)}`;
  const showBytes = (buffer) => pf.bytes.toHex(buffer.subarray(0, 50)).replace(/(..)(?=.)/g, "$1 ");

  // The first that fits wins.
  const kinds = [
    [(value) => value instanceof Error, showError],
    [(value) => value instanceof Date, showDate],
    [pf.luxon.DateTime.isDateTime, (value) => `DateTime { ${value.toISO()} }`],
    [(value) => value instanceof RegExp, String],
    [(value) => value instanceof Promise, () => "Promise {}"],
    [pf.Buffer.isBuffer, (value) => `<Buffer ${showBytes(value)}>`],
    [(value, level) => level > deepest, (value) => (Array.isArray(value) ? "[Array]" : "[Object]")],
    [(value) => value instanceof Map, (value, level) => `Map(${value.size}) ${inspectList([...value], level)}`],
    [(value) => value instanceof Set, (value, level) => `Set(${value.size}) ${inspectList([...value], level)}`],
    [(value) => Array.isArray(value) || ArrayBuffer.isView(value), inspectList],
    [() => true, inspectMembers],
  ];

  const inspectObject = (value, level) => kinds.find(([fits]) => fits(value, level))[1](value, level);

  function inspectAt(value, level) {
    if (typeof value === "string") return quoteText(value);
    if (typeof value === "function") return `[Function: ${value.name || "(anonymous)"}]`;
    if (typeof value === "bigint") return `${value}n`;
    return pf.isObject(value) ? inspectObject(value, level) : String(value);
  }

  /** A value as the console shows it; never throws. */
  function inspect(value) {
    try {
      return inspectAt(value, 0);
    } catch {
      return "[a value that cannot be shown]";
    }
  }

  /** `console.log("%s is %d", ...)`. */
  function format(first, ...rest) {
    const show = (value) => (typeof value === "string" ? value : inspect(value));
    if (typeof first !== "string") return [first, ...rest].map(show).join(" ");
    const replace = {
      s: show,
      d: (v) => String(Number(v)),
      i: (v) => String(Math.trunc(v)),
      j: JSON.stringify,
      o: inspect,
      O: inspect,
    };
    const text = first.replace(/%([sdijoO%])/g, (mark, kind) => {
      if (kind === "%") return "%";
      return rest.length ? replace[kind](rest.shift()) : mark;
    });
    return [text, ...rest.map(show)].join(" ");
  }

  function promisify(work) {
    return (...args) =>
      new Promise((done, failed) => {
        work(...args, (error, value) => (error ? failed(error) : done(value)));
      });
  }

  const isDeepStrictEqual = (first, second) => pf.lodash.isEqual(first, second);
  const { TextDecoder, TextEncoder } = pf.webGlobals;
  pf.util = {
    format,
    inspect,
    isDeepStrictEqual,
    promisify,
    TextDecoder,
    TextEncoder,
    types: { isDate: (v) => v instanceof Date },
  };
})(globalThis.__pf);
