// Markdown to HTML and HTML to Markdown.
import { NodeHtmlMarkdown } from "node-html-markdown";
import showdown from "showdown";

const listed = (names) => names.split(",").map((name) => name.trim());

function toMarkdown({ html, options: { ignore, blockElements, textReplace, ...how } }) {
  if (ignore) {
    how.ignore = listed(ignore);
  }
  if (blockElements) {
    how.blockElements = listed(blockElements);
  }
  if (textReplace?.values?.length) {
    how.textReplace = textReplace.values.map(({ pattern, replacement }) => [pattern, replacement]);
  }
  return NodeHtmlMarkdown.translate(html, how);
}

function toHtml({ markdown, options: { openLinksInNewWindow, ...how } }) {
  const converter = new showdown.Converter();
  Object.entries({ ...how, ...(openLinksInNewWindow ? { openLinksInNewWindow } : {}) }).forEach(([name, value]) =>
    converter.setOption(name, value),
  );
  return converter.makeHtml(markdown);
}

globalThis.documents.markdown = (call) => (call.markdown === undefined ? toMarkdown(call) : toHtml(call));
