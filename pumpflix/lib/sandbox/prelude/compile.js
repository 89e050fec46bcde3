// Turns templates into functions, once: what was compiled is kept, least recently used first to go.
"use strict";

((pf) => {
  const { ApplicationError } = pf.errors;
  const { helper } = pf.rewrite;
  const capacity = 2000;
  const longestKept = 20_000;
  const compiled = new Map();

  /** What rewritten code calls. `eval` is the inert object n8n puts in its place. */
  const helpers = Object.freeze({ extend: pf.extend, key: pf.rewrite.guardKey, eval: Object.freeze({}) });

  function compileBlock(code) {
    if (code.trim() === "") return { names: [], mutates: false, run: () => undefined };
    const { text, names, temporaries, mutates } = pf.rewrite.rewrite(code);
    const declared = temporaries.length ? `let ${temporaries.join(", ")};\n` : "";
    const body = `"use strict";\n${declared}return (${text}\n);`;
    const run = new pf.saved.Function(helper, ...names, body);
    return { names, mutates, run: (values) => run.call(undefined, helpers, ...values) };
  }

  function compilePart(part) {
    if (part.code === undefined) return part;
    try {
      return compileBlock(part.code);
    } catch (error) {
      if (error instanceof SyntaxError) return { refused: new ApplicationError("invalid syntax") };
      if (error instanceof RangeError) return { refused: new ApplicationError("The expression is nested too deeply") };
      return { refused: error };
    }
  }

  function compileTemplate(template) {
    const parts = pf.template.split(template);
    const isLone = pf.template.isLoneBlock(parts);
    const steps = parts.map(compilePart);
    const refused = steps.find((step) => step.refused)?.refused;
    return { isLone, refused, steps, mutates: steps.some((step) => step.mutates) };
  }

  /** The compiled form of a template (the text after its leading `=`). */
  function compile(template) {
    const known = compiled.get(template);
    const entry = known ?? compileTemplate(template);
    if (known) compiled.delete(template);
    else if (compiled.size >= capacity) compiled.delete(compiled.keys().next().value);
    if (template.length <= longestKept) compiled.set(template, entry);
    return entry;
  }

  pf.compile = compile;
})(globalThis.__pf);
