// Checks what a Code node returned and brings it into the form of items; messages say what to change.
"use strict";

((pf) => {
  const { ValidationError, ReservedKeyFoundError } = pf.errors;
  const itemKeys = new Set(["json", "binary", "pairedItem", "error", "index"]);

  const isRecord = (value) => pf.isObject(value) && !Array.isArray(value) && !(value instanceof Date);
  const isWrapped = (value) => isRecord(value) && Object.keys(value).some((key) => itemKeys.has(key));

  const at = (itemIndex) => (itemIndex === undefined ? "" : ` [item ${itemIndex}]`);

  function refuse(message, description, itemIndex) {
    throw new ValidationError(message + at(itemIndex), { description, context: { itemIndex } });
  }

  function checkKeys(item, itemIndex) {
    for (const key of Object.keys(item)) {
      if (itemKeys.has(key)) continue;
      throw new ReservedKeyFoundError(`Unknown top-level item key: ${key}${at(itemIndex)}`, {
        description: "Access the properties of an item under `.json`, e.g. `item.json`",
        context: { itemIndex },
      });
    }
  }

  function checkParts(item, itemIndex) {
    if (!isRecord(item.json)) {
      refuse(
        "A 'json' property isn't an object",
        "In the returned data, every key named 'json' must point to an object.",
        itemIndex,
      );
    }
    if (item.binary !== undefined && !isRecord(item.binary)) {
      refuse(
        "A 'binary' property isn't an object",
        "In the returned data, every key named 'binary' must point to an object.",
        itemIndex,
      );
    }
  }

  /** One returned object as an item: wrapped already, or the JSON itself. */
  function toItem(value, isList, itemIndex) {
    if (!isList) return { json: value };
    checkKeys(value, itemIndex);
    const item = pf.own(value, "json") ? value : { json: {}, ...value };
    checkParts(item, itemIndex);
    return item;
  }

  /** Items of a node that ran once for all items; null stands for none. */
  function allItems(returned) {
    if (returned === null) return [];
    const advice = "Please return an array of objects, one for each item you would like to output.";
    if (!pf.isObject(returned)) refuse("Code doesn't return items properly", advice);
    const list = Array.isArray(returned) ? returned : [returned];
    list.forEach((value, index) => {
      if (!isRecord(value)) refuse("Code doesn't return items properly", advice, index);
    });
    const areWrapped = list.some(isWrapped);
    return list.map((value, index) => toItem(value, areWrapped, index));
  }

  /** The item of a node that runs for each item; null drops the item. */
  function oneItem(returned, itemIndex) {
    if (returned === null) return null;
    if (Array.isArray(returned)) {
      const advice =
        "Please return a single object, representing the output item; to return several, run once for all items.";
      refuse("Code doesn't return a single object", `An array was returned. ${advice}`, itemIndex);
    }
    if (!isRecord(returned)) {
      const shown = pf.util.inspect(returned);
      refuse(
        "Code doesn't return an object",
        `Please return an object representing the output item. (${shown} was returned instead.)`,
        itemIndex,
      );
    }
    const { json, binary } = toItem(returned, isWrapped(returned), itemIndex);
    return { json, ...(binary === undefined ? {} : { binary }), pairedItem: { item: itemIndex } };
  }

  /** Items of a Function node (before Code nodes): all wrapped, or none. */
  function functionItems(returned) {
    if (returned === undefined || returned === null) refuse("No data got returned. Always return an Array of items!");
    if (!pf.isObject(returned)) refuse("Always an Array of items has to be returned!");
    const items = pf.itemHelpers.normalizeItems(returned);
    for (const item of items) {
      if (!isRecord(item) || item.json === undefined) {
        refuse('All returned objects have to contain a property named "json"!');
      }
      if (!isRecord(item.json)) refuse("The json-property has to be an object!");
    }
    return items;
  }

  /** The item of a Function Item node: it returns the JSON. */
  function functionItem(returned, itemIndex, binary) {
    if (!isRecord(returned)) refuse("No data got returned. Always return an object!", undefined, itemIndex);
    return { json: returned, ...(binary === undefined ? {} : { binary }), pairedItem: { item: itemIndex } };
  }

  pf.codeOutput = Object.freeze({ allItems, oneItem, functionItems, functionItem });
})(globalThis.__pf);
