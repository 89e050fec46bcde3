// What Node.js puts beside the language and Code nodes use: text codecs, base64, FormData, URL.
"use strict";

((pf) => {
  const { bytes, Buffer } = pf;

  class TextEncoder {
    get encoding() {
      return "utf-8";
    }

    encode(text = "") {
      return bytes.fromUtf8(String(text));
    }
  }

  class TextDecoder {
    #codec;

    constructor(label = "utf-8") {
      this.#codec = bytes.codec(label === "iso-8859-1" || label === "windows-1252" ? "latin1" : label);
    }

    decode(input = new Uint8Array()) {
      const view = ArrayBuffer.isView(input)
        ? new Uint8Array(input.buffer, input.byteOffset, input.byteLength)
        : new Uint8Array(input);
      return this.#codec.decode(view).replace(/^\uFEFF/, "");
    }
  }

  const withoutStreams = (name) =>
    ({
      [name]: class {
        constructor() {
          throw new Error(`${name} needs streams, which are not available here`);
        }
      },
    })[name];

  function btoa(text) {
    const plain = String(text);
    if (/[^\0-\xff]/.test(plain)) throw new RangeError("btoa() takes characters up to U+00FF only");
    return bytes.toBase64(bytes.fromLatin1(plain));
  }

  const atob = (text) => bytes.toLatin1(bytes.fromBase64(String(text)));

  /** An ordered list of name and value pairs, as FormData and URLSearchParams are. */
  class Pairs {
    #pairs = [];
    #changed = () => {};

    constructor(pairs = [], changed = undefined) {
      for (const [name, value] of pairs) this.#pairs.push([String(name), this._value(value)]);
      if (changed) this.#changed = changed;
    }

    _value(value) {
      return value;
    }

    append(name, value) {
      this.#pairs.push([String(name), this._value(value)]);
      this.#changed(this);
    }

    delete(name) {
      this.#pairs = this.#pairs.filter(([other]) => other !== name);
      this.#changed(this);
    }

    get(name) {
      return this.#pairs.find(([other]) => other === name)?.[1] ?? null;
    }

    getAll(name) {
      return this.#pairs.filter(([other]) => other === name).map(([, value]) => value);
    }

    has(name) {
      return this.#pairs.some(([other]) => other === name);
    }

    set(name, value) {
      const place = this.#pairs.findIndex(([other]) => other === name);
      if (place < 0) return this.append(name, value);
      this.#pairs = this.#pairs.filter(([other], index) => other !== name || index === place);
      this.#pairs[place] = [String(name), this._value(value)];
      return this.#changed(this);
    }

    sort() {
      this.#pairs.sort(([first], [second]) => (first < second ? -1 : Number(first > second)));
      this.#changed(this);
    }

    forEach(visit, self = undefined) {
      for (const [name, value] of this) visit.call(self, value, name, this);
    }

    keys() {
      return this.#pairs.map(([name]) => name).values();
    }

    values() {
      return this.#pairs.map(([, value]) => value).values();
    }

    entries() {
      return this.#pairs.map((pair) => [...pair]).values();
    }

    [Symbol.iterator]() {
      return this.entries();
    }

    get size() {
      return this.#pairs.length;
    }
  }

  class FormData extends Pairs {}

  const unescapeQuery = (text) => bytes.toUtf8(percentDecoded(text.replaceAll("+", " ")));

  function percentDecoded(text) {
    const parts = text.split(/(%[0-9a-f]{2})/i);
    return Buffer.concat(parts.map((part, i) => (i % 2 ? bytes.fromHex(part.slice(1)) : bytes.fromUtf8(part))));
  }

  function queryPairs(text) {
    const parts = text.replace(/^\?/, "").split("&").filter(Boolean);
    return parts.map((part) => {
      const [name, ...value] = part.split("=");
      return [unescapeQuery(name), unescapeQuery(value.join("="))];
    });
  }

  class URLSearchParams extends Pairs {
    constructor(source = "", changed = undefined) {
      if (typeof source === "string") super(queryPairs(source), changed);
      else super(typeof source[Symbol.iterator] === "function" ? source : Object.entries(source), changed);
    }

    _value(value) {
      return String(value);
    }

    toString() {
      return [...this].map(([name, value]) => `${pf.urlPart(name)}=${pf.urlPart(value)}`).join("&");
    }
  }

  pf.webGlobals = Object.freeze({
    FormData,
    TextDecoder,
    TextDecoderStream: withoutStreams("TextDecoderStream"),
    TextEncoder,
    TextEncoderStream: withoutStreams("TextEncoderStream"),
    URLSearchParams,
    atob,
    btoa,
  });
})(globalThis.__pf);
