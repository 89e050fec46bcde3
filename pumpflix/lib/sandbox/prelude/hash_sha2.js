// SHA-224/256 on 32-bit words and SHA-384/512 on 64-bit words (FIPS 180-4).
"use strict";

((pf) => {
  /** The first `count` primes; their roots' fractional bits are SHA-2's constants. */
  function primes(count) {
    const found = [];
    for (let candidate = 2; found.length < count; candidate++) {
      if (found.every((prime) => candidate % prime !== 0)) found.push(candidate);
    }
    return found;
  }

  /** The first 64 bits after the point of the `degree`-th root of `value`. */
  function fractionalBits(value, degree) {
    const power = BigInt(degree);
    const target = BigInt(value) << (64n * power);
    let low = 0n;
    let high = 1n << 72n;
    while (high - low > 1n) {
      const middle = (low + high) >> 1n;
      if (middle ** power <= target) low = middle;
      else high = middle;
    }
    return BigInt.asUintN(64, low);
  }

  const high = (bits) => Number(bits >> 32n) | 0;

  /** Made when the first hash is wanted: they take as long as loading the rest of the prelude's hashes. */
  const constants = pf.lodash.once(() => {
    const rounds512 = primes(80).map((prime) => fractionalBits(prime, 3));
    const starts = primes(16).map((prime) => fractionalBits(prime, 2));
    return {
      rounds512,
      rounds256: rounds512.slice(0, 64).map(high),
      sha512: starts.slice(0, 8),
      sha384: starts.slice(8),
      sha256: starts.slice(0, 8).map(high),
      sha224: starts.slice(8).map((bits) => Number(bits & 0xffffffffn) | 0),
    };
  });

  /** The message with its closing bit, zeros and length, whole blocks long. */
  function padded(bytes, blockLength, lengthBytes, isLittleEndian = false) {
    const total = Math.ceil((bytes.length + 1 + lengthBytes) / blockLength) * blockLength;
    const block = new Uint8Array(total);
    block.set(bytes);
    block[bytes.length] = 0x80;
    const view = new DataView(block.buffer);
    view.setBigUint64(isLittleEndian ? total - lengthBytes : total - 8, BigInt(bytes.length) * 8n, isLittleEndian);
    return view;
  }

  const turn = (word, bits) => (word >>> bits) | (word << (32 - bits));

  function schedule256(view, offset) {
    const words = new Int32Array(64);
    for (let i = 0; i < 16; i++) words[i] = view.getInt32(offset + 4 * i);
    for (let i = 16; i < 64; i++) {
      const [x, y] = [words[i - 15], words[i - 2]];
      const small = turn(x, 7) ^ turn(x, 18) ^ (x >>> 3);
      words[i] = words[i - 16] + small + words[i - 7] + (turn(y, 17) ^ turn(y, 19) ^ (y >>> 10));
    }
    return words;
  }

  function compress256(state, words) {
    const { rounds256 } = constants();
    let [a, b, c, d, e, f, g, h] = state;
    for (let i = 0; i < 64; i++) {
      const choice = (e & f) ^ (~e & g);
      const first = (h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + choice + rounds256[i] + words[i]) | 0;
      const second = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      [h, g, f, e, d, c, b, a] = [g, f, e, (d + first) | 0, c, b, a, (first + second) | 0];
    }
    return [a, b, c, d, e, f, g, h].map((word, i) => (word + state[i]) | 0);
  }

  function sha256With(name, length) {
    return (bytes) => {
      const view = padded(bytes, 64, 8);
      let state = constants()[name];
      for (let at = 0; at < view.byteLength; at += 64) state = compress256(state, schedule256(view, at));
      const out = new DataView(new ArrayBuffer(32));
      state.forEach((word, i) => out.setInt32(4 * i, word));
      return new Uint8Array(out.buffer, 0, length);
    };
  }

  const clip = (value) => BigInt.asUintN(64, value);
  const turn64 = (word, bits) => (word >> bits) | clip(word << (64n - bits));

  function schedule512(view, offset) {
    const words = Array.from({ length: 16 }, (_, i) => view.getBigUint64(offset + 8 * i));
    for (let i = 16; i < 80; i++) {
      const [x, y] = [words[i - 15], words[i - 2]];
      const small = turn64(x, 1n) ^ turn64(x, 8n) ^ (x >> 7n);
      words.push(clip(words[i - 16] + small + words[i - 7] + (turn64(y, 19n) ^ turn64(y, 61n) ^ (y >> 6n))));
    }
    return words;
  }

  function compress512(state, words) {
    const { rounds512 } = constants();
    let [a, b, c, d, e, f, g, h] = state;
    for (let i = 0; i < 80; i++) {
      const choice = (e & f) ^ (clip(~e) & g);
      const first = clip(h + (turn64(e, 14n) ^ turn64(e, 18n) ^ turn64(e, 41n)) + choice + rounds512[i] + words[i]);
      const second = (turn64(a, 28n) ^ turn64(a, 34n) ^ turn64(a, 39n)) + ((a & b) ^ (a & c) ^ (b & c));
      [h, g, f, e, d, c, b, a] = [g, f, e, clip(d + first), c, b, a, clip(first + second)];
    }
    return [a, b, c, d, e, f, g, h].map((word, i) => clip(word + state[i]));
  }

  function sha512With(name, length) {
    return (bytes) => {
      const view = padded(bytes, 128, 16);
      let state = constants()[name];
      for (let at = 0; at < view.byteLength; at += 128) state = compress512(state, schedule512(view, at));
      const out = new DataView(new ArrayBuffer(64));
      state.forEach((word, i) => out.setBigUint64(8 * i, word));
      return new Uint8Array(out.buffer, 0, length);
    };
  }

  pf.padded = padded;
  pf.sha2 = Object.freeze({
    sha224: sha256With("sha224", 28),
    sha256: sha256With("sha256", 32),
    sha384: sha512With("sha384", 48),
    sha512: sha512With("sha512", 64),
  });
})(globalThis.__pf);
