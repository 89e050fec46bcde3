// What the host speaks to. Files come in as buffers, a call as JSON; libraries enter their work in `documents`.
const given = [];
let made = [];
let outcome = null;

class Refused extends Error {
  constructor(message, hint = "", code = "file_damaged") {
    super(message);
    Object.assign(this, { hint, code });
  }
}

function told(error) {
  if (error instanceof Refused) {
    return { refused: { message: error.message, hint: error.hint, code: error.code } };
  }
  const isThrown = error instanceof Error;
  return { failed: String(isThrown ? error.message : error).slice(0, 500), name: isThrown ? error.name : "" };
}

const PROTOTYPES = [
  Object, Function, Array, String, Number, Boolean, Symbol, BigInt, Date, RegExp, Map, Set, WeakMap, WeakSet, Promise,
  Error, ArrayBuffer, Uint8Array, Object.getPrototypeOf(Uint8Array), DataView,
].map((type) => type.prototype); // prettier-ignore
const seal = Object.preventExtensions;
const { parse, stringify } = JSON;

globalThis.documents = {};
globalThis.Refused = Refused;
delete globalThis.WebAssembly;

globalThis.__driver = {
  // No document can give all objects a new property.
  seal: () => void PROTOTYPES.forEach((prototype) => seal(prototype)),
  reserve(size) {
    const buffer = new ArrayBuffer(Number(size));
    given.push(buffer);
    return buffer;
  },
  work(text) {
    const files = given.splice(0).map((buffer) => new Uint8Array(buffer));
    const { library, call } = parse(text);
    made = [];
    outcome = null;
    new Promise((resolve) => resolve(globalThis.documents[library](call, files, made))).then(
      (done) => (outcome = { done }),
      (error) => (outcome = told(error)),
    );
  },
  answer() {
    if (outcome === null) {
      return null;
    }
    const text = stringify(outcome);
    outcome = null;
    return `${made.length}\n${text}`;
  },
  file(number) {
    const { buffer, byteOffset, byteLength } = made[Number(number)];
    return byteLength === buffer.byteLength ? buffer : buffer.slice(byteOffset, byteOffset + byteLength);
  },
};
