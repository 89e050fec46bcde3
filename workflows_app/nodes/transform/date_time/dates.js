// Runs in the code child: the operations of Date & Time with luxon. One row per item, one answer per row.
const FIRST_MS_DIGITS = 12;

function fromNumber(number, zone) {
  const digits = String(Math.floor(Math.abs(number))).length;
  return digits < FIRST_MS_DIGITS ? DateTime.fromSeconds(number, { zone }) : DateTime.fromMillis(number, { zone });
}

function fromText(text, fromFormat) {
  const options = { zone: "utc" };
  if (fromFormat) return DateTime.fromFormat(text, fromFormat, options);
  const readers = ["fromISO", "fromRFC2822", "fromHTTP", "fromSQL"];
  for (const reader of readers) {
    const date = DateTime[reader](text, options);
    if (date.isValid) return date;
  }
  return DateTime.fromJSDate(new Date(text), options);
}

// Hours east of Greenwich that the text names, as a zone; UTC for any other text.
function ownZone(text) {
  const east = /\+(\d\d)/.exec(text);
  return east ? `UTC+${Number(east[1])}` : "utc";
}

// A text without an offset counts in UTC, whatever the zone the result is shown in.
function read(value, row) {
  const text = String(value ?? "").trim();
  const isNumber = text !== "" && !Number.isNaN(Number(text));
  const usesNumber = isNumber && (typeof value === "number" || !row.fromFormat);
  const isTimeOnly = !row.fromFormat && /^T?\d\d:\d\d/.test(text);
  const date = usesNumber ? fromNumber(Number(text), "utc") : fromText(isTimeOnly ? "" : text, row.fromFormat);
  if (!date.isValid) throw new Error(`'${text.slice(0, 60)}' is not a date.`);
  return date.setZone(row.keepsZone ? ownZone(usesNumber ? "" : text) : row.zone);
}

const operations = {
  getCurrentDate(row) {
    const now = DateTime.now().setZone(row.zone);
    return row.includeTime ? now : now.startOf("day");
  },
  addToDate: (row) => read(row.date, row).plus({ [row.unit]: row.duration }),
  subtractFromDate: (row) => read(row.date, row).minus({ [row.unit]: row.duration }),
  formatDate: (row) => read(row.date, row).toFormat(row.format),
  roundDate(row) {
    const date = read(row.date, row);
    return row.up ? date.startOf(row.unit).plus({ [row.unit]: 1 }) : date.startOf(row.unit);
  },
  getTimeBetweenDates(row) {
    const duration = read(row.end, row).diff(read(row.date, row), row.units);
    return row.isoString ? duration.toISO() : duration.toObject();
  },
  extractDate: (row) => read(row.date, row)[row.unit === "week" ? "weekNumber" : row.unit],
};

return $input.all().map(({ json: row }) => {
  try {
    const result = operations[row.operation](row);
    return { value: DateTime.isDateTime(result) ? result.toISO() : result };
  } catch (error) {
    return { error: error.message };
  }
});
