// Data transformation functions of arrays.
"use strict";

((pf) => {
  const { register, isEmpty, nothing, fail } = pf.extensions;
  const { isEqual } = pf.lodash;

  const contains = (list, value) => list.some((other) => isEqual(other, value));

  function unique(list) {
    const kept = [];
    const primitives = new Set();
    for (const value of list) {
      if (pf.isObject(value)) {
        if (!contains(kept, value)) kept.push(value);
      } else if (!primitives.has(value)) {
        primitives.add(value);
        kept.push(value);
      }
    }
    return kept;
  }

  /** Without keys every field counts; a key may be a comma-separated list of keys. */
  function uniqueBy(list, ...keys) {
    const fields = keys.flatMap((key) => String(key).split(",")).map((key) => key.trim());
    if (fields.length === 0) return unique(list);
    const seen = [];
    return list.filter((value) => {
      const mark = pf.isObject(value) ? fields.map((field) => value[field]) : value;
      if (contains(seen, mark)) return false;
      seen.push(mark);
      return true;
    });
  }

  function expectArray(value, name) {
    if (!Array.isArray(value)) fail(`${name}(): expected array arg, e.g. .${name}([1, 2, 3, 4])`);
    return value;
  }

  function numbers(list, name) {
    if (list.some((value) => typeof value !== "number")) fail(`${name}(): all array elements must be numbers`);
    return list;
  }

  const sum = (list) => numbers(list, "sum").reduce((total, value) => total + value, 0);

  function average(list) {
    if (list.length === 0) return 0;
    return numbers(list, "average").reduce((total, value) => total + value, 0) / list.length;
  }

  function chunk(list, length) {
    if (typeof length !== "number" || length < 1) fail("chunk(): expected non-zero numeric arg, e.g. .chunk(5)");
    const chunks = [];
    for (let start = 0; start < list.length; start += length) chunks.push(list.slice(start, start + length));
    return chunks;
  }

  function compact(list) {
    return list.filter((value) => !isEmpty(value) && value !== "nil").map((value) => pf.compactDeep(value));
  }

  /** Values of some fields of each object, in the object's order; one value stands alone, several make a list. */
  function pluck(list, ...fields) {
    if (fields.length === 0) return list;
    const records = list.filter((value) => pf.isObject(value) && !Array.isArray(value));
    const picked = records.map((record) =>
      Object.keys(record)
        .filter((key) => fields.includes(key))
        .map((key) => record[key]),
    );
    return picked.filter((values) => values.length > 0).map((values) => (values.length === 1 ? values[0] : values));
  }

  function renameKeys(list, ...pairs) {
    if (pairs.length === 0 || pairs.length % 2 !== 0) {
      fail(
        'renameKeys(): expected an even amount of args: from1, to1 [, from2, to2, ...]. e.g. .renameKeys("name", "title")',
      );
    }
    return list.map((value) => {
      if (!pf.isPlain(value)) return value;
      const renamed = { ...value };
      for (let index = 0; index < pairs.length; index += 2) {
        const [from, to] = [pairs[index], pairs[index + 1]];
        if (!pf.own(renamed, from) || from === to) continue;
        renamed[to] = renamed[from];
        delete renamed[from];
      }
      return renamed;
    });
  }

  /** One object of the pairs of objects at equal places; without another list, of all objects of this one. Within a
      pair, and without another list, the first value stays. */
  function merge(list, other) {
    if (other === undefined) return pf.lodash.defaults({}, ...list.filter((value) => pf.isPlain(value)));
    if (!Array.isArray(other)) fail("merge(): expected array arg, e.g. .merge([{ id: 1, otherValue: 3 }])");
    const pairs = list.map((first, index) => [first, other[index]]);
    const objects = pairs.filter((pair) => pair.every(pf.isObject)).map(([first, second]) => ({ ...second, ...first }));
    return Object.assign({}, ...objects);
  }

  function smartJoin(list, keyField, valueField) {
    if (typeof keyField !== "string" || typeof valueField !== "string") {
      fail('smartJoin(): expected two string args, e.g. .smartJoin("name", "value")');
    }
    const records = list.filter((value) => pf.isPlain(value));
    return Object.fromEntries(records.map((record) => [record[keyField], record[valueField]]));
  }

  register("Array", {
    append: (list, ...values) => [...list, ...values],
    average,
    chunk,
    compact,
    difference: (list, other) => unique(list.filter((value) => !contains(expectArray(other, "difference"), value))),
    first: (list) => list[0],
    intersection: (list, other) => unique(list.filter((value) => contains(expectArray(other, "intersection"), value))),
    isEmpty,
    isNotEmpty: (list) => !isEmpty(list),
    last: (list) => list.at(-1),
    max: (list) => Math.max(...numbers(list, "max")),
    merge,
    min: (list) => Math.min(...numbers(list, "min")),
    pluck,
    randomItem: (list) => list[Math.floor(Math.random() * list.length)],
    removeDuplicates: uniqueBy,
    renameKeys,
    smartJoin,
    sum,
    toBoolean: nothing,
    toDateTime: nothing,
    toFloat: nothing,
    toInt: nothing,
    toJsonString: (list) => JSON.stringify(list),
    union: (list, other) => unique(list.concat(expectArray(other, "union"))),
    unique: uniqueBy,
  });
})(globalThis.__pf);
