// `$parameter`, `$('X').params`, `$node["X"].parameter`: a node's parameters, expressions in them evaluated when read.
"use strict";

((pf) => {
  const active = new Set();

  /** The value of an expression inside a parameter; undefined where it is being worked out already. */
  function resolve(text, context) {
    const mark = `${context.nodeName}\n${text}`;
    if (active.has(mark)) return undefined;
    active.add(mark);
    try {
      return pf.valueOf(text.slice(1), context);
    } finally {
      active.delete(mark);
    }
  }

  /** The value a resource locator stands for. */
  function locatorValue({ value, __regex: pattern }) {
    if (typeof pattern !== "string" || typeof value !== "string") return value;
    return new RegExp(pattern).exec(value)?.[1] ?? value;
  }

  function read(raw, context) {
    const value = pf.isPlain(raw) && raw.__rl === true ? locatorValue(raw) : raw;
    if (typeof value === "string" && value.startsWith("=")) return context ? resolve(value, context) : value;
    return view(value, context);
  }

  /** A copy whose members are worked out when they are read; without a context expressions stay text. */
  function view(raw, context) {
    if (Array.isArray(raw)) return fill([], raw, context);
    return pf.isPlain(raw) ? fill({}, raw, context) : raw;
  }

  function fill(target, raw, context) {
    for (const key of Object.keys(raw)) {
      const get = () => read(raw[key], context);
      Object.defineProperty(target, key, { get, enumerable: true, configurable: true });
    }
    return target;
  }

  /** `$parameter` of the current node: also `$parameter["&sibling"]`. */
  function withSiblings(target, siblings = {}, context = undefined) {
    for (const key of Object.keys(siblings)) {
      Object.defineProperty(target, `&${key}`, { get: () => read(siblings[key], context), configurable: true });
    }
    return target;
  }

  pf.parameters = Object.freeze({ view, withSiblings });
})(globalThis.__pf);
