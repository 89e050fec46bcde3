// Values picked out of HTML pages.
import "./shims/base64.js";

import { load } from "cheerio";
import { compile } from "html-to-text";

const MAX_WRITERS = 50;
const writers = new Map();

/** What writes pages as text without some parts; made once, which costs more than writing a short text. */
function writerWithout(skipped) {
  if (!writers.has(skipped)) {
    const parts = skipped.split(",").map((selector) => selector.trim());
    const selectors = parts.filter(Boolean).map((selector) => ({ selector, format: "skip" }));
    if (writers.size > MAX_WRITERS) {
      writers.clear();
    }
    writers.set(skipped, compile(selectors.length ? { selectors } : {}));
  }
  return writers.get(skipped);
}

/** Version 0 stands for the older node type, which puts out empty texts. */
function textOf(element, row, version) {
  if (version < 1.2) {
    return element.text() || (version ? undefined : "");
  }
  return writerWithout(row.skipSelectors || "")(element.html() || "");
}

const TAKE = {
  attribute: (element, row) => element.attr(row.attribute),
  html: (element) => element.html() || undefined,
  text: textOf,
  value: (element) => element.val(),
};

function cleaned(value, { trimValues, cleanUpText }) {
  if (value === undefined || value === null) {
    return undefined;
  }
  let text = value;
  if (trimValues) {
    text = String(text).trim();
  }
  if (cleanUpText) {
    text = String(text)
      .replace(/\r\n|\n|\r/gm, "")
      .replace(/\s+/g, " ");
  }
  return text;
}

globalThis.documents.html = ({ pages, rows, options, version, complete }) => {
  if (complete !== undefined) {
    return load(complete).html();
  }
  return pages.map((page) => {
    const $ = load(page);
    return rows.map((row) => {
      let found;
      try {
        found = $(row.cssSelector);
      } catch (error) {
        throw new Refused(
          `'${row.cssSelector.slice(0, 100)}' is not a selector that can be used: ${error.message}.`,
          "Try a simpler one, such as #price or h1 a.",
          "parameter",
        );
      }
      const take = (element) => cleaned(TAKE[row.returnValue](element, row, version), options);
      return row.returnArray ? found.toArray().map((one) => take($(one))) : take(found);
    });
  });
};
