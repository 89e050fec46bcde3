// Hashes, HMAC and random bytes under Node.js names.
"use strict";

((pf) => {
  const { fromUtf8 } = pf.bytes;
  const algorithms = { ...pf.oldHashes, ...pf.sha2, ...pf.sha3 };
  const blockLengths = { sha384: 128, sha512: 128, "sha3-256": 136, "sha3-384": 104, "sha3-512": 72 };

  function normalName(name) {
    const key = String(name)
      .toLowerCase()
      .replace(/^rsa-/, "")
      .replace(/^sha-(?=\d{3}$|1$)/, "sha")
      .replace("rmd160", "ripemd160");
    if (!pf.own(algorithms, key)) throw new Error("Digest method not supported");
    return key;
  }

  /** Digest of bytes; `name` as Node.js spells it. */
  const digest = (name, bytes) => algorithms[normalName(name)](bytes);

  function joined(...parts) {
    const all = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
    let at = 0;
    for (const part of parts) {
      all.set(part, at);
      at += part.length;
    }
    return all;
  }

  function hmac(name, key, bytes) {
    const blockLength = blockLengths[normalName(name)] ?? 64;
    const block = new Uint8Array(blockLength);
    block.set(key.length > blockLength ? digest(name, key) : key);
    const inner = digest(
      name,
      joined(
        block.map((byte) => byte ^ 0x36),
        bytes,
      ),
    );
    return digest(
      name,
      joined(
        block.map((byte) => byte ^ 0x5c),
        inner,
      ),
    );
  }

  let seed = null;
  let counter = 0;

  /** The parent sends fresh entropy with every call of a Code node; V8's own random numbers can be predicted. */
  function startCall(entropyHex) {
    seed = typeof entropyHex === "string" ? pf.bytes.fromHex(entropyHex) : null;
    counter = 0;
  }

  function randomBytes(length) {
    if (!seed) return Uint8Array.from({ length }, () => Math.floor(pf.saved.random() * 256));
    const out = new Uint8Array(length);
    for (let at = 0; at < length; at += 64) {
      counter += 1;
      out.set(digest("sha512", joined(seed, fromUtf8(String(counter)))).subarray(0, length - at), at);
    }
    return out;
  }

  pf.hashing = Object.freeze({
    names: Object.freeze(Object.keys(algorithms)),
    digest,
    hmac,
    joined,
    randomBytes,
    startCall,
  });
})(globalThis.__pf);
