// Data as one expression sees it when it may change it (`$json.list.sort()`): what it writes, only it reads.
"use strict";

((pf) => {
  /** A view of `source` that copies each object when it is first reached. */
  function copyOnWrite(source) {
    const views = new WeakMap();

    function view(value) {
      if (!Array.isArray(value) && !pf.isPlain(value)) return value;
      if (!views.has(value)) views.set(value, reach(value));
      return views.get(value);
    }

    function reach(value) {
      const copy = Array.isArray(value) ? value.slice() : { ...value };
      const pending = new Set(Object.keys(copy).filter((key) => pf.isObject(copy[key])));
      const settle = (key) => {
        if (pending.delete(key)) copy[key] = view(copy[key]);
      };
      const proxy = new Proxy(copy, {
        get(target, key) {
          settle(key);
          return target[key];
        },
        getOwnPropertyDescriptor(target, key) {
          settle(key);
          return Reflect.getOwnPropertyDescriptor(target, key);
        },
        set(target, key, written) {
          pending.delete(key);
          return Reflect.set(target, key, written);
        },
        deleteProperty(target, key) {
          pending.delete(key);
          return Reflect.deleteProperty(target, key);
        },
      });
      views.set(proxy, proxy);
      return proxy;
    }

    return view(source);
  }

  pf.copyOnWrite = copyOnWrite;
})(globalThis.__pf);
