// Reads dates from text in the forms n8n accepts; all in the zone of the call.
"use strict";

((pf) => {
  const { DateTime } = pf.luxon;

  const readers = [
    (text) => DateTime.fromISO(text, { setZone: false }),
    (text) => DateTime.fromHTTP(text),
    (text) => DateTime.fromRFC2822(text),
    (text) => DateTime.fromSQL(text),
    (text) => (/^-?\d{11,}$/.test(text) ? DateTime.fromMillis(Number(text)) : DateTime.invalid("unreadable")),
    (text) => DateTime.fromJSDate(new Date(text)),
  ];

  /** The moment a text names, or undefined. */
  function parseDateTime(text) {
    const trimmed = text.trim();
    for (const read of readers) {
      const moment = read(trimmed);
      if (moment.isValid) return moment;
    }
    return undefined;
  }

  pf.parseDateTime = parseDateTime;
})(globalThis.__pf);
