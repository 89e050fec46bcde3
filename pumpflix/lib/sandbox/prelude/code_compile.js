// Compiles the text of a Code node to a function of the names it mentions.
"use strict";

((pf) => {
  const { ExecutionError } = pf.errors;
  const fileName = "code-node.js";
  const capacity = 50;
  const longestKept = 200_000;
  const compiled = new Map();

  // Whatever can make a promise, or have something done later. Code without it is over when it returns.
  const mayWait =
    /async|await|promise|helpers|import|require|eval|globalThis|\bthis\b|subtle|timeout|interval|immediate|microtask|binarydata/i;

  const targets = {
    AssignmentExpression: "left",
    UpdateExpression: "argument",
    ForInStatement: "left",
    ForOfStatement: "left",
  };
  // What may stand around a name that is assigned to; anything else (a member, a declaration) assigns to no free name.
  const patterns = new Set([
    "ObjectPattern",
    "ArrayPattern",
    "AssignmentPattern",
    "RestElement",
    "ParenthesizedExpression",
  ]);

  function assignedNames(target) {
    if (target.type === "Identifier") return [target.name];
    if (target.type === "Property") return assignedNames(target.value);
    return patterns.has(target.type) ? pf.syntax.childrenOf(target).flatMap(assignedNames) : [];
  }

  /** `{names, assigned}`: every identifier, and those that are assigned to (perhaps without a declaration). */
  function identifiers(program) {
    const names = new Set();
    const assigned = new Set();
    pf.syntax.walk(program, (node) => {
      if (node.type === "Identifier") names.add(node.name);
      const target = node[targets[node.type]];
      for (const name of target ? assignedNames(target) : []) assigned.add(name);
    });
    return { names, assigned };
  }

  /** The frames of a stack that are the author's, with the lines of the author's text. */
  function ownFrames(thrown, lineCount) {
    try {
      const frames = String(thrown.stack).split("\n").slice(1);
      const places = frames
        .map((frame) => /^\s*at (?:(.+?) \()?.*code-node\.js:(\d+):(\d+)\)?$/.exec(frame))
        .filter(Boolean);
      const own = places.map(([, name, line, column]) => ({ name: name ?? "", line: Number(line) - 1, column }));
      return own.filter(({ line }) => line >= 1 && line <= lineCount);
    } catch {
      return [];
    }
  }

  function stackText(frames) {
    return frames
      .map(({ name, line, column }) => `    at ${/eval$/.test(name) ? "code" : name} (line ${line}, column ${column})`)
      .join("\n");
  }

  const located = (message, line, itemIndex) => {
    const places = [line ? `line ${line}` : "", itemIndex === undefined ? "" : `for item ${itemIndex}`].filter(Boolean);
    return places.length ? `${message} [${places.join(", ")}]` : message;
  };

  /** What the author reads below the message: their own description, or the kind of error. */
  function descriptionOf(thrown, name) {
    const described =
      thrown instanceof Error && typeof thrown.description === "string" ? thrown.description : undefined;
    return described ?? (name === "Error" ? undefined : name);
  }

  /** The exception of the author's code as the run reports it, with its line. */
  function executionError(thrown, itemIndex, code) {
    const name = pf.errors.nameOf(thrown);
    const message = pf.errors.messageOf(thrown);
    const frames = pf.isObject(thrown) ? ownFrames(thrown, code.split("\n").length) : [];
    const line = thrown?.loc?.line ?? frames[0]?.line;
    const details = { description: descriptionOf(thrown, name) };
    const error = pf.errors.describe(new ExecutionError(located(message, line, itemIndex), details));
    if (line) error.line = line;
    if (frames.length) error.stack = `${name}: ${message}\n${stackText(frames)}`;
    return error;
  }

  function syntaxError(thrown) {
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
      throw error instanceof SyntaxError ? syntaxError(error) : error;
    }
    const { names, assigned } = identifiers(program);
    const parameters = [...names].filter((name) => known.has(name));
    const undeclared = [...assigned].filter(
      (name) => !known.has(name) && !(name in globalThis) && name !== "arguments",
    );
    const declared = undeclared.length ? `var ${undeclared.join(", ")};` : "";
    const kind = mayWait.test(code) ? "async function" : "function";
    const source = `(function (${parameters.join(", ")}) { ${declared} return (${kind} () {\n${code}\n}).call(this); })`;
    return { parameters, run: pf.saved.eval(`${source}\n//# sourceURL=${fileName}`) };
  }

  /**
   * `{parameters, run}`: `run.call(self, ...values)` gives what the code returns, or a promise of it. `known()` is the
   * set of names it may read; `kind` tells such sets apart.
   */
  function compileCode(code, kind, known) {
    const key = `${kind}\n${code}`;
    if (compiled.has(key)) return compiled.get(key);
    const built = build(code, known());
    if (compiled.size >= capacity) compiled.delete(compiled.keys().next().value);
    if (code.length <= longestKept) compiled.set(key, built);
    return built;
  }

  pf.compileCode = compileCode;
  pf.executionError = executionError;
})(globalThis.__pf);
