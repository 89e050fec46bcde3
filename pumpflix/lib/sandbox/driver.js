/* The first script of every context. It reduces globalThis to the ECMAScript names it knows, lends the prelude a way to call the
   host, and in the end hands one function of one string to the host: serve(). Nothing of it stays reachable from user code. */
(() => {
  "use strict";

  const KNOWN = new Set(
    `globalThis Infinity NaN undefined eval isFinite isNaN parseFloat parseInt decodeURI decodeURIComponent encodeURI
     encodeURIComponent escape unescape Object Function Boolean Symbol Error AggregateError EvalError RangeError ReferenceError
     SyntaxError TypeError URIError SuppressedError Number BigInt Math Date String RegExp Array Int8Array Uint8Array
     Uint8ClampedArray Int16Array Uint16Array Int32Array Uint32Array BigInt64Array BigUint64Array Float16Array Float32Array
     Float64Array Map Set WeakMap WeakSet ArrayBuffer DataView Iterator Promise Proxy Reflect JSON Intl Temporal
     DisposableStack AsyncDisposableStack`.split(/\s+/),
  );
  const LENT = ["__driver", "__host", "__libs", "pumpflix"];
  const NATIVE = /\{\s*\[native code\]\s*\}\s*$/;

  const { freeze, isFrozen, preventExtensions, getOwnPropertyDescriptor, defineProperty, getPrototypeOf } = Object;
  const { ownKeys, apply } = Reflect;
  const { stringify, parse } = JSON;
  const sourceOf = Function.prototype.toString;
  const then = Promise.prototype.then;

  for (const name of ownKeys(globalThis)) {
    if (!KNOWN.has(name)) delete globalThis[name];
  }
  // RegExp.$1 and its kin remember the last match of whoever matched last.
  for (const name of ownKeys(RegExp)) {
    if (/^(\$.|input|lastMatch|lastParen|leftContext|rightContext)$/.test(String(name))) delete RegExp[name];
  }

  /* Intrinsics that have no name and are reached through syntax or a method. */
  function unnamed() {
    const values = [
      function* () {}, async () => {}, async function* () {},
      [][Symbol.iterator](), new Map().entries(), new Set().entries(), ""[Symbol.iterator](), "".matchAll(/a/g),
      [].values().map((x) => x), Object.getOwnPropertyDescriptor(function () { "use strict"; }, "caller"),
      Int8Array, new Int8Array().entries(), (function () { "use strict"; return arguments; })(),
      new Intl.Segmenter().segment(""), new Intl.Segmenter().segment("")[Symbol.iterator](),
      Iterator.from({ next() {} }), new Intl.Locale("en"),
    ];
    return values.filter((value) => value !== undefined);
  }

  /* Every object that can be reached from the roots, with a path that leads to it. */
  function reachable(roots) {
    const seen = new Map();
    const open = [];
    const push = (value, path) => {
      const kind = typeof value;
      if (value !== null && (kind === "object" || kind === "function") && !seen.has(value)) {
        seen.set(value, path);
        open.push(value);
      }
    };
    roots.forEach((root, place) => push(root, `root ${place}`));
    while (open.length) {
      const value = open.pop();
      const path = seen.get(value);
      push(getPrototypeOf(value), `${path}.__proto__`);
      for (const key of ownKeys(value)) {
        const found = getOwnPropertyDescriptor(value, key);
        for (const part of ["value", "get", "set"]) push(found[part], `${path}.${String(key)}`);
      }
    }
    return seen;
  }

  let intrinsics;

  /* Before anything else is loaded: remember what the language itself brings. Only for a context that will be audited. */
  function survey() {
    intrinsics = reachable([globalThis, ...unnamed()]);
    return "";
  }

  /* Calls to the host: queued here, fetched by poll(), answered one after the other. */
  let queue = [];
  let current = null;
  let outcome;
  let failure;

  function call(name, args) {
    return new Promise((resolve, reject) => {
      queue.push({ text: stringify({ call: String(name), args }), resolve, reject });
    });
  }

  function answer(text) {
    const { resolve, reject } = current;
    const reply = parse(text);
    current = null;
    if (!("error" in reply)) return resolve(reply.ok);
    const error = new Error(String(reply.error.message));
    for (const key of ["type", "description"]) {
      const value = reply.error[key];
      if (value !== undefined && value !== null) {
        defineProperty(error, key === "type" ? "name" : key, { value, writable: true, configurable: true, enumerable: false });
      }
    }
    return reject(error);
  }

  function onlyText(value) {
    if (typeof value !== "string") throw new TypeError("the prelude returned something that is no text");
    return value;
  }

  const stalled = () =>
    stringify({
      error: {
        type: "Error",
        message: "The code never finished: it waits for a promise that nothing will settle. Timers are not available here.",
      },
      console: [],
    });

  function poll() {
    if (failure !== undefined) throw failure.reason;
    if (queue.length) {
      current = queue.shift();
      return "c" + current.text;
    }
    return "r" + (outcome === undefined ? stalled() : onlyText(outcome.value));
  }

  function begin(entry, header, data) {
    queue = [];
    current = null;
    outcome = undefined;
    failure = undefined;
    const result = entry(header, data);
    if (typeof result === "string") outcome = { value: result };
    else apply(then, result, [(value) => { outcome = { value }; }, (reason) => { failure = { reason }; }]);
  }

  let entries = {};

  function serve(text) {
    const operation = text[0];
    if (operation === "p") return poll();
    if (operation === "a") return answer(text.slice(1)), "";
    const cut = text.indexOf("\n");
    const header = text.slice(1, cut);
    const data = text.slice(cut + 1);
    if (operation === "e") {
      queue = [];
      return "r" + onlyText(entries.evaluate(header, data));
    }
    begin(entries.runCode, header, data);
    return outcome === undefined || queue.length ? "" : poll();
  }

  /* Take the prelude's two entries, drop all that was lent, and close globalThis. */
  function seal() {
    const { evaluate, runCode } = globalThis.pumpflix;
    entries = { evaluate, runCode };
    for (const name of LENT) delete globalThis[name];
    for (const name of ownKeys(globalThis)) {
      const found = getOwnPropertyDescriptor(globalThis, name);
      const fixed = "value" in found ? { writable: false, configurable: false } : { configurable: false };
      defineProperty(globalThis, name, fixed);
    }
    preventExtensions(globalThis);
    freeze(getPrototypeOf(globalThis));
    return "";
  }

  /* What is wrong with the sealed world, as text; nothing if nothing is. Walks everything that user code can reach. */
  function audit() {
    const problems = [];
    for (const lent of LENT) if (lent in globalThis) problems.push(`the global ${lent} is still there`);
    // Values of unnamed() are made here and now: what counts are their prototypes.
    for (const [value, path] of reachable([globalThis, ...unnamed().map(getPrototypeOf)])) {
      if (!isFrozen(value)) problems.push(`not frozen: ${path}`);
      if (typeof value === "function" && !intrinsics.has(value) && NATIVE.test(apply(sourceOf, value, []))) {
        if (!value.name.startsWith("bound ")) problems.push(`a function of the host: ${path}`);
      }
    }
    return problems.join("; ");
  }

  globalThis.__host = freeze({ call });
  globalThis.__driver = { serve, survey, seal, audit };
})();
