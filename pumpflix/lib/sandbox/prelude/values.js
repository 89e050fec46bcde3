// How results leave the child: as JSON.stringify writes them, or with the types that JSON lacks (`header.typed`).
"use strict";

((pf) => {
  const { DateTime, Duration, Interval } = pf.luxon;
  const { stringify } = pf.saved;
  const TypedArray = Object.getPrototypeOf(Uint8Array);

  const tagged = (type, rest) => ({ $type: type, ...rest });

  function typedNumber(value) {
    if (Number.isNaN(value)) return tagged("NaN");
    if (Object.is(value, -0)) return tagged("-0");
    return Number.isFinite(value) ? value : tagged(String(value));
  }

  function typedPrimitive(value) {
    switch (typeof value) {
      case "undefined":
        return tagged("undefined");
      case "number":
        return typedNumber(value);
      case "bigint":
        return tagged("BigInt", { value: String(value) });
      case "function":
        return tagged("Function", { name: String(value.name) });
      case "symbol":
        return tagged("Symbol", { value: String(value) });
      default:
        return value;
    }
  }

  function dateIso(date) {
    return Number.isNaN(date.getTime()) ? null : date.toISOString();
  }

  // Order matters: the first that fits wins.
  const typedClasses = [
    [(v) => v instanceof Date, (v) => tagged("Date", { iso: dateIso(v) })],
    [DateTime.isDateTime, (v) => tagged("DateTime", { iso: v.toISO(), zone: v.zoneName })],
    [Duration.isDuration, (v) => tagged("Duration", { value: v.toObject(), iso: v.toISO() })],
    [Interval.isInterval, (v) => tagged("Interval", { iso: v.toISO() })],
    [(v) => v instanceof RegExp, (v) => tagged("RegExp", { source: v.source, flags: v.flags })],
    [(v) => v instanceof Error, (v) => tagged("Error", { name: pf.errors.nameOf(v), message: pf.errors.messageOf(v) })],
    [(v) => v instanceof Map, (v, walk) => tagged("Map", { entries: [...v].map(([a, b]) => [walk(a), walk(b)]) })],
    [(v) => v instanceof Set, (v, walk) => tagged("Set", { values: [...v].map(walk) })],
    [(v) => pf.Buffer.isBuffer(v), (v) => tagged("Buffer", { base64: v.toString("base64") })],
    [(v) => v instanceof ArrayBuffer, (v) => tagged("ArrayBuffer", { byteLength: v.byteLength })],
    [(v) => v instanceof TypedArray, (v, walk) => tagged(v[Symbol.toStringTag], { values: Array.from(v, walk) })],
    [(v) => v instanceof String || v instanceof Number || v instanceof Boolean, (v) => v.valueOf()],
  ];

  function typed(value, seen = new Set()) {
    if (!pf.isObject(value)) return value === null ? null : typedPrimitive(value);
    if (seen.has(value)) return "[Circular]";
    const inner = new Set(seen).add(value);
    const walk = (child) => typed(child, inner);
    if (Array.isArray(value)) return Array.from(value, walk);
    const found = typedClasses.find(([fits]) => fits(value));
    if (found) return found[1](value, walk);
    return Object.fromEntries(Object.keys(value).map((key) => [key, walk(value[key])]));
  }

  /** JSON text that cannot fail: big integers become text, a cycle is cut where it closes. */
  function patiently(value) {
    const path = [];
    return stringify(value, function (_key, member) {
      if (typeof member === "bigint") return String(member);
      if (!pf.isObject(member)) return member;
      while (path.length && path.at(-1) !== this) path.pop();
      if (path.includes(member)) return "[Circular]";
      path.push(member);
      return member;
    });
  }

  const deepest = 200;
  const [quote, backslash, openBrace, closeBrace, openBracket, closeBracket] = [...'"\\{}[]'].map((char) =>
    char.charCodeAt(0),
  );

  /** Where the string that starts at `start` ends. */
  function endOfString(text, start) {
    let at = start + 1;
    while (text.charCodeAt(at) !== quote) at += text.charCodeAt(at) === backslash ? 2 : 1;
    return at;
  }

  function isTooDeep(text) {
    if (text.length <= 2 * deepest) return false;
    let depth = 0;
    for (let at = 0; at < text.length; at++) {
      const char = text.charCodeAt(at);
      if (char === quote) at = endOfString(text, at);
      else if (char === openBrace || char === openBracket) depth += 1;
      else if (char === closeBrace || char === closeBracket) depth -= 1;
      if (depth > deepest) return true;
    }
    return false;
  }

  /** The readers of our results are recursive: what they could not read never leaves. */
  function checked(text) {
    if (text === undefined || !isTooDeep(text)) return text;
    throw new pf.errors.ApplicationError(`The value is nested more than ${deepest} levels deep`, {
      description: "Return less of it, for example only the fields that are used later.",
    });
  }

  /** JSON text of a value, or undefined where it has none (undefined, a function). */
  function toJson(value, isTyped) {
    if (isTyped) return checked(stringify(typed(value)));
    try {
      return checked(stringify(value));
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      return checked(patiently(value));
    }
  }

  pf.values = Object.freeze({ toJson, typed });
})(globalThis.__pf);
