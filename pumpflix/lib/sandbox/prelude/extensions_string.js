// Data transformation functions of strings: conversion, case and tests.
"use strict";

((pf) => {
  const { DateTime } = pf.luxon;
  const { register, isEmpty, fail } = pf.extensions;
  const { bytes, hashing } = pf;

  const hashNames = ["md5", "sha1", "sha224", "sha256", "sha384", "sha512", "sha3"];
  const falseTexts = new Set(["", "0", "false", "no"]);
  const smallWords = new Set(
    (
      "a an and as at because but by en for if in neither nor of on only or over per so some than that the to up upon " +
      "v v. versus via vs vs. when with without yet"
    ).split(" "),
  );

  function hash(text, algorithm = "md5") {
    const name = String(algorithm).toLowerCase();
    if (name === "base64") return bytes.toBase64(bytes.fromUtf8(text));
    if (!hashNames.includes(name) && name !== "ripemd160") {
      fail(`Unknown algorithm ${algorithm}. Available algorithms are: ${hashNames.join()}, and Base64.`);
    }
    return bytes.toHex(hashing.digest(name === "sha3" ? "sha3-512" : name, bytes.fromUtf8(text)));
  }

  const withoutCurrency = (text) => text.replace(/^[\s\p{Sc}]+|[\s\p{Sc}]+$/gu, "");

  function toInt(text, radix = 10) {
    const value = Number.parseInt(withoutCurrency(text), radix);
    return Number.isNaN(value) ? fail("cannot convert to integer") : value;
  }

  function toFloat(text) {
    if (text.includes(",")) fail("cannot convert to float, expected . as decimal separator");
    const value = Number.parseFloat(withoutCurrency(text));
    return Number.isNaN(value) ? fail("cannot convert to float") : value;
  }

  function toNumber(text) {
    const value = Number(withoutCurrency(text));
    return Number.isNaN(value) ? fail("cannot convert to number") : value;
  }

  function toDate(text) {
    const date = new Date(text);
    if (Number.isNaN(date.getTime())) fail("cannot convert to date");
    if (!text.includes(":")) date.setHours(0, 0, 0, 0);
    return date;
  }

  const timestampFormats = new Set(["ms", "s", "us", "excel"]);

  function toDateTime(text, format = undefined) {
    if (format === undefined) return pf.parseDateTime(text) ?? fail("cannot convert to Luxon DateTime");
    if (timestampFormats.has(format)) return pf.extend(toNumber(text), "toDateTime", [format]);
    const moment = DateTime.fromFormat(text, format);
    return moment.isValid ? moment : fail("cannot convert to Luxon DateTime");
  }

  function parseJson(text) {
    try {
      return JSON.parse(text);
    } catch {
      if (text.includes("'")) fail("Parsing failed. Check you're using double quotes");
      return fail("Parsing failed");
    }
  }

  function isNumeric(text) {
    return !/\s/.test(text) && text !== "" && !Number.isNaN(Number(text)) && !Number.isNaN(Number.parseFloat(text));
  }

  /** The first letter between two ends of sentences is a capital, all others are small. */
  function toSentenceCase(text) {
    return text.toLowerCase().replace(/[^.!?]+/g, (part) => part.replace(/\p{L}/u, (letter) => letter.toUpperCase()));
  }

  const hasOwnCase = /.(?=[A-Z]|\..)/;

  /** Words written in a way of their own stay so (iPhone, a.b); small words stay small but at both ends. */
  function toTitleCase(text) {
    return text.replace(/[^\s:–—-]+/g, (word, start) => {
      const end = start + word.length;
      const isInside = start > 0 && end < text.length;
      const isScheme = text[end] === ":" && !/\s/.test(text[end + 1] ?? "");
      if (hasOwnCase.test(word) || isScheme || (isInside && smallWords.has(word.toLowerCase()))) return word;
      return word.replace(/[A-Za-z0-9\u00c0-\u00ff]/, (letter) => letter.toUpperCase());
    });
  }

  function toSnakeCase(text) {
    return text
      .toLowerCase()
      .replace(/[ -]/g, "_")
      .replace(/[!"#$%&'()*+,./:;<=>?@[\]^`{|}~\\]/g, "");
  }

  const foreignLetters = {
    ß: "ss",
    æ: "ae",
    Æ: "AE",
    œ: "oe",
    Œ: "OE",
    ø: "o",
    Ø: "O",
    đ: "d",
    Đ: "D",
    ð: "d",
    Ð: "D",
    þ: "th",
    Þ: "Th",
    ł: "l",
    Ł: "L",
    ħ: "h",
    Ħ: "H",
    ı: "i",
    "‘": "'",
    "’": "'",
    "“": '"',
    "”": '"',
    "–": "-",
    "—": "-",
    "…": "...",
    "⁄": "/",
    "€": "EU",
    "£": "GBP",
  };

  function replaceSpecialChars(text) {
    const plain = text.normalize("NFKD").replace(/\p{M}/gu, "");
    return plain.replace(/[^\0-\x7f]/gu, (char) => foreignLetters[char] ?? "?");
  }

  function quote(text, mark = '"') {
    return mark + text.replaceAll("\\", "\\\\").replaceAll(mark, `\\${mark}`) + mark;
  }

  function toBoolean(text) {
    return !falseTexts.has(text.toLowerCase());
  }

  register("String", {
    base64Decode: (text) => bytes.toUtf8(bytes.fromBase64(text)),
    base64Encode: (text) => bytes.toBase64(bytes.fromUtf8(text)),
    hash,
    isEmpty,
    isNotEmpty: (text) => !isEmpty(text),
    isNumeric,
    length: (text) => text.length,
    parseJson,
    quote,
    replaceSpecialChars,
    toBoolean,
    toDate,
    toDateTime,
    toDecimalNumber: toFloat,
    toFloat,
    toInt,
    toJsonString: (text) => JSON.stringify(text),
    toNumber,
    toSentenceCase,
    toSnakeCase,
    toTitleCase,
    toWholeNumber: toInt,
    urlDecode: (text, isWholeUri = false) => (isWholeUri ? decodeURI(text) : decodeURIComponent(text)),
    urlEncode: (text, isWholeUri = false) => (isWholeUri ? encodeURI(text) : encodeURIComponent(text)),
  });
})(globalThis.__pf);
