// Compiles the text of a Code node to a function of the names it mentions.
"use strict";

((pf) => {
  const { ExecutionError } = pf.errors;
  const fileName = "code-node.js";
  const capacity = 50;
  const compiled = new Map();

  /** `{names, assigned}`: every identifier, and those that are assigned to (perhaps without a declaration). */
  function identifiers(program) {
    const names = new Set();
    const assigned = new Set();
    const targets = { AssignmentExpression: "left", UpdateExpression: "argument", ForInStatement: "left", ForOfStatement: "left" };
    pf.syntax.walk(program, (node) => {
      if (node.type === "Identifier") names.add(node.name);
      const target = node[targets[node.type]];
      if (!target) return;
      pf.syntax.walk(target, (inner) => inner.type === "Identifier" && assigned.add(inner.name));
    });
    return { names, assigned };
  }

  function lineOf(stack) {
    const found = /code-node\.js:(\d+)/.exec(stack);
    return found ? Math.max(Number(found[1]) - 1, 1) : undefined;
  }

  /** The exception of the author's code as the run reports it, with its line. */
  function executionError(thrown, itemIndex) {
    let line = thrown?.loc?.line;
    let stack;
    try {
      stack = typeof thrown?.stack === "string" ? thrown.stack.slice(0, 2000) : undefined;
      line ??= stack && lineOf(stack);
    } catch {
      line = undefined;
    }
    const places = [line && `line ${line}`, itemIndex !== undefined && `for item ${itemIndex}`].filter(Boolean);
    const message = pf.errors.messageOf(thrown) + (places.length ? ` [${places.join(", ")}]` : "");
    const name = pf.errors.nameOf(thrown);
    const described = thrown instanceof Error && typeof thrown.description === "string" ? thrown.description : undefined;
    const error = new ExecutionError(message, { description: described ?? (name === "Error" ? undefined : name) });
    return Object.assign(pf.errors.describe(error), line && { line }, stack && { stack });
  }

  function syntaxError(code, thrown) {
    const shown = new SyntaxError(pf.errors.messageOf(thrown).replace(/ \(\d+:\d+\)$/, ""));
    pf.hide(shown, "loc", thrown.loc);
    pf.hide(shown, "stack", undefined);
    return shown;
  }

  function build(code, known) {
    let program;
    try {
      program = pf.syntax.parseBody(code);
    } catch (error) {
      throw error instanceof SyntaxError ? syntaxError(code, error) : error;
    }
    const { names, assigned } = identifiers(program);
    const parameters = [...names].filter((name) => known.has(name));
    const undeclared = [...assigned].filter((name) => !known.has(name) && !(name in globalThis) && name !== "arguments");
    const declared = undeclared.length ? `var ${undeclared.join(", ")};` : "";
    const source = `(function (${parameters.join(", ")}) { ${declared} return (async function () {\n${code}\n}).call(this); })`;
    return { parameters, run: pf.saved.eval(`${source}\n//# sourceURL=${fileName}`) };
  }

  /** `{parameters, run}`: `run.call(self, ...values)` gives a promise of what the code returns. */
  function compileCode(code, known) {
    const key = `${[...known].length}\n${code}`;
    if (!compiled.has(key)) {
      if (compiled.size >= capacity) compiled.delete(compiled.keys().next().value);
      compiled.set(key, build(code, known));
    }
    return compiled.get(key);
  }

  pf.compileCode = compileCode;
  pf.executionError = executionError;
})(globalThis.__pf);
