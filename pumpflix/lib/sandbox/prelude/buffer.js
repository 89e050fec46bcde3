// Node.js's Buffer, as far as workflow code uses it: a Uint8Array that reads and writes text and numbers.
"use strict";

((pf) => {
  const { bytes } = pf;
  const { min, max } = Math;

  class Buffer extends Uint8Array {
    static from(source, encoding = undefined, length = undefined) {
      if (typeof source === "string") return Buffer.#of(bytes.codec(encoding).encode(source));
      if (source instanceof ArrayBuffer) return new Buffer(source, encoding, length);
      if (source?.type === "Buffer" && Array.isArray(source.data)) return Buffer.#of(source.data);
      if (!pf.isObject(source)) {
        throw new TypeError("The first argument must be a string, a Buffer, an ArrayBuffer or an array of bytes");
      }
      return Buffer.#of(Array.from(source));
    }

    static #of(list) {
      const buffer = new Buffer(list.length);
      buffer.set(list);
      return buffer;
    }

    static alloc(length, fill = 0, encoding = undefined) {
      return new Buffer(length).fill(fill, undefined, undefined, encoding);
    }

    // Zeroed all the same: memory never shows what it held before.
    static allocUnsafe(length) {
      return new Buffer(length);
    }

    static concat(list, totalLength = undefined) {
      const all = Buffer.#of(pf.hashing.joined(...list));
      return totalLength === undefined ? all : all.subarray(0, totalLength);
    }

    static isBuffer(value) {
      return value instanceof Buffer;
    }

    static isEncoding(name) {
      try {
        return Boolean(bytes.codec(name));
      } catch {
        return false;
      }
    }

    static byteLength(value, encoding = undefined) {
      return typeof value === "string" ? bytes.codec(encoding).encode(value).length : value.byteLength;
    }

    static compare(first, second) {
      for (let index = 0; index < min(first.length, second.length); index++) {
        if (first[index] !== second[index]) return first[index] < second[index] ? -1 : 1;
      }
      return Math.sign(first.length - second.length);
    }

    toString(encoding = undefined, start = 0, end = this.length) {
      return bytes.codec(encoding).decode(this.subarray(max(start, 0), min(end, this.length)));
    }

    toJSON() {
      return { type: "Buffer", data: Array.from(this) };
    }

    equals(other) {
      return Buffer.compare(this, other) === 0;
    }

    compare(other) {
      return Buffer.compare(this, other);
    }

    slice(start, end) {
      return this.subarray(start, end);
    }

    copy(target, targetStart = 0, start = 0, end = this.length) {
      const part = this.subarray(start, min(end, start + target.length - targetStart));
      target.set(part, targetStart);
      return part.length;
    }

    write(text, offset = 0, length = this.length - offset, encoding = undefined) {
      const [room, name] = typeof length === "string" ? [this.length - offset, length] : [length, encoding];
      const part = bytes.codec(name).encode(text).subarray(0, room);
      this.set(part, offset);
      return part.length;
    }

    fill(value, start = 0, end = this.length, encoding = undefined) {
      if (typeof value !== "string") return super.fill(value, start, end);
      const pattern = bytes.codec(encoding).encode(value);
      for (let index = start; index < end; index++)
        this[index] = pattern.length ? pattern[(index - start) % pattern.length] : 0;
      return this;
    }

    indexOf(value, offset = 0, encoding = undefined) {
      if (typeof value === "number") return super.indexOf(value, offset);
      const part = typeof value === "string" ? bytes.codec(encoding).encode(value) : value;
      for (let index = offset; index + part.length <= this.length; index++) {
        if (part.every((byte, place) => byte === this[index + place])) return index;
      }
      return -1;
    }

    includes(value, offset = 0, encoding = undefined) {
      return this.indexOf(value, offset, encoding) >= 0;
    }
  }

  // readUInt16LE and its kin: [name in Node.js, method of DataView, bytes]
  const numbers = [
    ["UInt8", "Uint8", 1],
    ["Int8", "Int8", 1],
    ["UInt16", "Uint16", 2],
    ["Int16", "Int16", 2],
    ["UInt32", "Uint32", 4],
    ["Int32", "Int32", 4],
    ["Float", "Float32", 4],
    ["Double", "Float64", 8],
    ["BigUInt64", "BigUint64", 8],
    ["BigInt64", "BigInt64", 8],
  ];

  const viewOf = (buffer) => new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength);

  for (const [name, method, width] of numbers) {
    for (const order of width === 1 ? [""] : ["LE", "BE"]) {
      const read = function (offset = 0) {
        return viewOf(this)[`get${method}`](offset, order === "LE");
      };
      const write = function (value, offset = 0) {
        viewOf(this)[`set${method}`](offset, value, order === "LE");
        return offset + width;
      };
      for (const spelling of new Set([name, name.replace("UInt", "Uint")])) {
        pf.hide(Buffer.prototype, `read${spelling}${order}`, read);
        pf.hide(Buffer.prototype, `write${spelling}${order}`, write);
      }
    }
  }

  pf.Buffer = Buffer;
})(globalThis.__pf);
