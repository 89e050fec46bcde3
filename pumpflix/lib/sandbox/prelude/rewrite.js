// Rewrites one expression: calls of data transformation functions go to the helper's `extend` (so that they work on missing
// values and never shadow data), member names pass the guard, and every name read becomes a parameter.
"use strict";

((pf) => {
  const { childrenOf } = pf.syntax;
  const { ExpressionError } = pf.errors;
  const helper = "__pf$";
  const forbiddenNames = new Set(["constructor", "__proto__", "prototype", "getPrototypeOf"]);
  // Names that may not be parameters of a strict function.
  const unnameable = new Set(["eval", "arguments"]);
  const mutators = new Set(
    (
      "push pop shift unshift splice sort reverse fill copyWithin assign set delete clear add defineProperty " +
      "defineProperties setPrototypeOf call apply"
    ).split(" "),
  );

  function refuse(name) {
    throw new ExpressionError(`Cannot access "${name}" due to security concerns`);
  }

  /** The key as it will be used, read once: an object's toString cannot answer differently the second time. */
  function guardKey(key) {
    const name = typeof key === "symbol" ? key : String(key);
    if (forbiddenNames.has(name)) refuse(name);
    return name;
  }

  function constantName(member) {
    if (!member.computed) return member.property.type === "Identifier" ? member.property.name : null;
    return member.property.type === "Literal" ? String(member.property.value) : null;
  }

  const fixedKey = (key) => key.name ?? String(key.value);

  const needsNoGuard = (node) => node.type === "Literal" && typeof node.value === "number";

  class Rewriter {
    constructor(source) {
      this.source = source;
      this.names = new Set();
      this.temporaries = 0;
      this.mutates = false;
      this.functions = 0;
    }

    /** Source text of a node, rewritten. */
    text(node) {
      const special = this[node.type];
      return special ? special.call(this, node) : this.plain(node);
    }

    /** The node's own text around its rewritten children. */
    plain(node) {
      let text = "";
      let position = node.start;
      for (const child of childrenOf(node)) {
        if (child.start < position) continue; // a shorthand `{a}` has its name twice at one place
        text += this.source.slice(position, child.start) + this.text(child);
        position = child.end;
      }
      return text + this.source.slice(position, node.end);
    }

    Identifier(node) {
      if (forbiddenNames.has(node.name)) refuse(node.name);
      if (node.name === "arguments") return this.functions ? node.name : "undefined";
      if (unnameable.has(node.name)) return `${helper}.${node.name}`;
      this.names.add(node.name);
      return node.name;
    }

    inFunction(node) {
      this.functions += 1;
      const text = this.plain(node);
      this.functions -= 1;
      return text;
    }

    FunctionExpression(node) {
      return this.inFunction(node);
    }

    FunctionDeclaration(node) {
      return this.inFunction(node);
    }

    Property(node) {
      return this.keyed(node);
    }

    MethodDefinition(node) {
      return this.keyed(node);
    }

    PropertyDefinition(node) {
      return this.keyed(node);
    }

    /** A pattern reads members, so its names are guarded as those of a member expression. */
    ObjectPattern(node) {
      for (const { key, computed } of node.properties) {
        if (key && !computed && forbiddenNames.has(fixedKey(key))) refuse(fixedKey(key));
      }
      return this.plain(node);
    }

    /** `name: value` of a literal, a pattern or a class: a fixed name is no reference, a computed one is guarded. */
    keyed(node) {
      if (node.shorthand) return this.shorthand(node, fixedKey(node.key));
      let head = this.source.slice(node.start, node.computed ? node.key.start : node.key.end);
      if (node.computed) head += `${helper}.key(${this.text(node.key)})`;
      if (!node.value) return head + this.source.slice(node.key.end, node.end);
      return head + this.source.slice(node.key.end, node.value.start) + this.text(node.value);
    }

    shorthand(node, name) {
      return node.value.type === "Identifier" ? `${name}: ${this.text(node.value)}` : this.text(node.value);
    }

    LabeledStatement(node) {
      return this.source.slice(node.start, node.body.start) + this.text(node.body);
    }

    BreakStatement(node) {
      return this.source.slice(node.start, node.end);
    }

    ContinueStatement(node) {
      return this.source.slice(node.start, node.end);
    }

    MetaProperty(node) {
      return this.source.slice(node.start, node.end);
    }

    ImportExpression() {
      throw new SyntaxError("import() is not available in expressions");
    }

    AssignmentExpression(node) {
      if (node.left.type !== "Identifier") this.mutates = true;
      return this.plain(node);
    }

    UpdateExpression(node) {
      if (node.argument.type !== "Identifier") this.mutates = true;
      return this.plain(node);
    }

    ForInStatement(node) {
      if (node.left.type === "MemberExpression") this.mutates = true;
      return this.plain(node);
    }

    ForOfStatement(node) {
      return this.ForInStatement(node);
    }

    UnaryExpression(node) {
      if (node.operator === "delete") this.mutates = true;
      return this.plain(node);
    }

    MemberExpression(node) {
      return this.text(node.object) + this.access(node, node.optional);
    }

    /** `.name` or `[key]` of a member expression, guarded; `?.` where asked for. */
    access(node, isOptional) {
      const name = constantName(node);
      if (name !== null && forbiddenNames.has(name)) refuse(name);
      if (!node.computed)
        return `${isOptional ? "?." : "."}${this.source.slice(node.property.start, node.property.end)}`;
      const key = this.text(node.property);
      return `${isOptional ? "?." : ""}[${needsNoGuard(node.property) ? key : `${helper}.key(${key})`}]`;
    }

    CallExpression(node) {
      const { callee } = node;
      if (callee.type !== "MemberExpression") return this.plain(node);
      if (mutators.has(constantName(callee) ?? "push")) this.mutates = true;
      if (!this.isExtension(node)) return this.text(callee) + this.callArguments(node, node.optional);
      return this.extension(node, this.text(callee.object));
    }

    isExtension(node) {
      return node.callee.type === "MemberExpression" && pf.extensions.names.has(constantName(node.callee));
    }

    extension(node, receiver) {
      return `${helper}.extend(${receiver}, "${constantName(node.callee)}", [${this.list(node.arguments)}])`;
    }

    list(nodes) {
      return nodes.map((node) => this.text(node)).join(", ");
    }

    callArguments(node, isOptional) {
      return `${isOptional ? "?." : ""}(${this.list(node.arguments)})`;
    }

    temporary() {
      this.temporaries += 1;
      return `${helper}${this.temporaries}`;
    }

    ChainExpression(node) {
      if (!this.extendsAfterOptional(node.expression)) return this.text(node.expression);
      const missing = [];
      const value = this.link(node.expression, missing);
      return `(${missing.join(" || ")} ? undefined : ${value})`;
    }

    /** Whether a data transformation function is called further right than some `?.` (or on it). */
    extendsAfterOptional(node) {
      const inner = node.type === "CallExpression" ? node.callee : node.object;
      if (!inner) return false;
      if (node.type === "CallExpression" && this.isExtension(node)) return this.hasOptional(node.callee);
      return this.extendsAfterOptional(inner);
    }

    hasOptional(node) {
      if (node.optional) return true;
      const inner = node.type === "CallExpression" ? node.callee : node.object;
      return Boolean(inner) && this.hasOptional(inner);
    }

    /** Spells a chain without `?.`: each `?.` becomes a test in `missing`, left to right, on a temporary. */
    link(node, missing) {
      if (node.type === "MemberExpression") {
        return this.present(node.object, node.optional, missing) + this.access(node, false);
      }
      if (node.type !== "CallExpression") return this.text(node);
      if (this.isExtension(node)) {
        return this.extension(node, this.present(node.callee.object, node.callee.optional, missing));
      }
      if (!node.optional) return this.link(node.callee, missing) + this.callArguments(node, false);
      return this.optionalCall(node, missing);
    }

    present(node, isOptional, missing) {
      const text = this.link(node, missing);
      if (!isOptional) return text;
      const held = this.temporary();
      missing.push(`(${held} = ${text}) == null`);
      return held;
    }

    /** `a.b?.(c)`, keeping `a` as the receiver. */
    optionalCall(node, missing) {
      const { callee } = node;
      const receiver = this.temporary();
      const method = this.temporary();
      if (callee.type !== "MemberExpression") {
        missing.push(`(${method} = ${this.link(callee, missing)}) == null`);
        return method + this.callArguments(node, false);
      }
      const object = this.present(callee.object, callee.optional, missing);
      missing.push(`(${receiver} = ${object}, ${method} = ${receiver}${this.access(callee, false)}) == null`);
      const rest = node.arguments.length ? `, ${this.list(node.arguments)}` : "";
      return `${method}.call(${receiver}${rest})`;
    }
  }

  /** `{text, names, temporaries, mutates}` of one block's code; throws SyntaxError or ExpressionError. */
  function rewrite(code) {
    const { source, node } = pf.syntax.parseExpression(code);
    const rewriter = new Rewriter(source);
    const text = rewriter.text(node);
    const temporaries = Array.from({ length: rewriter.temporaries }, (_, index) => `${helper}${index + 1}`);
    return { text, names: [...rewriter.names], temporaries, mutates: rewriter.mutates };
  }

  pf.rewrite = Object.freeze({ rewrite, guardKey, helper });
})(globalThis.__pf);
