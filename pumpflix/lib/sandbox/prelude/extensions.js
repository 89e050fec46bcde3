// n8n's data transformation functions: the registry, and the call `extend(receiver, name, args)` that rewritten
// expressions make. The functions themselves are in extensions_*.js, one table per type.
"use strict";

((pf) => {
  const { DateTime } = pf.luxon;
  const { ExpressionExtensionError } = pf.errors;
  // ISO moments in data are strings, yet dates to the author.
  const isoMoment = /^\d{4}-[01]\d-[0-3]\dT[0-2]\d:[0-5]\d:[0-5]\d\.\d+([+-][0-2]\d:[0-5]\d|Z)$/;

  // In the order in which n8n's messages list them.
  const typeNames = ["Array", "Date", "Number", "Object", "String", "Boolean"];
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
    ["isEmpty", (value) => !value || isEmpty(value)],
    ["isNotEmpty", (value) => Boolean(value) && !isEmpty(value)],
  ]);
  for (const name of generic.keys()) names.add(name);

  const asMethod =
    (native) =>
    (value, ...args) =>
      native.apply(value, args);

  const isMoment = (receiver, name) =>
    typeof receiver === "string" && name !== "toDate" && name !== "toDateTime" && isoMoment.test(receiver);

  /** The function for a moment in text: to all others but `toDate` and `toDateTime` it is a Date, no string. */
  function forMoment(name) {
    const forDates = find(new Date(0), name);
    return forDates && ((text, ...args) => forDates(new Date(text), ...args));
  }

  function find(receiver, name) {
    if (isMoment(receiver, name)) return forMoment(name);
    const type = typeOf(receiver);
    const native = type || typeof receiver === "function" ? receiver[name] : undefined;
    const isMethod = typeof native === "function";
    if (type === "Object" && isMethod) return asMethod(native);
    const ours = tables[type]?.get(name);
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
