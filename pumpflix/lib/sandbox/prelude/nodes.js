// What an expression sees of other nodes: `$('X')`, `$node["X"]`, `$items("X")`.
"use strict";

((pf) => {
  const { ExpressionError, fromEngine } = pf.errors;

  function noData(context) {
    return new ExpressionError("No execution data available", {
      context: { type: "no_execution_data", runIndex: context.call.data.runIndex ?? 0, itemIndex: context.index },
    });
  }

  /** The entry of a node in the scope; throws where the workflow has no such node. */
  function entry(call, name) {
    const { nodes = {}, knownNodes = Object.keys(nodes) } = call.data;
    if (!knownNodes.includes(name) && !pf.own(nodes, name)) {
      throw new ExpressionError("Referenced node doesn't exist", {
        nodeCause: name,
        description: `The node '${name}' doesn't exist, but it's used in an expression here.`,
      });
    }
    return pf.own(nodes, name) ? nodes[name] : {};
  }

  const isExecuted = (node) => node.executed ?? Boolean(node.runs?.length);

  function expectExecuted(node, name) {
    if (isExecuted(node)) return;
    throw new ExpressionError(`Node '${name}' hasn't been executed`, {
      nodeCause: name,
      description:
        "An expression references this node, but the node is unexecuted. Consider re-wiring your nodes or checking " +
        `for execution first, i.e. {{ $if( $("${name}").isExecuted, <action_if_executed>, "") }}`,
      context: { type: "no_execution_data" },
    });
  }

  /** The outputs of one run, the last one unless told. */
  function outputsOf(node, name, run) {
    const runs = node.runs ?? [];
    const runIndex = (run ?? -1) === -1 ? runs.length - 1 : run;
    if (runIndex < 0 || runIndex >= runs.length) {
      throw new ExpressionError(`Run ${runIndex} of node "${name}" not found`, { nodeCause: name });
    }
    return runs[runIndex] ?? [];
  }

  /** Items of one output of one run; the last run and the output that leads here unless told. */
  function items(call, name, output, run) {
    const node = entry(call, name);
    expectExecuted(node, name);
    const outputs = outputsOf(node, name, run);
    const outputIndex = output ?? node.defaultOutput ?? 0;
    if (outputIndex > 0 && outputIndex >= outputs.length) {
      throw new ExpressionError(`Node "${name}" has no branch with index ${outputIndex}.`, { nodeCause: name });
    }
    return outputs[outputIndex] ?? [];
  }

  function paired(context, name, index) {
    const node = entry(context.call, name);
    const pairs = node.pairs;
    if (!pairs) return context.call.view(items(context.call, name)[index]);
    const pair = pairs[index];
    if (!pair) {
      if (context.call.items[index] === undefined) {
        throw new ExpressionError("Can't get data for expression", {
          nodeCause: name,
          description: `There is no input item with index ${index}.`,
        });
      }
      return undefined;
    }
    if (pair.error) throw fromEngine(pair.error);
    if (pf.own(pair, "value")) return context.call.view(pair.value);
    return context.call.view(items(context.call, name, pair.output ?? 0, pair.run)[pair.item]);
  }

  /** `$('X')`. */
  class NodeReference {
    #context;
    #name;

    constructor(context, name) {
      this.#context = context;
      this.#name = name;
      entry(context.call, name);
    }

    get isExecuted() {
      return isExecuted(entry(this.#context.call, this.#name));
    }

    get params() {
      return this.#context.parametersOf(this.#name);
    }

    get context() {
      return this.#context.call.view(entry(this.#context.call, this.#name).context ?? {});
    }

    get item() {
      return this.pairedItem();
    }

    #items(output, run) {
      return items(this.#context.call, this.#name, output, run);
    }

    all(output, run) {
      return this.#context.call.view(this.#items(output, run));
    }

    first(output, run) {
      return this.#context.call.view(this.#items(output, run)[0]);
    }

    last(output, run) {
      return this.#context.call.view(this.#items(output, run).at(-1));
    }

    pairedItem(index = this.#context.index) {
      expectExecuted(entry(this.#context.call, this.#name), this.#name);
      return paired(this.#context, this.#name, index);
    }

    itemMatching(index) {
      if (index === undefined) throw new ExpressionError("Missing item index for .itemMatching()");
      return this.pairedItem(index);
    }
  }

  /** `$node["X"]`, the older way to refer to a node: the item with the current index of its last run. */
  class OldNodeReference {
    #context;
    #name;

    constructor(context, name) {
      this.#context = context;
      this.#name = name;
      entry(context.call, name);
    }

    #item() {
      const list = items(this.#context.call, this.#name);
      if (list.length === 0) throw noData(this.#context);
      const item = list[Math.max(this.#context.index, 0)];
      if (item) return this.#context.call.view(item);
      throw new ExpressionError(`No data found for item-index: "${this.#context.index}"`, { nodeCause: this.#name });
    }

    get json() {
      return this.#item().json;
    }

    get data() {
      return this.json;
    }

    get binary() {
      return this.#item().binary ?? {};
    }

    get parameter() {
      return this.#context.parametersOf(this.#name);
    }

    get context() {
      return this.#context.call.view(entry(this.#context.call, this.#name).context ?? {});
    }

    get runIndex() {
      return (entry(this.#context.call, this.#name).runs?.length ?? 0) - 1;
    }
  }

  pf.nodes = Object.freeze({ entry, items, noData, NodeReference, OldNodeReference });
})(globalThis.__pf);
