// XML to values and values to XML.
import { Builder, Parser } from "xml2js";

function read({ text, options }) {
  let failure = null;
  let value;
  new Parser({ ...options, async: false }).parseString(text, (error, parsed) => {
    failure = failure ?? error;
    value = parsed;
  });
  if (failure) {
    const [what, ...place] = failure.message.split("\n");
    const where = place.filter((line) => /^(Line|Column)/.test(line)).join(", ");
    throw new Refused(
      `This is not well-formed XML: ${what}${where && ` (${where})`}.`,
      "Correct the XML.",
      "xml_invalid",
    );
  }
  return value ?? null;
}

globalThis.documents.xml = (call) =>
  call.text === undefined ? new Builder(call.options).buildObject(call.value) : read(call);
