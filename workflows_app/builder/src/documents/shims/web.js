// What pdf.js expects of a browser and a bare V8 does not have.
import "core-js/actual/atob";
import "core-js/actual/btoa";
import "core-js/actual/dom-exception";
import "core-js/actual/queue-microtask";
import "core-js/actual/structured-clone";
import "core-js/actual/url";

import { ReadableStream } from "web-streams-polyfill";

import { TextDecoder, TextEncoder } from "./text.js";

class Signal {
  aborted = false;
  addEventListener() {}
  removeEventListener() {}
  throwIfAborted() {}
  static any() {
    return new Signal();
  }
}

class AbortController {
  signal = new Signal();
  abort() {
    this.signal.aborted = true;
  }
}

Object.assign(globalThis, {
  AbortController,
  AbortSignal: Signal,
  ReadableStream,
  TextDecoder,
  TextEncoder,
  // Drawing is not asked for; only their names are.
  DOMMatrix: class {},
  ImageData: class {},
  Path2D: class {},
  navigator: { platform: "", userAgent: "", language: "en-US" },
  // There are no clocks here: what is to happen later happens next.
  setTimeout(work, _delay, ...values) {
    queueMicrotask(() => work(...values));
    return 0;
  },
  clearTimeout() {},
});
