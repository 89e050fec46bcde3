// Text and facts of PDFs.
import "./shims/web.js";

import * as worker from "pdfjs-dist/legacy/build/pdf.worker.mjs";
import { getDocument, PasswordResponses, version } from "pdfjs-dist/legacy/build/pdf.mjs";

// Without this the library asks for a web worker; with it the work is done here.
globalThis.pdfjsWorker = worker;

const MAX_TEXT = 32 * 1024 * 1024;

/** Pieces in the order of the page; one on another height begins a new line. */
function textOf({ items }) {
  let height;
  let text = "";
  for (const item of items) {
    if (!("str" in item)) {
      continue;
    }
    const [, , , , , y] = item.transform;
    text += !height || height === y ? item.str : `\n${item.str}`;
    height = y;
  }
  return text;
}

function refusal(error) {
  if (error?.name === "PasswordException") {
    const isWrong = error.code === PasswordResponses.INCORRECT_PASSWORD;
    const hint = isWrong ? "Correct the password." : "Enter its password.";
    return new Refused("The password does not open this PDF.", hint, "file_protected");
  }
  if (["InvalidPDFException", "FormatError", "MissingPDFException"].includes(error?.name)) {
    return new Refused(
      `This file is not a PDF that can be read: ${error.message}`,
      "Choose the field that holds the PDF.",
    );
  }
  return error;
}

async function pagesOf(pdf, count) {
  const pages = [];
  let size = 0;
  for (let number = 1; number <= count; number++) {
    const page = await pdf.getPage(number);
    const text = textOf(await page.getTextContent());
    page.cleanup();
    size += text.length;
    if (size > MAX_TEXT) {
      throw new Refused("The PDF holds too much text.", "Set a number of pages.", "file_too_large");
    }
    pages.push(text);
  }
  return pages;
}

async function read({ password, maxPages, joinPages }, data) {
  const task = getDocument({ data, password, isEvalSupported: false, useWorkerFetch: false, verbosity: 0 });
  try {
    const pdf = await task.promise;
    const { info = null, metadata = null } = await pdf.getMetadata().catch(() => ({}));
    const wanted = maxPages ? Math.min(maxPages, pdf.numPages) : pdf.numPages;
    const pages = await pagesOf(pdf, wanted);
    return {
      numpages: pdf.numPages,
      numrender: pdf.numPages,
      info,
      metadata: metadata ? Object.fromEntries([...metadata]) : undefined,
      text: joinPages ? pages.join("\n\n") : pages,
      version,
    };
  } catch (error) {
    throw refusal(error);
  } finally {
    await task.destroy();
  }
}

globalThis.documents.pdf = (call, [data]) => read(call, data);
