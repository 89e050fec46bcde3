// Reads dates from text in the forms n8n accepts: in the zone that the text names, else in that of the call.
"use strict";

((pf) => {
  const { DateTime } = pf.luxon;

  const readers = [
    (text) => DateTime.fromISO(text, { setZone: true }),
    (text) => DateTime.fromHTTP(text, { setZone: true }),
    (text) => DateTime.fromRFC2822(text, { setZone: true }),
    (text) => DateTime.fromSQL(text, { setZone: true }),
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
