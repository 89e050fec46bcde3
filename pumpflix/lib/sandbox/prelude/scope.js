// One call's data (Call), seen from one item (Context): the names an expression can read.
"use strict";

((pf) => {
  const { ExpressionError } = pf.errors;

  /** `$input`. */
  class Input {
    #context;

    constructor(context) {
      this.#context = context;
    }

    #items() {
      const { items, isLenient } = this.#context.call;
      if (items.length === 0 && !isLenient) throw pf.nodes.noData(this.#context);
      return items;
    }

    #previous() {
      const name = this.#context.call.data.prevNode?.name;
      if (name === undefined) throw new ExpressionError("The node has no previous node");
      return name;
    }

    get item() {
      this.#items();
      return this.#context.item;
    }

    get params() {
      return this.#context.parametersOf(this.#previous());
    }

    get context() {
      return this.#context.call.view(pf.nodes.entry(this.#context.call, this.#previous()).context ?? {});
    }

    all(...args) {
      return this.#context.call.view(this.#list("all", args));
    }

    first(...args) {
      return this.#context.call.view(this.#list("first", args)[0]);
    }

    last(...args) {
      return this.#context.call.view(this.#list("last", args).at(-1));
    }

    #list(method, args) {
      if (args.length > 0) throw new ExpressionError(`$input.${method}() should have no arguments`);
      return this.#items();
    }
  }

  class Call {
    constructor(header, data, view = (value) => value) {
      this.header = header;
      this.data = data;
      this.view = view;
      this.items = data.items ?? [];
      this.isLenient = data.missing === "undefined" || header.kind === "code";
      this.contexts = new Map();
      this.custom = { values: { ...data.execution?.customData }, isChanged: false };
      this.additionalKeys = data.additionalKeys ?? {};
    }

    context(index) {
      if (!this.contexts.has(index)) this.contexts.set(index, new Context(this, index, this.data.node?.name));
      return this.contexts.get(index);
    }

    /** A call with the same data; changes of what it hands out (through `view`) stay with it. */
    copy() {
      const copy = new Call(this.header, this.data, pf.copyOnWrite());
      copy.custom = this.custom;
      return copy;
    }
  }

  /** A call seen from one item; `nodeName` is the node whose parameters are being evaluated. */
  class Context {
    constructor(call, index, nodeName) {
      this.call = call;
      this.index = index;
      this.nodeName = nodeName;
      this.values = new Map();
    }

    /** The scope for one evaluation; one that may change data gets its own copy of it. */
    scope(mutates) {
      return mutates ? new Context(this.call.copy(), this.index, this.nodeName) : this;
    }

    get item() {
      return this.call.view(this.call.items[Math.max(this.index, 0)]);
    }

    /** `json` or `binary` of the current item. */
    part(name, fallback) {
      const { item } = this;
      if (item !== undefined) return item[name] ?? fallback;
      if (this.call.isLenient) return undefined;
      throw pf.nodes.noData(this);
    }

    parametersOf(name, isRaw = false) {
      const { node } = this.call.data;
      const isCurrent = name === node?.name;
      const raw = (isCurrent ? node.parameters : pf.nodes.entry(this.call, name).parameters) ?? {};
      const context = isRaw ? undefined : new Context(this.call, this.index, name);
      const view = pf.parameters.view(raw, context);
      return isCurrent ? pf.parameters.withSiblings(view, this.call.data.siblingParameters, context) : view;
    }

    /** The value of a name; unknown ones are undefined. */
    read(name) {
      if (this.values.has(name)) return this.values.get(name);
      const value = this.lookUp(name);
      this.values.set(name, value);
      return value;
    }

    lookUp(name) {
      if (pf.own(this.call.additionalKeys, name)) return this.call.view(this.call.additionalKeys[name]);
      const make = pf.globals.dynamic.get(name);
      return make ? make(this) : pf.globals.fixed.get(name);
    }
  }

  pf.Input = Input;
  pf.Call = Call;
  pf.Context = Context;
})(globalThis.__pf);
