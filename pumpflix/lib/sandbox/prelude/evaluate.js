// Evaluates templates for items: `pumpflix.evaluate`.
"use strict";

((pf) => {
  const { ApplicationError, describe } = pf.errors;

  /** Only errors about expressions surface; any other makes the block undefined, as in n8n. */
  function runBlock(block, scope) {
    try {
      return block.run(block.names.map((name) => scope.read(name)));
    } catch (error) {
      if (error instanceof ApplicationError) throw error;
      return undefined;
    }
  }

  /** Value of one template for one item; throws ApplicationError and its kin. */
  function valueOf(template, context) {
    const { isLone, refused, steps, mutates } = pf.compile(template);
    if (refused) throw refused;
    const scope = context.scope(mutates);
    if (isLone) return runBlock(steps[1], scope);
    let text = "";
    for (const step of steps) text += step.text ?? pf.template.render(runBlock(step, scope));
    return text;
  }

  function refuseFunction(value) {
    if (value === pf.luxon.DateTime) throw new ApplicationError("this is a DateTime, please access its methods");
    throw new ApplicationError("this is a function, please add ()");
  }

  function resultOf(template, context, isTyped) {
    try {
      const value = valueOf(template, context);
      if (value === undefined) return '{"u":1}';
      if (typeof value === "function" && !isTyped) refuseFunction(value);
      const json = pf.values.toJson(value, isTyped);
      return json === undefined ? '{"u":1}' : `{"v":${json}}`;
    } catch (error) {
      return pf.saved.stringify({ e: describe(error) });
    }
  }

  function everyPair(templates, itemCount) {
    const pairs = [];
    for (let item = 0; item < itemCount; item++) {
      for (let template = 0; template < templates.length; template++) pairs.push([template, item]);
    }
    return pairs;
  }

  /** JSON text `{"results": [...], "console": []}`, one result for each wanted pair, in their order. */
  function evaluate(headerText, dataText) {
    const header = pf.saved.parse(headerText);
    const data = pf.saved.parse(dataText);
    pf.clock.startCall(header);
    const call = new pf.Call(header, data);
    const wanted = header.wanted === "all" ? everyPair(header.templates, call.items.length) : header.wanted;
    const results = wanted.map(([template, item]) => {
      return resultOf(header.templates[template], call.context(item), header.typed === true);
    });
    return `{"results":[${results.join(",")}],"console":[]}`;
  }

  pf.valueOf = valueOf;
  pf.evaluate = evaluate;
})(globalThis.__pf);
