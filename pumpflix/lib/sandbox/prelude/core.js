// Opens the prelude: the private namespace `__pf` that the other files fill, and the intrinsics saved for our own use.
// `__pf` is deleted by api.js; user code never sees it.
"use strict";

globalThis.__pf = ((host, libs) => {
  const saved = Object.freeze({
    Function,
    // Compiles in global scope, as every call of it by another name does.
    eval: globalThis.eval, // eslint-disable-line no-eval
    stringify: JSON.stringify,
    parse: JSON.parse,
    random: Math.random,
    NativeDate: Date,
    nativeNow: Date.now,
  });

  /** Like assignment, but the property is hidden from enumeration. */
  function hide(target, name, value) {
    Object.defineProperty(target, name, { value, writable: true, configurable: true, enumerable: false });
  }

  const isObject = (value) => value !== null && typeof value === "object";
  const own = (object, key) => Object.prototype.hasOwnProperty.call(object, key);

  /** A plain object, i.e. data: neither an array nor an instance of some class. */
  function isPlain(value) {
    if (!isObject(value) || Array.isArray(value)) return false;
    const proto = Object.getPrototypeOf(value);
    return proto === null || proto === Object.prototype;
  }

  return {
    saved,
    hide,
    isObject,
    isPlain,
    own,
    host,
    luxon: { ...libs.luxon },
    lodash: libs.lodash,
    jmespath: libs.jmespath,
    acorn: libs.acorn,
  };
})(globalThis.__host, globalThis.__libs);
