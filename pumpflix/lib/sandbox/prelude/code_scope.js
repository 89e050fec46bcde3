// What a Code node's code can read besides the language: the names of expressions, Node.js's, and n8n's helpers.
"use strict";

((pf) => {
  const { Buffer, bytes } = pf;

  /** A reply of the host with the bytes it carries turned into a Buffer. */
  function withBuffers(reply) {
    if (!pf.isObject(reply)) return reply;
    if (typeof reply.$buffer === "string") return Buffer.from(reply.$buffer, "base64");
    return pf.isObject(reply.body) ? { ...reply, body: withBuffers(reply.body) } : reply;
  }

  const ask = async (name, ...args) => withBuffers(await pf.host.call(name, args));

  const fileExtension = (fileName) => /\.([^./\\]+)$/.exec(fileName ?? "")?.[1];

  function prepareBinaryData(data, fileName = undefined, mimeType = "application/octet-stream") {
    const buffer = Buffer.from(data);
    const size = { fileSize: `${buffer.length} B`, bytes: buffer.length };
    return { data: bytes.toBase64(buffer), mimeType, fileName, fileExtension: fileExtension(fileName), ...size };
  }

  function helpersFor(call) {
    return {
      ...pf.itemHelpers,
      assertBinaryData: (index, name) => call.items[index]?.binary?.[name],
      getBinaryDataBuffer: async (index, name) => {
        const reply = await ask("getBinaryDataBuffer", index, name);
        return pf.isObject(reply) && typeof reply.base64 === "string" ? Buffer.from(reply.base64, "base64") : reply;
      },
      httpRequest: (options) => ask("httpRequest", options),
      httpRequestWithAuthentication: (type, options) => ask("httpRequestWithAuthentication", type, options),
      prepareBinaryData: async (...args) => prepareBinaryData(...args),
      request: (options) => ask("request", typeof options === "string" ? { uri: options } : options),
    };
  }

  /** `$getWorkflowStaticData`: what it hands out is kept after the run, once somebody asked. */
  function staticDataFor(state, call) {
    return (type = "global") => {
      if (type !== "global" && type !== "node") {
        throw new Error(`The context type "${type}" is not known. Known types are: "global", "node"`);
      }
      if (call.data.staticData === null) {
        throw new Error("Static data was not fetched for this code. Write $getWorkflowStaticData out in it.");
      }
      state.staticData ??= { global: {}, node: {}, ...call.data.staticData };
      return state.staticData[type];
    };
  }

  const fixed = {
    ...pf.webGlobals,
    Buffer,
    URL: pf.URL,
    crypto: { ...pf.webCrypto.webcrypto },
    eval: (text) => pf.saved.eval(text),
    global: Object.freeze({}),
    structuredClone: (value) => pf.lodash.cloneDeep(value),
  };
  for (const [name, value] of pf.globals.fixed) {
    if (name.startsWith("$") || pf.luxon[name] === value) fixed[name] = value;
  }

  /** Everything that one run of a node shares over its items. */
  function runScope(call, state) {
    const helpers = helpersFor(call);
    const getWorkflowStaticData = staticDataFor(state, call);
    const names = {
      ...pf.timersFor(),
      $getWorkflowStaticData: getWorkflowStaticData,
      $helpers: helpers,
      console: pf.consoleFor(state.log),
      getWorkflowStaticData,
      helpers,
      module: { exports: {} },
      require: pf.makeRequire(call.header.modules),
    };
    return { names, helpers, getWorkflowStaticData };
  }

  /** What `this` is in the code: the functions that n8n's older nodes offered there. */
  function selfFor(call, shared, context) {
    return {
      getExecutionId: () => call.data.execution?.id,
      getInputData: () => call.items,
      getMode: () => call.data.mode,
      getNode: () => call.data.node,
      getNodeParameter: (name) => context.parametersOf(context.nodeName)[name],
      getTimezone: () => call.header.timezone,
      getWorkflow: () => call.data.workflow ?? {},
      getWorkflowStaticData: shared.getWorkflowStaticData,
      helpers: shared.helpers,
    };
  }

  pf.codeGlobals = fixed;
  pf.codeScope = Object.freeze({ runScope, selfFor });
})(globalThis.__pf);
