// Data transformation functions of dates: JavaScript's Date and luxon's DateTime. What goes in comes out: functions
// that give a date give one of the receiver's own kind.
"use strict";

((pf) => {
  const { DateTime, Duration } = pf.luxon;
  const { register, isDate, nothing, fail } = pf.extensions;

  const units = ["year", "quarter", "month", "week", "day", "hour", "minute", "second", "millisecond"];
  const singular = new Map(
    units.flatMap((unit) => [
      [unit, unit],
      [`${unit}s`, unit],
    ]),
  );

  const toLuxon = (date) => (DateTime.isDateTime(date) ? date : DateTime.fromJSDate(date));
  const likeReceiver = (receiver, moment) => (DateTime.isDateTime(receiver) ? moment : moment.toJSDate());

  function unitOf(name) {
    const unit = singular.get(String(name).toLowerCase());
    if (!unit) {
      fail(`Unsupported unit '${name}'. Supported: ${units.map((known) => `'${known}'`).join(", ")}`);
    }
    return unit;
  }

  /** A date given as Date, DateTime or text; undefined for anything else. */
  function moment(value) {
    if (isDate(value)) return toLuxon(value);
    return typeof value === "string" ? pf.parseDateTime(value) : undefined;
  }

  function beginningOf(date, unit = "week") {
    return likeReceiver(date, toLuxon(date).startOf(unitOf(unit)));
  }

  function extract(date, part = "week") {
    const parts = { week: "weekNumber", weeks: "weekNumber", yeardaynumber: "ordinal" };
    const name = String(part).toLowerCase();
    const property = parts[name] ?? singular.get(name) ?? part;
    const value = toLuxon(date)[property];
    return typeof value === "number" ? value : null;
  }

  function isBetween(date, ...bounds) {
    if (bounds.length !== 2) fail("isBetween(): expected exactly two args");
    const [first, second] = bounds.map(moment);
    if (!first || !second) return undefined;
    const [start, end] = first > second ? [second, first] : [first, second];
    const value = toLuxon(date);
    return value > start && value < end;
  }

  function isInLast(date, amount = 0, unit = "minutes") {
    const now = DateTime.now();
    const value = toLuxon(date);
    return value >= now.minus({ [unitOf(unit)]: amount }) && value <= now;
  }

  /** `plus(2, "days")`, `plus({days: 2})`, `plus(duration)`; a bare number is milliseconds. */
  function span(amount = 0, unit = "milliseconds") {
    if (pf.isObject(amount)) return amount;
    return Duration.fromObject({ [unitOf(unit)]: Number(amount) });
  }

  function diffTo(date, other = undefined, unit = "days") {
    const end = other === undefined ? DateTime.now() : moment(other);
    if (!end) fail("cannot convert to Luxon DateTime");
    const wanted = (Array.isArray(unit) ? unit : [unit]).map(unitOf);
    const difference = toLuxon(date).diff(end, wanted);
    return Array.isArray(unit) ? difference.toObject() : difference.as(wanted[0]);
  }

  function diffToNow(date, unit = "days") {
    return diffTo(date, undefined, unit);
  }

  register("Date", {
    beginningOf,
    diffTo,
    diffToNow,
    endOfMonth: (date) => likeReceiver(date, toLuxon(date).endOf("month")),
    extract,
    format: (date, format, options) => toLuxon(date).toFormat(format, options),
    isBetween,
    isDst: (date) => toLuxon(date).isInDST,
    isInLast,
    isWeekend: (date) => toLuxon(date).isWeekend,
    minus: (date, amount, unit) => likeReceiver(date, toLuxon(date).minus(span(amount, unit))),
    plus: (date, amount, unit) => likeReceiver(date, toLuxon(date).plus(span(amount, unit))),
    toBoolean: nothing,
    toDateTime: toLuxon,
    toFloat: (date) => toLuxon(date).toMillis(),
    toInt: (date) => toLuxon(date).toMillis(),
  });
})(globalThis.__pf);
