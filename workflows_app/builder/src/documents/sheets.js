// Spreadsheets of every kind, read into rows and written from them.
import { read, set_cptable, utils, write } from "@e965/xlsx";
import * as codepages from "@e965/xlsx/dist/cpexcel.full.mjs";

import { latin1, TextDecoder } from "./shims/text.js";

set_cptable(codepages);

const MAX_CELLS = 20_000_000;
const TEXTS = ["csv", "html", "rtf"];

const isRtf = (data) => latin1(data.subarray(0, 5)) === "{\\rtf";

function opened(call, data) {
  const { raw } = call;
  try {
    if (call.text === undefined && !isRtf(data)) {
      return read(data, { type: "array", raw });
    }
    return read(call.text ?? named(latin1(data)), { type: "string", raw });
  } catch (error) {
    if (error instanceof RangeError) {
      throw error;
    }
    const isProtected = /password|ODS encryption/i.test(error.message);
    throw new Refused(
      isProtected ? "This spreadsheet opens with a password only." : "This file cannot be read as a spreadsheet.",
      isProtected ? "Save it without a password." : "Check that the file is the kind of spreadsheet that was chosen.",
      isProtected ? "file_protected" : "file_damaged",
    );
  }
}

function sheetOf(book, name) {
  if (!book.SheetNames.length) {
    throw new Refused("This spreadsheet has no sheets.", "Save it again with a table in it.");
  }
  if (name && !book.SheetNames.includes(name)) {
    const there = book.SheetNames.join(", ").slice(0, 300);
    throw new Refused(`There is no sheet '${name}'.`, `Sheets of this file: ${there}.`, "parameter");
  }
  return book.Sheets[name || book.SheetNames[0]];
}

/** From RTF the library gives texts as the bytes of their UTF-8. */
const utf8 = (text) => new TextDecoder().decode(Uint8Array.from(text, (char) => char.charCodeAt(0)));

function decode(sheet) {
  for (const cell of Object.values(sheet)) {
    if (cell.t === "s") {
      cell.v = utf8(cell.v);
    }
  }
}

function checkExtent(sheet) {
  if (!sheet?.["!ref"]) {
    return;
  }
  const { s, e } = utils.decode_range(sheet["!ref"]);
  const [width, height] = [e.c - s.c + 1, e.r - s.r + 1].map((extent) => Math.max(extent, 0));
  if (width * height > MAX_CELLS) {
    const hint = "Delete the cells far away from the table and save again.";
    throw new Refused(`A sheet spans ${height} rows and ${width} columns.`, hint, "file_too_large");
  }
}

function rows(call, data) {
  const sheet = sheetOf(opened(call, data), call.sheetName);
  checkExtent(sheet);
  if (data && isRtf(data)) {
    decode(sheet);
  }
  const how = {};
  if (call.range !== "") {
    how.range = Number.isNaN(Number(call.range)) ? call.range : Number.parseInt(call.range, 10);
  }
  if (call.includeEmptyCells) {
    how.defval = "";
  }
  if (!call.headerRow) {
    return utils.sheet_to_json(sheet, { ...how, header: 1 }).map((row) => ({ row }));
  }
  return utils.sheet_to_json(sheet, how);
}

/** Characters as RTF writes them: a signed number, and what programs show that do not know it. */
function numbered(text) {
  const units = Array.from({ length: text.length }, (_, at) => text.charCodeAt(at));
  const escaped = (unit) => `\\u${unit < 32768 ? unit : unit - 65536}?`;
  return units.map((unit, at) => (unit < 128 ? text[at] : escaped(unit))).join("");
}

/** The opposite, which the library leaves out. */
function named(text) {
  return text.replace(/\\u(-?\d{1,5}) ?(?:\?|\\'[0-9a-f]{2})?/gi, (_, unit) =>
    String.fromCharCode(Number(unit) & 0xffff),
  );
}

function written({ rows: values, kind, sheetName, headerRow, delimiter, compression }, made) {
  const sheet = utils.json_to_sheet(values, headerRow ? {} : { skipHeader: true });
  const book = { SheetNames: [sheetName], Sheets: { [sheetName]: sheet } };
  const how = { bookType: kind, bookSST: false, compression };
  if (delimiter) {
    how.FS = delimiter;
  }
  try {
    if (TEXTS.includes(kind)) {
      const text = write(book, { ...how, type: "string" });
      return kind === "rtf" ? numbered(text) : text;
    }
    made.push(new Uint8Array(write(book, { ...how, type: "array" })));
    return null;
  } catch (error) {
    throw new Refused(
      `This spreadsheet cannot be written: ${error.message}.`,
      "Correct its name or its values.",
      "parameter",
    );
  }
}

globalThis.documents.sheets = (call, [data], made) => (call.kind ? written(call, made) : rows(call, data));
