// Freezes everything that user code can reach: one evaluation leaves nothing behind for the next.
"use strict";

((pf) => {
  const { defineProperty, freeze, getOwnPropertyDescriptors, getPrototypeOf } = Object;

  /**
   * Makes the data properties of a prototype survive freezing in the objects that inherit them: after it,
   * `error.message = "x"` or `thing.toString = f` define an own property, as they would with an unfrozen prototype.
   */
  function allowOverride(prototype, keys) {
    const properties = getOwnPropertyDescriptors(prototype);
    for (const key of keys) {
      const property = properties[key];
      if (!property || !property.configurable || !("value" in property)) continue;
      const { value, enumerable } = property;
      defineProperty(prototype, key, {
        get: () => value,
        set(own) {
          if (this === prototype) throw new TypeError(`Cannot assign to read only property '${String(key)}'`);
          defineProperty(this, key, { value: own, writable: true, enumerable: true, configurable: true });
        },
        enumerable,
        configurable: true,
      });
    }
  }

  const errorClasses = [
    Error,
    TypeError,
    RangeError,
    SyntaxError,
    ReferenceError,
    EvalError,
    URIError,
    AggregateError,
    ...Object.values(pf.errors),
  ].filter((value) => value === Error || value.prototype instanceof Error);

  function allowOverrides() {
    allowOverride(
      Object.prototype,
      Object.getOwnPropertyNames(Object.prototype).filter((key) => key !== "__proto__"),
    );
    allowOverride(Function.prototype, ["toString", "call", "apply", "bind", "constructor"]);
    for (const { prototype } of errorClasses) allowOverride(prototype, ["name", "message", "toString", "constructor"]);
    for (const { prototype } of [Date, RegExp, Map, Set])
      allowOverride(prototype, ["toString", "constructor", "toJSON"]);
    allowOverride(Array.prototype, ["toString", "toLocaleString"]);
  }

  /** Compilers of text leave the realm; what stands in their place says so. */
  function removeCompilers() {
    const stub = function Function() {
      throw new EvalError("Code generation from text is not available");
    };
    const kinds = [function () {}, async function () {}, function* () {}, async function* () {}].map(getPrototypeOf);
    for (const prototype of kinds) defineProperty(prototype, "constructor", { value: stub, writable: false });
    defineProperty(stub, "prototype", { value: Function.prototype });
    pf.hide(globalThis, "Function", stub);
    pf.hide(globalThis, "eval", function evalStub() {
      throw new EvalError("Code generation from text is not available");
    });
  }

  /** Objects keep the prototype they were made with; asking for another one is ignored, as in n8n. */
  function pinPrototypes() {
    pf.hide(Object, "setPrototypeOf", function setPrototypeOf(target) {
      return target;
    });
    pf.hide(Reflect, "setPrototypeOf", function setPrototypeOf() {
      return false;
    });
    delete Object.prototype.__proto__;
  }

  /** The legacy statics of RegExp remember the last match of whoever matched last. */
  function removeRegExpMemory() {
    for (const key of Object.getOwnPropertyNames(RegExp)) {
      if (/^(\$.|input|lastMatch|lastParen|leftContext|rightContext)$/.test(key)) delete RegExp[key];
    }
  }

  function stopStackHooks() {
    for (const name of ["prepareStackTrace", "captureStackTrace", "stackTraceLimit"]) delete Error[name];
    defineProperty(Error, "prepareStackTrace", { value: undefined, writable: false });
    defineProperty(Error, "stackTraceLimit", { value: 10, writable: false });
    defineProperty(Error, "captureStackTrace", { value: () => undefined, writable: false });
  }

  /** Freezes a value and all it leads to. */
  function hardenAll(roots) {
    const seen = new Set();
    const pending = [...roots];
    while (pending.length) {
      const value = pending.pop();
      const isReference = typeof value === "function" || pf.isObject(value);
      if (!isReference || seen.has(value)) continue;
      seen.add(value);
      if (!ArrayBuffer.isView(value)) freeze(value);
      pending.push(getPrototypeOf(value));
      for (const property of Object.values(getOwnPropertyDescriptors(value))) {
        pending.push(property.value, property.get, property.set);
      }
      for (const symbol of Object.getOwnPropertySymbols(value)) {
        const { value: member, get, set } = Object.getOwnPropertyDescriptor(value, symbol);
        pending.push(member, get, set);
      }
    }
  }

  /** Intrinsics that no global name leads to. */
  function hiddenIntrinsics() {
    const iterators = [
      [][Symbol.iterator](),
      ""[Symbol.iterator](),
      new Map().entries(),
      new Set().entries(),
      "".matchAll(/./g),
    ];
    const generators = [(function* () {})(), (async function* () {})()];
    const functions = [async () => {}, function* () {}, async function* () {}];
    const segments = new Intl.Segmenter().segment("");
    const wrapped = [[].values().map((x) => x), Iterator.from({ next() {} }), segments, segments[Symbol.iterator]()];
    return [...iterators, ...generators, ...functions, ...wrapped];
  }

  const steps = [stopStackHooks, removeRegExpMemory, removeCompilers, pinPrototypes, allowOverrides];
  pf.harden = Object.freeze({ steps, hardenAll, hiddenIntrinsics });
})(globalThis.__pf);
