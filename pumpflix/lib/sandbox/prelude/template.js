// Splits a template into text and `{{ }}` blocks. Brackets are found by text alone, as in n8n: the first `}}` ends a
// block even inside a JavaScript string; a backslash before brackets takes their meaning away.
"use strict";

((pf) => {
  /** Index of the next bracket pair that no backslash escapes, or -1. */
  function findBrackets(text, brackets, from) {
    let at = text.indexOf(brackets, from);
    while (at > 0 && text[at - 1] === "\\") at = text.indexOf(brackets, at + 1);
    return at;
  }

  /** `[{text} | {code}]`, text and code in turn, text first. A block without an end runs to the end of the template. */
  function split(template) {
    const parts = [];
    let position = 0;
    for (;;) {
      const open = findBrackets(template, "{{", position);
      const text = template.slice(position, open < 0 ? undefined : open);
      parts.push({ text: text.replaceAll("\\{{", "{{") });
      if (open < 0) return parts;
      const close = findBrackets(template, "}}", open + 2);
      const code = template.slice(open + 2, close < 0 ? undefined : close);
      parts.push({ code: code.replaceAll("\\}}", "}}") });
      if (close < 0 || close + 2 === template.length) return parts;
      position = close + 2;
    }
  }

  /** A template that is exactly one block keeps the type of its value. */
  const isLoneBlock = (parts) => parts.length === 2 && parts[0].text === "";

  /** Text of one block's value among others. */
  const render = (value) => (value || value === 0 || value === false ? String(value) : "");

  pf.template = Object.freeze({ split, isLoneBlock, render });
})(globalThis.__pf);
