// Data transformation functions of objects.
"use strict";

((pf) => {
  const { register, isEmpty, nothing, fail } = pf.extensions;

  const isText = (value) => typeof value === "string" && value !== "";

  function filterFields(object, keep) {
    return Object.fromEntries(Object.entries(object).filter(([key, value]) => keep(value, key)));
  }

  /** Fields of objects, at any depth, that are neither missing nor "" nor {} nor []. As in n8n a list becomes an object
      with its places as names. */
  function compactDeep(value) {
    if (!pf.isPlain(value) && !Array.isArray(value)) return value;
    const kept = Object.entries(value).filter(([, member]) => !isEmpty(member) && member !== "nil");
    return Object.fromEntries(kept.map(([key, member]) => [key, compactDeep(member)]));
  }

  const has = (value, text) => typeof value === "string" && value.includes(text);

  function keepFieldsContaining(object, text) {
    if (!isText(text)) fail("argument of keepFieldsContaining must be a non-empty string");
    return filterFields(object, (value) => has(value, text));
  }

  function removeFieldsContaining(object, text) {
    if (!isText(text)) fail("removeFieldsContaining(): expected non-empty string arg");
    return filterFields(object, (value) => !has(value, text));
  }

  const urlPart = (value) =>
    encodeURIComponent(value)
      .replace(/%20/g, "+")
      .replace(/[!'()~]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);

  function urlEncode(object) {
    return Object.entries(object)
      .map(([key, value]) => `${urlPart(key)}=${urlPart(String(value))}`)
      .join("&");
  }

  pf.compactDeep = compactDeep;
  pf.urlPart = urlPart;
  register("Object", {
    compact: compactDeep,
    hasField: (object, name) => pf.own(object, name),
    isEmpty: (object) => Object.keys(object).length === 0,
    isNotEmpty: (object) => Object.keys(object).length > 0,
    keepFieldsContaining,
    keys: (object) => Object.keys(object),
    removeField: (object, name) => filterFields(object, (_, key) => key !== name),
    removeFieldsContaining,
    toBoolean: nothing,
    toDateTime: nothing,
    toFloat: nothing,
    toInt: nothing,
    toJsonString: (object) => JSON.stringify(object),
    urlEncode,
    values: (object) => Object.values(object),
  });
})(globalThis.__pf);
