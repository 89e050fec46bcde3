// SHA-3 (FIPS 202): the Keccak sponge on 25 lanes of 64 bits.
"use strict";

((pf) => {
  const clip = (value) => BigInt.asUintN(64, value);
  const turn = (lane, bits) => clip(lane << bits) | (lane >> (64n - bits));

  /** Round constants and rotation offsets, from the recurrences of the standard. */
  function roundConstants() {
    let register = 1;
    return Array.from({ length: 24 }, () => {
      let constant = 0n;
      for (let j = 0; j < 7; j++) {
        if (register & 1) constant |= 1n << BigInt(2 ** j - 1);
        register = (register << 1) ^ (register & 0x80 ? 0x171 : 0);
      }
      return constant;
    });
  }

  function rotations() {
    const offsets = new Array(25).fill(0n);
    let [x, y] = [1, 0];
    for (let t = 0; t < 24; t++) {
      offsets[x + 5 * y] = BigInt((((t + 1) * (t + 2)) / 2) % 64);
      [x, y] = [y, (2 * x + 3 * y) % 5];
    }
    return offsets;
  }

  const constants = roundConstants();
  const offsets = rotations();

  function permute(lanes) {
    let state = lanes;
    for (const constant of constants) {
      const columns = [0, 1, 2, 3, 4].map(
        (x) => state[x] ^ state[x + 5] ^ state[x + 10] ^ state[x + 15] ^ state[x + 20],
      );
      const parity = columns.map((_, x) => columns[(x + 4) % 5] ^ turn(columns[(x + 1) % 5], 1n));
      const moved = new Array(25);
      for (let i = 0; i < 25; i++) {
        const [x, y] = [i % 5, Math.floor(i / 5)];
        moved[y + 5 * ((2 * x + 3 * y) % 5)] = turn(state[i] ^ parity[x], offsets[i]);
      }
      state = moved.map((lane, i) => {
        const row = i - (i % 5);
        return lane ^ (clip(~moved[row + ((i + 1) % 5)]) & moved[row + ((i + 2) % 5)]);
      });
      state[0] ^= constant;
    }
    return state;
  }

  /** A sponge with `length` bytes of output. */
  function sponge(length) {
    const rate = 200 - 2 * length;
    return (bytes) => {
      const block = new Uint8Array(Math.ceil((bytes.length + 1) / rate) * rate);
      block.set(bytes);
      block[bytes.length] |= 6;
      block[block.length - 1] |= 0x80;
      const view = new DataView(block.buffer);
      let state = new Array(25).fill(0n);
      for (let at = 0; at < block.length; at += rate) {
        state = permute(state.map((lane, i) => (8 * i < rate ? lane ^ view.getBigUint64(at + 8 * i, true) : lane)));
      }
      const out = new DataView(new ArrayBuffer(200));
      state.forEach((lane, i) => out.setBigUint64(8 * i, lane, true));
      return new Uint8Array(out.buffer, 0, length);
    };
  }

  pf.sha3 = Object.freeze({ "sha3-256": sponge(32), "sha3-384": sponge(48), "sha3-512": sponge(64) });
})(globalThis.__pf);
