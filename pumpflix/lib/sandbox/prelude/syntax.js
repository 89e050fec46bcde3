// Facts about JavaScript syntax trees (ESTree, from acorn) that rewriting needs.
"use strict";

((pf) => {
  const parseOptions = { ecmaVersion: "latest", sourceType: "script", preserveParens: true };

  const isNode = (value) => pf.isObject(value) && typeof value.type === "string";

  /** Child nodes in the order of their place in the source. */
  function childrenOf(node) {
    const children = [];
    for (const key of Object.keys(node)) {
      const value = node[key];
      if (Array.isArray(value)) children.push(...value.filter(isNode));
      else if (isNode(value)) children.push(value);
    }
    return children.sort((a, b) => a.start - b.start || a.end - b.end);
  }

  function walk(node, visit) {
    visit(node);
    for (const child of childrenOf(node)) walk(child, visit);
  }

  /** Line breaks inside quoted strings become `\n`, which n8n allows and JavaScript does not. */
  function joinBrokenStrings(code) {
    const literal = /"(?:\\[^]|[^"\\])*"|'(?:\\[^]|[^'\\])*'|`(?:\\[^]|[^`\\])*`/g;
    return code.replace(literal, (text) => (text[0] === "`" ? text : text.replace(/\r?\n/g, "\\n")));
  }

  function parseProgram(source) {
    const program = pf.acorn.parse(source, parseOptions);
    if (program.body.length !== 1 || program.body[0].type !== "ExpressionStatement") {
      throw new SyntaxError("One expression is expected");
    }
    return { source, node: program.body[0].expression };
  }

  const attempts = [
    (code) => `(${code}\n)`,
    (code) => code,
    (code) => `(${joinBrokenStrings(code)}\n)`,
    joinBrokenStrings,
  ];

  /** `{source, node}` of one block; throws SyntaxError where it is not one expression (a `;` may follow). */
  function parseExpression(code) {
    let first;
    for (const wrap of attempts) {
      try {
        return parseProgram(wrap(code));
      } catch (error) {
        if (!(error instanceof SyntaxError)) throw error;
        first ??= error;
      }
    }
    throw first;
  }

  /** Syntax tree of a function body, where `return` and `await` are allowed. */
  function parseBody(code) {
    return pf.acorn.parse(code, { ...parseOptions, allowReturnOutsideFunction: true, allowAwaitOutsideFunction: true });
  }

  pf.syntax = Object.freeze({ parseExpression, parseBody, childrenOf, walk });
})(globalThis.__pf);
