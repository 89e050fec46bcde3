// What `require` gives a Code node: the libraries of the prelude, and the parts of Node.js's modules that need no
// machine. There is no module that reaches files, processes or the network.
"use strict";

((pf) => {
  const { Buffer, hashing, bytes } = pf;

  const toBytes = (data, encoding) =>
    typeof data === "string" ? bytes.codec(encoding).encode(data) : new Uint8Array(data);
  const encoded = (digest, encoding) => (encoding ? bytes.codec(encoding).decode(digest) : Buffer.from(digest));

  /** `createHash` and `createHmac`: gathers what it is fed and digests it once. */
  class Digest {
    #finish;
    #parts = [];
    #isDone = false;

    constructor(finish) {
      this.#finish = finish;
    }

    update(data, encoding = undefined) {
      if (this.#isDone) throw new Error("Digest already called");
      this.#parts.push(toBytes(data, encoding));
      return this;
    }

    digest(encoding = undefined) {
      if (this.#isDone) throw new Error("Digest already called");
      this.#isDone = true;
      return encoded(this.#finish(hashing.joined(...this.#parts)), encoding);
    }

    copy() {
      const copy = new Digest(this.#finish);
      for (const part of this.#parts) copy.update(part);
      return copy;
    }
  }

  function createHash(name) {
    hashing.digest(name, new Uint8Array());
    return new Digest((data) => hashing.digest(name, data));
  }

  function createHmac(name, key) {
    const keyBytes = toBytes(key);
    hashing.digest(name, new Uint8Array());
    return new Digest((data) => hashing.hmac(name, keyBytes, data));
  }

  function randomUUID() {
    const random = hashing.randomBytes(16);
    random[6] = (random[6] & 0x0f) | 0x40;
    random[8] = (random[8] & 0x3f) | 0x80;
    return bytes.toHex(random).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  }

  const randomFraction = () => hashing.randomBytes(6).reduce((sum, byte) => sum * 256 + byte, 0) / 2 ** 48;

  function randomInt(first, second = undefined) {
    const [low, high] = second === undefined ? [0, first] : [first, second];
    return low + Math.floor(randomFraction() * (high - low));
  }

  function timingSafeEqual(first, second) {
    if (first.byteLength !== second.byteLength) throw new RangeError("Input buffers must have the same byte length");
    return first.reduce((difference, byte, index) => difference | (byte ^ second[index]), 0) === 0;
  }

  function getRandomValues(array) {
    array.set(hashing.randomBytes(array.length));
    return array;
  }

  const crypto = {
    createHash,
    createHmac,
    getHashes: () => [...hashing.names],
    getRandomValues,
    hash: (name, data, encoding = "hex") => encoded(hashing.digest(name, toBytes(data)), encoding),
    randomBytes: (length) => Buffer.from(hashing.randomBytes(length)),
    randomInt,
    randomUUID,
    timingSafeEqual,
    webcrypto: { getRandomValues, randomUUID },
  };

  const urlAlphabet = "useandom-26T198340PX75pxJACKVERYMINDBUSHWOLF_GQZbfghjklqvwyzrict".split("").sort().join("");

  function customAlphabet(alphabet, defaultLength = 21) {
    return (length = defaultLength) => Array.from({ length }, () => alphabet[randomInt(alphabet.length)]).join("");
  }

  const nanoid = { nanoid: customAlphabet(urlAlphabet), customAlphabet, urlAlphabet };
  const uuid = { v4: randomUUID, validate: (text) => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text) };

  function listeners() {
    class EventEmitter {
      #handlers = new Map();

      on(name, handler) {
        this.#handlers.set(name, [...(this.#handlers.get(name) ?? []), handler]);
        return this;
      }

      off(name, handler) {
        this.#handlers.set(
          name,
          (this.#handlers.get(name) ?? []).filter((other) => other !== handler),
        );
        return this;
      }

      once(name, handler) {
        const wrapped = (...args) => {
          this.off(name, wrapped);
          handler.apply(this, args);
        };
        return this.on(name, wrapped);
      }

      emit(name, ...args) {
        const handlers = this.#handlers.get(name) ?? [];
        for (const handler of handlers) handler.apply(this, args);
        return handlers.length > 0;
      }
    }
    return Object.assign(EventEmitter, { EventEmitter });
  }

  const os = {
    EOL: "\n",
    arch: () => "x64",
    platform: () => "linux",
    type: () => "Linux",
    hostname: () => "localhost",
    tmpdir: () => "/tmp",
  };

  const { URLSearchParams } = pf.webGlobals;

  /** As `querystring.parse`: a name that comes twice has a list of values. */
  function parseQuery(text) {
    const found = new Map();
    for (const [key, value] of new URLSearchParams(text ?? "")) {
      const before = found.get(key);
      found.set(key, before === undefined ? value : [].concat(before, value));
    }
    return Object.fromEntries(found);
  }

  const urlParts =
    /^(?<protocol>[a-z][a-z\d+.-]*:)?(?<slashes>\/\/(?:(?<auth>[^/?#@]*)@)?(?<host>(?<hostname>[^/?#:]*)(?::(?<port>\d+))?))?(?<pathname>[^?#]*)(?<search>\?[^#]*)?(?<hash>#.*)?$/i;

  /** As `url.parse`: plain parts, also of an address without a host; with `isParsed` the query as an object. */
  function parseUrl(text, isParsed = false) {
    const found = urlParts.exec(String(text))?.groups ?? {};
    const names = ["protocol", "auth", "host", "port", "hostname", "hash", "search"];
    const parts = Object.fromEntries(names.map((name) => [name, found[name] ?? null]));
    const isAbsolute = found.slashes !== undefined;
    const pathname = found.pathname || (isAbsolute ? "/" : null);
    const query = parts.search && parts.search.slice(1);
    const path = [pathname, parts.search].join("") || null;
    return {
      ...parts,
      slashes: isAbsolute || null,
      pathname,
      path,
      query: isParsed ? parseQuery(query) : query,
      href: text,
    };
  }

  const url = {
    URL: pf.URL,
    URLSearchParams,
    format: (value) => String(value),
    parse: parseUrl,
    resolve: (base, text) => new pf.URL(text, base).href,
  };

  const queryPair = (key, value) =>
    `${encodeURIComponent(key)}=${encodeURIComponent(pf.isObject(value) ? "" : (value ?? ""))}`;

  const querystring = {
    escape: encodeURIComponent,
    parse: parseQuery,
    stringify: (object) =>
      Object.entries(object ?? {})
        .flatMap(([key, value]) => (Array.isArray(value) ? value : [value]).map((one) => queryPair(key, one)))
        .join("&"),
    unescape: decodeURIComponent,
  };

  // What Node.js has and code here has not, for want of files, network and processes.
  const elsewhere = new Set(
    (
      "assert async_hooks child_process cluster console constants dgram diagnostics_channel dns dns/promises domain fs " +
      "fs/promises http http2 https inspector module net perf_hooks process punycode readline repl stream string_decoder " +
      "sys timers timers/promises tls trace_events tty v8 vm wasi worker_threads zlib"
    ).split(" "),
  );

  /** Code may name such a module, where it is allowed to; what it calls of it says why it cannot be. */
  function unusable(name) {
    return new Proxy(Object.freeze({}), {
      get(_, member) {
        // What is asked of any value that is shown or written down.
        if (typeof member === "symbol" || /^(then$|to[A-Z]|is[A-Z]|constructor$)/.test(member)) return undefined;
        return function refuse() {
          throw new Error(
            `${name}.${member} cannot be used in code: there are no files, connections or processes here.`,
          );
        };
      },
    });
  }

  const all = {
    buffer: { Buffer, atob: pf.webGlobals.atob, btoa: pf.webGlobals.btoa },
    crypto,
    events: listeners(),
    lodash: pf.lodash,
    luxon: pf.luxon,
    nanoid,
    os,
    path: pf.path,
    querystring,
    url,
    util: pf.util,
    uuid,
  };

  /** The `require` of a call that allows some modules; `*` allows all there are. */
  function makeRequire(allowed = []) {
    return function require(name) {
      const plain = String(name).replace(/^node:/, "");
      const isAllowed = allowed.includes(plain) || allowed.includes("*");
      if (isAllowed && pf.own(all, plain)) return all[plain];
      if (isAllowed && elsewhere.has(plain)) return unusable(plain);
      throw new Error(`Module '${plain}' is disallowed`);
    };
  }

  pf.Digest = Digest;
  pf.modules = all;
  pf.makeRequire = makeRequire;
  pf.webCrypto = crypto;
})(globalThis.__pf);
