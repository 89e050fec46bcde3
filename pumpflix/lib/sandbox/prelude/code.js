// Runs Code nodes: `pumpflix.runCode`.
"use strict";

((pf) => {
  const { ApplicationError, ExpressionError, describe } = pf.errors;
  const { allItems, oneItem, functionItems, functionItem } = pf.codeOutput;

  /** Names that only some kinds of Code node have. */
  function namesOfKind(call, legacy, isEach, index) {
    const item = call.items[index];
    const getNodeParameter = (name) => call.context(0).parametersOf(call.data.node?.name)[name];
    if (legacy === "function") return { items: call.items, getNodeParameter };
    if (legacy === "functionItem") {
      const setBinary = (binary) => (item.binary = binary);
      const binary = {
        getBinaryData: () => item.binary,
        setBinaryData: setBinary,
        getBinaryDataAsync: async () => item.binary,
        setBinaryDataAsync: async (data) => setBinary(data),
      };
      return { item: item?.json, index, getNodeParameter, ...binary };
    }
    return isEach ? { item } : { items: call.items };
  }

  class CodeRun {
    constructor(header, data) {
      this.call = new pf.Call(header, data);
      this.header = header;
      this.log = new pf.ConsoleLog();
      this.isEach = header.mode === "runOnceForEachItem" || header.legacy === "functionItem";
      this.shared = pf.codeScope.runScope(this.call, this);
    }

    /** What the code returns for one item, or for all (index 0). */
    invoke(index) {
      const context = this.call.context(index);
      const special = namesOfKind(this.call, this.header.legacy, this.isEach, index);
      const { parameters, run } = this.compile(special);
      const values = parameters.map((name) => this.read(name, special, context));
      return run.apply(pf.codeScope.selfFor(this.call, this.shared, context), values);
    }

    /** The same for every item: items differ in values, not in names. */
    compile(special) {
      if (this.compiled) return this.compiled;
      const { additionalKeys } = this.call;
      const names = () => [pf.codeGlobals, this.shared.names, special, additionalKeys].flatMap(Object.keys);
      const kind = [this.header.legacy, this.isEach, ...Object.keys(additionalKeys)].join();
      this.compiled = pf.compileCode(this.header.code, kind, () => new Set([...names(), ...pf.globals.dynamic.keys()]));
      return this.compiled;
    }

    read(name, special, context) {
      for (const names of [special, this.shared.names, pf.codeGlobals]) if (pf.own(names, name)) return names[name];
      return context.read(name);
    }

    failure(thrown, itemIndex) {
      const isOurs = thrown instanceof ApplicationError && !(thrown instanceof ExpressionError);
      return isOurs ? describe(thrown) : pf.executionError(thrown, itemIndex, this.header.code);
    }

    ofAll(returned) {
      if (this.header.raw) return returned;
      return this.header.legacy === "function" ? functionItems(returned) : allItems(returned);
    }

    async one(index) {
      this.log.item = index;
      const returned = await this.invoke(index);
      if (this.header.legacy !== "functionItem") return oneItem(returned, index);
      return functionItem(returned, index, this.call.items[index].binary);
    }

    async each() {
      const entries = [];
      for (const index of this.header.itemIndexes ?? this.call.items.keys()) {
        try {
          const output = await this.one(index);
          if (output !== null) entries.push({ item: index, output });
        } catch (thrown) {
          entries.push({ item: index, error: this.failure(thrown, index) });
          if (!this.header.continueOnFail) break;
        }
      }
      return entries;
    }

    /** JSON text at once where the code waits for nothing, else a promise of it. */
    finish() {
      if (this.isEach) return this.reportOf(() => this.each());
      try {
        const returned = this.invoke(0);
        if (typeof returned?.then === "function") return this.reportOf(async () => this.ofAll(await returned));
        return this.report("output", this.ofAll(returned));
      } catch (thrown) {
        return this.reportFailure(this.failure(thrown));
      }
    }

    async reportOf(output) {
      try {
        return this.report("output", await output());
      } catch (thrown) {
        return this.reportFailure(this.failure(thrown));
      }
    }

    /** Static data that cannot be written (a `toJSON` that throws, nesting without end) is left out. */
    reportFailure(error) {
      try {
        return this.report("error", error);
      } catch {
        this.staticData = undefined;
        return this.report("error", error);
      }
    }

    report(key, value) {
      const typed = this.header.typed === true && key === "output";
      const parts = [
        `"${key}":${pf.values.toJson(value, typed) ?? "null"}`,
        `"console":${pf.values.toJson(this.log.entries)}`,
      ];
      if (this.staticData) parts.push(`"staticData":${pf.values.toJson(this.staticData)}`);
      if (this.call.custom.isChanged) parts.push(`"customData":${pf.values.toJson(this.call.custom.values)}`);
      return `{${parts.join(",")}}`;
    }
  }

  /** JSON text, or a promise of it: `{output | error, console, staticData?, customData?}`. */
  function runCode(headerText, dataText) {
    const header = pf.saved.parse(headerText);
    pf.clock.startCall(header);
    pf.hashing.startCall(header.entropy);
    return new CodeRun(header, pf.saved.parse(dataText)).finish();
  }

  pf.runCode = runCode;
})(globalThis.__pf);
