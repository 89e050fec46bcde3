// Functions that expressions can call by name.
"use strict";

((pf) => {
  const { ExpressionError, ExpressionExtensionError } = pf.errors;
  const { extend } = pf;
  const { isEmpty } = pf.extensions;

  function numberList(start, end) {
    const step = start <= end ? 1 : -1;
    return Array.from({ length: Math.abs(end - start) + 1 }, (_, index) => start + step * index);
  }

  function zip(keys, values) {
    if (keys.length !== values.length) throw new ExpressionExtensionError("keys and values not of equal length");
    return Object.fromEntries(keys.map((key, index) => [key, values[index]]));
  }

  function jmespath(data, query) {
    if (!pf.isObject(data) || typeof query !== "string") {
      throw new ExpressionError("expected two arguments (Object, string) for this function");
    }
    return pf.jmespath.search(data, query);
  }

  const choose = (condition, valueIfTrue, valueIfFalse = false) => (condition ? valueIfTrue : valueIfFalse);
  const ifEmpty = (value, fallback) => (isEmpty(value) ? fallback : value);
  const not = (value) => !value;
  const min = (...values) => Math.min(...values);
  const max = (...values) => Math.max(...values);

  const keyLength = 50;
  const valueLength = 512;
  const mostKeys = 10;

  function storeCustom(call, key, value) {
    if (typeof key !== "string" || !/^\w+$/.test(key)) {
      throw new ExpressionError(`Custom data key can only contain characters "A-Za-z0-9_" (key "${key}")`);
    }
    if (!["string", "number", "bigint"].includes(typeof value)) {
      throw new ExpressionError("Custom data value must be a string or number");
    }
    const name = key.slice(0, keyLength);
    const { custom } = call;
    if (!pf.own(custom.values, name) && Object.keys(custom.values).length >= mostKeys) return;
    custom.values[name] = String(value).slice(0, valueLength);
    custom.isChanged = true;
  }

  /** `$execution.customData`. */
  function customData(call) {
    return {
      get: (key) => (pf.own(call.custom.values, key) ? call.custom.values[key] : undefined),
      getAll: () => ({ ...call.custom.values }),
      set: (key, value) => storeCustom(call, key, value),
      setAll: (values) => Object.entries(values).forEach(([key, value]) => storeCustom(call, key, value)),
    };
  }

  pf.customData = customData;
  pf.functions = Object.freeze({
    $average: (...values) => extend(values, "average", []),
    $if: choose,
    $ifEmpty: ifEmpty,
    $jmesPath: jmespath,
    $jmespath: jmespath,
    $max: max,
    $min: min,
    $not: not,
    average: (...values) => extend(values, "average", []),
    ifEmpty,
    max,
    min,
    not,
    numberList,
    zip,
  });
})(globalThis.__pf);
