/* The smallest world the sandbox can serve: templates are bare JavaScript, code is the body of an async function. */
(() => {
  const host = globalThis.__host;
  const AsyncFunction = (async () => {}).constructor;
  const { parse, stringify } = JSON;

  function evaluate(header, data) {
    const items = parse(data);
    const results = parse(header).templates.map((template) => {
      try {
        const value = new Function("data", `return (${template});`)(items);
        return value === undefined ? { u: 1 } : { v: value };
      } catch (error) {
        return { e: { type: error.name, message: error.message } };
      }
    });
    return stringify({ results });
  }

  async function runCode(header, data) {
    try {
      const run = new AsyncFunction("host", "data", "header", parse(header).code);
      return stringify({ output: await run(host, parse(data), parse(header)) });
    } catch (error) {
      return stringify({ error: { type: error.name, message: error.message, description: error.description } });
    }
  }

  globalThis.pumpflix = { evaluate, runCode };
})();
