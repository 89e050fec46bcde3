// Closes the prelude: freezes the realm, drops the private namespace and leaves `pumpflix` for the driver to take.
"use strict";

((pf) => {
  const { harden } = pf;
  delete globalThis.__pf;
  for (const step of harden.steps) step();

  const api = { evaluate: pf.evaluate, runCode: pf.runCode };
  const exempt = new Set(["__host", "__libs"]);
  const globals = Object.getOwnPropertyNames(globalThis).filter((name) => !exempt.has(name) && name !== "globalThis");
  const reachable = globals.map((name) => globalThis[name]);
  const ours = [...Object.values(pf), ...pf.globals.fixed.values(), ...pf.libraries.samples()];
  harden.hardenAll([...reachable, ...harden.hiddenIntrinsics(), ...ours, api]);

  globalThis.pumpflix = api;
})(globalThis.__pf);
