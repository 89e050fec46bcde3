// The names that expressions can read: those of the workflow (dynamic: made for each item) and those of the language.
"use strict";

((pf) => {
  const { DateTime, Duration, Interval } = pf.luxon;
  const { ExpressionError } = pf.errors;
  const { nodes } = pf;

  function nodeReference(context) {
    return function $(name) {
      if (!name) throw new ExpressionError("When calling $(), please specify a node");
      return new nodes.NodeReference(context, name);
    };
  }

  /** `$node`: an object whose every member is a node. */
  function oldNodes(context) {
    return new Proxy(Object.freeze({}), {
      get: (_, name) => (typeof name === "string" ? new nodes.OldNodeReference(context, name) : undefined),
      has: (_, name) => (context.call.data.knownNodes ?? []).includes(name),
    });
  }

  /** `$items()` is the input, of which a previous node that runs once counts with one item; `$items("X")` X's output. */
  function oldItems({ call }) {
    const previous = call.data.nodes?.[call.data.prevNode?.name];
    const input = previous?.executeOnce ? call.items.slice(0, 1) : call.items;
    return function $items(name, output, run) {
      return call.view(name === undefined ? input : nodes.items(call, name, output ?? 0, run));
    };
  }

  /** `$item(i)`: everything as the item with that index sees it. */
  function otherItem(context) {
    return function $item(index) {
      const other = new pf.Context(context.call, index, context.nodeName);
      return new Proxy(Object.freeze({}), {
        get: (_, name) => (typeof name === "string" ? other.read(name) : undefined),
      });
    };
  }

  function environment({ call }) {
    if (!call.data.envBlocked) return { ...call.data.env };
    return new Proxy(Object.freeze({}), {
      get() {
        throw new ExpressionError("access to env vars denied", {
          description: "Expressions and code of this installation cannot read environment variables.",
        });
      },
      has: () => true,
    });
  }

  function execution({ call }) {
    return { ...call.data.execution, customData: pf.customData(call) };
  }

  function fromAi(context) {
    return function $fromAI(name, _description, _type, fallback) {
      if (!name) throw new ExpressionError("Add a key, e.g. $fromAI('placeholder_name')");
      if (!/^[\w-]{1,64}$/.test(name)) {
        throw new ExpressionError(
          "Invalid parameter key, must be between 1 and 64 characters long and only contain lowercase letters, " +
            "uppercase letters, numbers, underscores, and hyphens",
        );
      }
      const input = context.call.data.aiInput;
      if (!input) throw nodes.noData(context);
      const asked = pf.isObject(input.query) && pf.own(input.query, name) ? input.query[name] : undefined;
      return asked ?? (pf.own(input, name) ? input[name] : undefined) ?? fallback;
    };
  }

  const currentNode = (context) => context.call.data.node ?? {};

  const dynamic = new Map(
    Object.entries({
      $: nodeReference,
      $agentInfo: ({ call }) => call.view(call.data.agentInfo),
      $binary: (context) => context.part("binary", {}),
      $data: (context) => context.part("json"),
      $env: environment,
      $execution: execution,
      $executionId: ({ call }) => call.data.execution?.id,
      $fromAI: fromAi,
      $fromAi: fromAi,
      $fromai: fromAi,
      $getPairedItem: (context) => (name, index) => new nodes.NodeReference(context, name).pairedItem(index),
      $input: (context) => new pf.Input(context),
      $item: otherItem,
      $itemIndex: ({ index }) => index,
      $items: oldItems,
      $json: (context) => context.part("json"),
      $mode: ({ call }) => call.data.mode,
      $node: oldNodes,
      $nodeId: (context) => currentNode(context).id,
      $nodeVersion: (context) => currentNode(context).typeVersion,
      $now: () => DateTime.now(),
      $parameter: (context) => context.parametersOf(context.nodeName),
      $position: ({ index }) => index,
      $prevNode: ({ call }) => call.view(call.data.prevNode ?? {}),
      $rawParameter: (context) => context.parametersOf(context.nodeName, true),
      $resumeWebhookUrl: ({ call }) => call.data.execution?.resumeUrl,
      $runIndex: ({ call }) => call.data.runIndex ?? 0,
      $self: ({ call }) => call.view(call.data.context ?? {}),
      $thisItem: (context) => context.item,
      $thisItemIndex: ({ index }) => index,
      $thisRunIndex: ({ call }) => call.data.runIndex ?? 0,
      $today: () => DateTime.now().startOf("day"),
      $vars: ({ call }) => call.view(call.data.vars ?? {}),
      $webhookId: (context) => currentNode(context).webhookId ?? undefined,
      $workflow: ({ call }) => call.view(call.data.workflow ?? {}),
    }),
  );

  const languageNames =
    "Date Object Array Int8Array Uint8Array Uint8ClampedArray Int16Array Uint16Array Int32Array Uint32Array " +
    "Float32Array Float64Array BigInt64Array BigUint64Array Map WeakMap Set WeakSet Error AggregateError TypeError " +
    "SyntaxError EvalError RangeError ReferenceError URIError Intl String RegExp Math Number BigInt Infinity NaN " +
    "isFinite isNaN parseFloat parseInt JSON ArrayBuffer DataView encodeURI encodeURIComponent decodeURI " +
    "decodeURIComponent Boolean Symbol";
  // Present, but empty: as in n8n, code that probes for them finds an object that can do nothing.
  const emptiedNames =
    "document global window Window this globalThis self alert prompt confirm eval uneval setTimeout setInterval " +
    "setImmediate Function fetch XMLHttpRequest Promise Generator GeneratorFunction AsyncFunction AsyncGenerator " +
    "AsyncGeneratorFunction WebAssembly Reflect Proxy escape unescape Atomics";

  const fixed = new Map(languageNames.split(" ").map((name) => [name, globalThis[name]]));
  for (const name of emptiedNames.split(" ")) fixed.set(name, Object.freeze({}));
  fixed.set("SharedArrayBuffer", class SharedArrayBuffer {});
  for (const [name, value] of Object.entries({ DateTime, Duration, Interval, ...pf.functions })) fixed.set(name, value);

  pf.globals = Object.freeze({ dynamic, fixed });
})(globalThis.__pf);
