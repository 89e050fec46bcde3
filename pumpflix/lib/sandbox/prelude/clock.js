// The clock of a call: the real one, or frozen where the header says so. `Date` and luxon both ask it.
"use strict";

((pf) => {
  const { NativeDate, nativeNow } = pf.saved;
  const { Settings } = pf.luxon;
  let frozenAt = null;

  const now = () => (frozenAt === null ? nativeNow() : frozenAt);

  function ClockedDate(...parts) {
    if (new.target === undefined) return new NativeDate(now()).toString();
    const target = new.target === ClockedDate ? NativeDate : new.target;
    return Reflect.construct(NativeDate, parts.length === 0 ? [now()] : parts, target);
  }

  function install() {
    for (const [key, property] of Object.entries(Object.getOwnPropertyDescriptors(NativeDate))) {
      Object.defineProperty(ClockedDate, key, property);
    }
    pf.hide(ClockedDate, "now", () => now());
    pf.hide(NativeDate.prototype, "constructor", ClockedDate);
    pf.hide(globalThis, "Date", ClockedDate);
    // Temporal reads the native clock, which cannot be frozen; n8n has none either.
    delete globalThis.Temporal;
  }

  /** Sets clock, zone and language for one call, and undoes whatever the call before did to luxon. */
  function startCall(header) {
    frozenAt = header.now ? NativeDate.parse(header.now) : null;
    pf.libraries.startCall();
    Settings.now = now;
    Settings.defaultZone = header.timezone || "UTC";
    Settings.defaultLocale = header.locale || "en-US";
    Settings.defaultNumberingSystem = null;
    Settings.defaultOutputCalendar = null;
    Settings.defaultWeekSettings = null;
    Settings.throwOnInvalid = false;
    Settings.twoDigitCutoffYear = 60;
  }

  install();
  pf.clock = Object.freeze({ now, startCall });
})(globalThis.__pf);
