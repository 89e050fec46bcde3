// Bytes to text and back.
const CHUNK = 8192;
const MARK = /^\ufeff/;

function chunked(count, unitAt) {
  let text = "";
  for (let at = 0; at < count; at += CHUNK) {
    const units = Array.from({ length: Math.min(CHUNK, count - at) }, (_, place) => unitAt(at + place));
    text += String.fromCharCode(...units);
  }
  return text;
}

export const latin1 = (bytes) => chunked(bytes.length, (at) => bytes[at]);

function utf8(bytes, isFatal) {
  try {
    return decodeURIComponent(escape(latin1(bytes))).replace(MARK, "");
  } catch (error) {
    if (isFatal) {
      throw new TypeError("This is not UTF-8.", { cause: error });
    }
    return latin1(bytes);
  }
}

export class TextDecoder {
  constructor(label = "utf-8", { fatal = false } = {}) {
    this.encoding = String(label).toLowerCase();
    this.fatal = fatal;
  }

  decode(input = new Uint8Array()) {
    const bytes = ArrayBuffer.isView(input)
      ? new Uint8Array(input.buffer, input.byteOffset, input.byteLength)
      : new Uint8Array(input);
    if (this.encoding.startsWith("utf-16")) {
      const [high, low] = this.encoding.endsWith("be") ? [0, 1] : [1, 0];
      const unit = (at) => (bytes[2 * at + high] << 8) | bytes[2 * at + low];
      return chunked(bytes.length >> 1, unit).replace(MARK, "");
    }
    return this.encoding === "utf-8" || this.encoding === "utf8" ? utf8(bytes, this.fatal) : latin1(bytes);
  }
}

export class TextEncoder {
  encode(text = "") {
    return Uint8Array.from(unescape(encodeURIComponent(text)), (char) => char.charCodeAt(0));
  }
}
