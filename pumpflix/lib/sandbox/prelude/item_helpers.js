// n8n's helpers around items: `this.helpers.normalizeItems` and its kin, as Code and Function nodes have them.
"use strict";

((pf) => {
  const { ApplicationError } = pf.errors;

  const has = (key) => (value) => pf.isObject(value) && key in value;
  const listOf = (value) => (Array.isArray(value) ? value : [value]);

  /** Items, or plain values each of which becomes the JSON of one. A list is all items or has none in it. */
  function normalizeItems(values) {
    const list = listOf(values);
    if (list.every(has("json"))) return list;
    if (list.every(has("binary"))) return list.map(({ binary, ...json }) => ({ json, binary }));
    if (list.some(has("json")) || list.some(has("binary"))) throw new ApplicationError("Inconsistent item format");
    return list.map((json) => ({ json }));
  }

  /** Each value as the JSON of an item, unless it is one already. */
  function returnJsonArray(values) {
    return listOf(values).map((value) => (pf.isObject(value) && value.json ? { ...value } : { json: value }));
  }

  /** The named fields of each item, null where there is none. */
  function copyInputItems(items, names) {
    const copy = (value) => (value === undefined ? null : pf.lodash.cloneDeep(value));
    return items.map(({ json }) => Object.fromEntries(names.map((name) => [name, copy(json[name])])));
  }

  /** The same items with the item they came from. */
  function constructExecutionMetaData(items, { itemData }) {
    return items.map((item) => ({ ...item, pairedItem: itemData }));
  }

  pf.itemHelpers = Object.freeze({ normalizeItems, returnJsonArray, copyInputItems, constructExecutionMetaData });
})(globalThis.__pf);
