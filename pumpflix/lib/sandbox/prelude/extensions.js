// n8n's data transformation functions: the registry, and the call `extend(receiver, name, args)` that rewritten
// expressions make. The functions themselves are in extensions_*.js, one table per type.
"use strict";

((pf) => {
  const { DateTime } = pf.luxon;
  const { ExpressionExtensionError } = pf.errors;
  // ISO moments in data are strings, yet dates to the author.
  const isoMoment = /^\d{4}-[01]\d-[0-3]\dT[0-2]\d:[0-5]\d:[0-5]\d\.\d+([+-][0-2]\d:[0-5]\d|Z)$/;

  const typeNames = ["String", "Number", "Date", "Array", "Object", "Boolean"];
  const tables = Object.fromEntries(typeNames.map((name) => [name, new Map()]));
  const names = new Set();

  /** Adds functions `(receiver, ...args)` to a type's table. */
  function register(typeName, functions) {
    for (const [name, implementation] of Object.entries(functions)) {
      tables[typeName].set(name, implementation);
      names.add(name);
    }
  }

  const isDate = (value) => value instanceof Date || DateTime.isDateTime(value);

  function typeOf(value) {
    if (Array.isArray(value)) return "Array";
    if (isDate(value)) return "Date";
    const type = { string: "String", number: "Number", boolean: "Boolean", object: "Object" }[typeof value];
    return value === null ? undefined : type;
  }

  function isEmpty(value) {
    if (value === undefined || value === null || value === "") return true;
    if (Array.isArray(value)) return value.length === 0;
    return pf.isPlain(value) && Object.keys(value).length === 0;
  }

  // Callable on anything, also on what is missing.
  const generic = new Map([
    ["isEmpty", isEmpty],
    ["isNotEmpty", (value) => !isEmpty(value)],
  ]);
  for (const name of generic.keys()) names.add(name);

  const asMethod =
    (native) =>
    (value, ...args) =>
      native.apply(value, args);

  /** The function for dates, where a string is a moment in text. */
  function forMoment(receiver, name) {
    if (typeof receiver !== "string" || name === "toDate" || name === "toDateTime") return undefined;
    const forDates = isoMoment.test(receiver) ? tables.Date.get(name) : undefined;
    return forDates && ((text, ...args) => forDates(new Date(text), ...args));
  }

  function find(receiver, name) {
    const type = typeOf(receiver);
    const native = type || typeof receiver === "function" ? receiver[name] : undefined;
    const isMethod = typeof native === "function";
    if (type === "Object" && isMethod) return asMethod(native);
    const ours = forMoment(receiver, name) ?? tables[type]?.get(name);
    if (ours) return ours;
    return isMethod ? asMethod(native) : generic.get(name);
  }

  function refuse(receiver, name) {
    if (receiver === undefined || receiver === null) {
      throw new ExpressionExtensionError(`${name} can't be used on ${receiver} value`);
    }
    const types = typeNames.filter((type) => tables[type].has(name)).map((type) => `"${type}"`);
    const last = types.pop();
    const list = types.length ? `types ${types.join(", ")}, and ${last}` : `type ${last}`;
    throw new ExpressionExtensionError(`${name}() is only callable on ${list}`);
  }

  /** `receiver.name(...args)`, where `name` may be a data transformation function of the receiver's type. */
  function extend(receiver, name, args) {
    const implementation = find(receiver, name);
    if (!implementation) refuse(receiver, name);
    return implementation(receiver, ...args);
  }

  const nothing = () => undefined;
  const fail = (message) => {
    throw new ExpressionExtensionError(message);
  };

  pf.extensions = Object.freeze({ register, names, isEmpty, isDate, nothing, fail });
  pf.extend = extend;
})(globalThis.__pf);
