(() => {
  const lent = new Set([globalThis, globalThis.__host, globalThis.__driver, globalThis.pumpflix]);
  const syntax = [
    function* () {}, async () => {}, async function* () {}, [].values(), new Map().entries(), new Set().entries(),
    "".matchAll(/a/g), ""[Symbol.iterator](), [].values().map((x) => x), Iterator.from({ next() {} }),
    new Intl.Segmenter().segment(""), new Intl.Segmenter().segment("")[Symbol.iterator](),
  ];
  const open = [globalThis, ...syntax];
  const seen = new Set();
  while (open.length) {
    const value = open.pop();
    if (value === null || !["object", "function"].includes(typeof value) || seen.has(value)) continue;
    seen.add(value);
    open.push(Object.getPrototypeOf(value));
    for (const key of Reflect.ownKeys(value)) {
      const { value: held, get, set } = Object.getOwnPropertyDescriptor(value, key);
      open.push(held, get, set);
    }
  }
  for (const value of seen) if (!lent.has(value)) Object.freeze(value);
})();
