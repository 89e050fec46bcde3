// XML to values and values to XML.
import { Builder, Parser } from "xml2js";

// Names that mean something on every object.
const TAKEN = ["__proto__", "constructor", "prototype"];
const safe = (name) => (TAKEN.includes(name) ? `sanitized_${name}` : name);

function read({ text, options }) {
  let failure = null;
  let value;
  if (!text.trim()) {
    throw new Refused("There is no XML in this text.", "Enter the field that holds the document.", "xml_invalid");
  }
  new Parser({ ...options, async: false, tagNameProcessors: [safe], attrNameProcessors: [safe] }).parseString(
    text,
    (error, parsed) => {
      failure = failure ?? error;
      value = parsed;
    },
  );
  if (failure) {
    const [what, ...place] = failure.message.split("\n");
    const [line, column] = place.map((entry) => Number(entry.split(":")[1]));
    const where = line >= 0 ? ` (line ${line + 1}, column ${column})` : "";
    const text = what.replace(/\.$/, "");
    throw new Refused(`This is not well-formed XML: ${text}${where}.`, "Correct the XML.", "xml_invalid");
  }
  return value ?? null;
}

globalThis.documents.xml = (call) =>
  call.text === undefined ? new Builder(call.options).buildObject(call.value) : read(call);
