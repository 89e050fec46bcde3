// The console of a Code node: what it prints goes to the run's log, up to a limit.
"use strict";

((pf) => {
  const mostEntries = 1000;
  const longestEntry = 8192;
  const mostCharacters = 65536;

  class ConsoleLog {
    #entries = [];
    #room = mostCharacters;
    #isFull = false;

    constructor() {
      this.item = undefined;
    }

    get entries() {
      return this.#entries;
    }

    add(level, args) {
      if (this.#isFull) return;
      if (this.#entries.length >= mostEntries || this.#room <= 0) {
        this.#isFull = true;
        this.#push(
          "warn",
          `The console output ends here: more than ${mostEntries} lines or ${mostCharacters} characters.`,
        );
        return;
      }
      const text = pf.util.format(...args);
      const cut = text.length > longestEntry ? `${text.slice(0, longestEntry)}…` : text;
      this.#room -= cut.length;
      this.#push(level, cut);
    }

    #push(level, text) {
      this.#entries.push(this.item === undefined ? { level, text } : { level, text, item: this.item });
    }
  }

  const levels = {
    log: "log",
    info: "info",
    warn: "warn",
    error: "error",
    debug: "debug",
    trace: "debug",
    dir: "log",
    table: "log",
    group: "log",
    groupCollapsed: "log",
  };

  /** The `console` object that writes into a log. */
  function consoleFor(log) {
    const console = {};
    for (const [method, level] of Object.entries(levels)) console[method] = (...args) => log.add(level, args);
    console.assert = (condition, ...args) => condition || log.add("error", ["Assertion failed", ...args]);
    for (const method of ["groupEnd", "time", "timeEnd", "timeLog", "count", "clear"])
      console[method] = () => undefined;
    return console;
  }

  pf.ConsoleLog = ConsoleLog;
  pf.consoleFor = consoleFor;
})(globalThis.__pf);
