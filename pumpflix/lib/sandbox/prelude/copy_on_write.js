// Data as one expression sees it when it may change it (`$json.list.sort()`): what it writes, only it reads.
"use strict";

((pf) => {
  /** A function that gives views of data: each object is copied when it is first reached through one. */
  function copyOnWrite() {
    const views = new WeakMap();
    // What needs no view: views, and what the expression itself put in.
    const settled = new WeakSet();

    function view(value) {
      if (!(Array.isArray(value) || pf.isPlain(value)) || settled.has(value)) return value;
      if (!views.has(value)) views.set(value, reach(value));
      return views.get(value);
    }

    function settle(copy, key) {
      const member = copy[key];
      if (pf.isObject(member) && pf.own(copy, key)) copy[key] = view(member);
      return copy[key];
    }

    function reach(value) {
      const copy = Array.isArray(value) ? value.slice() : { ...value };
      const proxy = new Proxy(copy, {
        get: settle,
        getOwnPropertyDescriptor(target, key) {
          settle(target, key);
          return Reflect.getOwnPropertyDescriptor(target, key);
        },
        set(target, key, written) {
          if (pf.isObject(written)) settled.add(written);
          return Reflect.set(target, key, written);
        },
      });
      settled.add(proxy);
      return proxy;
    }

    return view;
  }

  pf.copyOnWrite = copyOnWrite;
})(globalThis.__pf);
