// Bytes and text: UTF-8, base64, hexadecimal, latin1. Everything works on Uint8Array.
"use strict";

((pf) => {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const sextets = new Map([...alphabet].map((char, index) => [char, index]));
  sextets.set("-", 62).set("_", 63);
  const sliceLength = 8192;

  function encodePoint(point, out) {
    if (point < 0x80) out.push(point);
    else if (point < 0x800) out.push(0xc0 | (point >> 6), 0x80 | (point & 63));
    else if (point < 0x10000) out.push(0xe0 | (point >> 12), 0x80 | ((point >> 6) & 63), 0x80 | (point & 63));
    else out.push(0xf0 | (point >> 18), 0x80 | ((point >> 12) & 63), 0x80 | ((point >> 6) & 63), 0x80 | (point & 63));
  }

  function fromUtf8(text) {
    const out = [];
    for (const char of text.toWellFormed()) encodePoint(char.codePointAt(0), out);
    return Uint8Array.from(out);
  }

  /** Length of the sequence a first byte opens, its own bits, and the smallest point it may stand for. */
  function opening(byte) {
    if (byte >= 0xc2 && byte < 0xe0) return [1, byte & 31, 0x80];
    if (byte >= 0xe0 && byte < 0xf0) return [2, byte & 15, 0x800];
    return byte >= 0xf0 && byte < 0xf5 ? [3, byte & 7, 0x10000] : null;
  }

  /** The point at `index` and how many bytes it takes; a bad sequence is one replacement character. */
  function decodePoint(bytes, index) {
    const byte = bytes[index];
    if (byte < 0x80) return [byte, 1];
    const open = opening(byte);
    if (!open) return [0xfffd, 1];
    let [, point] = open;
    for (let offset = 1; offset <= open[0]; offset++) {
      const next = bytes[index + offset];
      if (next === undefined || (next & 0xc0) !== 0x80) return [0xfffd, offset];
      point = (point << 6) | (next & 63);
    }
    const isValid = point >= open[2] && point <= 0x10ffff && (point < 0xd800 || point > 0xdfff);
    return isValid ? [point, open[0] + 1] : [0xfffd, 1];
  }

  function toUtf8(bytes) {
    let text = "";
    let points = [];
    for (let index = 0; index < bytes.length;) {
      const [point, length] = decodePoint(bytes, index);
      points.push(point);
      index += length;
      if (points.length === sliceLength) {
        text += String.fromCodePoint(...points);
        points = [];
      }
    }
    return text + String.fromCodePoint(...points);
  }

  function toBase64(bytes) {
    let text = "";
    for (let index = 0; index < bytes.length; index += 3) {
      const [a, b = 0, c = 0] = bytes.subarray(index, index + 3);
      const quad = [a >> 2, ((a & 3) << 4) | (b >> 4), ((b & 15) << 2) | (c >> 6), c & 63];
      const used = Math.min(3, bytes.length - index) + 1;
      for (let place = 0; place < 4; place++) text += place < used ? alphabet[quad[place]] : "=";
    }
    return text;
  }

  /** Also reads the URL-safe alphabet; skips anything else, stops at `=`. */
  function fromBase64(text) {
    const out = [];
    let bits = 0;
    let held = 0;
    for (const char of text) {
      if (char === "=") break;
      const sextet = sextets.get(char);
      if (sextet === undefined) continue;
      held = ((held << 6) | sextet) & 0xffff;
      bits += 6;
      if (bits >= 8) {
        bits -= 8;
        out.push((held >> bits) & 255);
      }
    }
    return Uint8Array.from(out);
  }

  const toBase64Url = (bytes) => toBase64(bytes).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
  const toHex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

  /** Stops at the first pair that is not hexadecimal, as Node.js does. */
  function fromHex(text) {
    const out = [];
    for (let index = 0; index + 1 < text.length; index += 2) {
      const pair = text.slice(index, index + 2);
      if (!/^[0-9a-f]{2}$/i.test(pair)) break;
      out.push(Number.parseInt(pair, 16));
    }
    return Uint8Array.from(out);
  }

  const toLatin1 = (bytes) => Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  const fromLatin1 = (text) => Uint8Array.from(text, (char) => char.charCodeAt(0) & 255);

  function toUtf16(bytes) {
    const units = Array.from(
      { length: bytes.length >> 1 },
      (_, index) => bytes[2 * index] | (bytes[2 * index + 1] << 8),
    );
    return units.map((unit) => String.fromCharCode(unit)).join("");
  }

  function fromUtf16(text) {
    return Uint8Array.from(
      { length: text.length * 2 },
      (_, index) => (text.charCodeAt(index >> 1) >> (8 * (index & 1))) & 255,
    );
  }

  const utf8 = { encode: fromUtf8, decode: toUtf8 };
  const latin1 = { encode: fromLatin1, decode: toLatin1 };
  const utf16 = { encode: fromUtf16, decode: toUtf16 };
  const codecs = {
    utf8,
    "utf-8": utf8,
    base64: { encode: fromBase64, decode: toBase64 },
    base64url: { encode: fromBase64, decode: toBase64Url },
    hex: { encode: fromHex, decode: toHex },
    latin1,
    binary: latin1,
    ascii: latin1,
    ucs2: utf16,
    utf16le: utf16,
    "utf-16le": utf16,
  };

  /** `{encode(text) -> bytes, decode(bytes) -> text}` of a Node.js encoding name. */
  function codec(name = "utf8") {
    const key = String(name).toLowerCase();
    if (!pf.own(codecs, key)) throw new TypeError(`Unknown encoding: ${name}`);
    return codecs[key];
  }

  pf.bytes = Object.freeze({
    fromUtf8,
    toUtf8,
    toBase64,
    toBase64Url,
    fromBase64,
    toHex,
    fromHex,
    fromLatin1,
    toLatin1,
    codec,
  });
})(globalThis.__pf);
