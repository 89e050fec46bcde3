// Data transformation functions of numbers and booleans.
"use strict";

((pf) => {
  const { DateTime } = pf.luxon;
  const { register, nothing, fail } = pf.extensions;
  const dayMs = 86_400_000;
  const excelEpoch = Date.UTC(1899, 11, 30);

  function isEven(value) {
    if (!Number.isInteger(value)) fail("isEven() is only callable on integers");
    return value % 2 === 0;
  }

  function isOdd(value) {
    if (!Number.isInteger(value)) fail("isOdd() is only callable on integers");
    return Math.abs(value) % 2 === 1;
  }

  /** Away from zero on a tie, as `toFixed` does it. */
  const round = (value, decimalPlaces = 0) => Number(value.toFixed(decimalPlaces));

  const milliseconds = {
    ms: (value) => value,
    s: (value) => value * 1000,
    us: (value) => value / 1000,
    excel: (value) => excelEpoch + Math.round(value * dayMs),
  };

  function toDateTime(value, format = "ms") {
    if (!pf.own(milliseconds, format)) {
      fail(`Unsupported format '${format}'. toDateTime() supports 'ms', 's', 'us' and 'excel'.`);
    }
    return DateTime.fromMillis(milliseconds[format](value));
  }

  register("Number", {
    abs: (value) => Math.abs(value),
    ceil: (value) => Math.ceil(value),
    floor: (value) => Math.floor(value),
    format: (value, locale = "en-US", options = undefined) => new Intl.NumberFormat(locale, options).format(value),
    isEven,
    isInteger: (value) => Number.isInteger(value),
    isOdd,
    round,
    toBoolean: (value) => value !== 0,
    toDateTime,
    toFloat: (value) => value,
    toInt: (value) => round(value),
  });

  register("Boolean", {
    toBoolean: (value) => value,
    toDateTime: nothing,
    toFloat: Number,
    toInt: Number,
    toNumber: Number,
  });
})(globalThis.__pf);
