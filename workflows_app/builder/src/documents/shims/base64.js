// Tables of HTML entities are unpacked with it.
globalThis.atob = (text) => Array.from(Uint8Array.fromBase64(text), (byte) => String.fromCharCode(byte)).join("");
