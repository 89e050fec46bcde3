// MD5 (RFC 1321), SHA-1 (FIPS 180-4), RIPEMD-160, and the Keccak sponge of SHA-3 (FIPS 202).
"use strict";

((pf) => {
  const { padded } = pf;
  const turn = (word, bits) => (word << bits) | (word >>> (32 - bits));

  function wordsOut(state, isLittleEndian) {
    const view = new DataView(new ArrayBuffer(4 * state.length));
    state.forEach((word, i) => view.setInt32(4 * i, word, isLittleEndian));
    return new Uint8Array(view.buffer);
  }

  const md5Sines = Array.from({ length: 64 }, (_, i) => Math.floor(Math.abs(Math.sin(i + 1)) * 2 ** 32) | 0);
  const md5Turns = [
    [7, 12, 17, 22],
    [5, 9, 14, 20],
    [4, 11, 16, 23],
    [6, 10, 15, 21],
  ];
  const md5Mix = [
    (b, c, d, i) => [(b & c) | (~b & d), i],
    (b, c, d, i) => [(d & b) | (~d & c), (5 * i + 1) % 16],
    (b, c, d, i) => [b ^ c ^ d, (3 * i + 5) % 16],
    (b, c, d, i) => [c ^ (b | ~d), (7 * i) % 16],
  ];

  function md5Block(state, view, offset) {
    let [a, b, c, d] = state;
    for (let i = 0; i < 64; i++) {
      const [mixed, place] = md5Mix[i >> 4](b, c, d, i);
      const sum = (a + mixed + md5Sines[i] + view.getInt32(offset + 4 * place, true)) | 0;
      [a, d, c, b] = [d, c, b, (b + turn(sum, md5Turns[i >> 4][i & 3])) | 0];
    }
    return [a, b, c, d].map((word, i) => (word + state[i]) | 0);
  }

  function md5(bytes) {
    const view = padded(bytes, 64, 8, true);
    let state = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476];
    for (let at = 0; at < view.byteLength; at += 64) state = md5Block(state, view, at);
    return wordsOut(state, true);
  }

  const sha1Mix = [
    (b, c, d) => ((b & c) | (~b & d)) + 0x5a827999,
    (b, c, d) => (b ^ c ^ d) + 0x6ed9eba1,
    (b, c, d) => ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc,
    (b, c, d) => (b ^ c ^ d) + 0xca62c1d6,
  ];

  function sha1Block(state, view, offset) {
    const words = Array.from({ length: 16 }, (_, i) => view.getInt32(offset + 4 * i));
    for (let i = 16; i < 80; i++) words.push(turn(words[i - 3] ^ words[i - 8] ^ words[i - 14] ^ words[i - 16], 1));
    let [a, b, c, d, e] = state;
    for (let i = 0; i < 80; i++) {
      const next = (turn(a, 5) + sha1Mix[Math.floor(i / 20)](b, c, d) + e + words[i]) | 0;
      [e, d, c, b, a] = [d, c, turn(b, 30), a, next];
    }
    return [a, b, c, d, e].map((word, i) => (word + state[i]) | 0);
  }

  const start160 = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0];

  function sha1(bytes) {
    const view = padded(bytes, 64, 8);
    let state = start160;
    for (let at = 0; at < view.byteLength; at += 64) state = sha1Block(state, view, at);
    return wordsOut(state, false);
  }

  const digits = (text) => text.split(" ").flatMap((row) => [...row].map((digit) => Number.parseInt(digit, 16)));
  // Which message word and which rotation each of the 80 steps takes, left line and right line.
  const leftWords = digits("0123456789abcdef 74d1a6f3c0952eb8 3ae49f812706db5c 19ba08c4d37fe562 40597c2ae138b6fd");
  const rightWords = digits("5e7092b4d6f81a3c 6b370d5aef8c4912 f5137e69b8c2a04d 86413bf05c2d97ae cfa4158762de039b");
  const leftTurns = digits("befc5879bdef6798 768db97f7cf9b7dc bd67e9dfe8d65c75 bcefef989e56865c 9f5b68dc5cdeb856");
  const rightTurns = digits("899bdff5778beec6 9df7c89b77c76fdb 97fb866ecd5edd75 f58bee6e69c9c5f8 85c9c5e68d65fdbb");
  const mixers = [
    (x, y, z) => x ^ y ^ z,
    (x, y, z) => (x & y) | (~x & z),
    (x, y, z) => (x | ~y) ^ z,
    (x, y, z) => (x & z) | (y & ~z),
    (x, y, z) => x ^ (y | ~z),
  ];
  const leftConstants = [0, 0x5a827999, 0x6ed9eba1, 0x8f1bbcdc, 0xa953fd4e];
  const rightConstants = [0x50a28be6, 0x5c4dd124, 0x6d703ef3, 0x7a6d76e9, 0];

  function ripemdLine(state, words, line) {
    let [a, b, c, d, e] = state;
    for (let i = 0; i < 80; i++) {
      const round = i >> 4;
      const mixed = mixers[line.isRight ? 4 - round : round](b, c, d);
      const sum = (a + mixed + words[line.words[i]] + line.constants[round]) | 0;
      [a, e, d, c, b] = [e, d, turn(c, 10), b, (turn(sum, line.turns[i]) + e) | 0];
    }
    return [a, b, c, d, e];
  }

  function ripemd160(bytes) {
    const view = padded(bytes, 64, 8, true);
    let state = start160;
    for (let at = 0; at < view.byteLength; at += 64) {
      const words = Array.from({ length: 16 }, (_, i) => view.getInt32(at + 4 * i, true));
      const left = ripemdLine(state, words, { words: leftWords, turns: leftTurns, constants: leftConstants });
      const right = ripemdLine(state, words, {
        words: rightWords,
        turns: rightTurns,
        constants: rightConstants,
        isRight: true,
      });
      state = [1, 2, 3, 4, 0].map((from, i) => (state[from] + left[(i + 2) % 5] + right[(i + 3) % 5]) | 0);
    }
    return wordsOut(state, true);
  }

  pf.oldHashes = Object.freeze({ md5, sha1, ripemd160 });
})(globalThis.__pf);
