// setTimeout and its kin for Code nodes. The realm has no timers: the host is asked to sleep until the next one is due;
// where it refuses, time passes at once. Order is kept by a clock of our own.
"use strict";

((pf) => {
  class Timers {
    #waiting = [];
    #clock = 0;
    #lastId = 0;
    #isSleeping = false;

    add(callback, delay, args, interval = undefined) {
      this.#lastId += 1;
      const due = this.#clock + Math.max(Number(delay) || 0, 0);
      this.#waiting.push({ id: this.#lastId, due, callback, args, interval });
      this.#sleep();
      return this.#lastId;
    }

    cancel(id) {
      this.#waiting = this.#waiting.filter((timer) => timer.id !== id);
    }

    async #sleep() {
      if (this.#isSleeping) return;
      this.#isSleeping = true;
      await null; // what is set in one go is looked at together
      while (this.#waiting.length) {
        const due = Math.min(...this.#waiting.map((timer) => timer.due));
        await this.#pass(due - this.#clock);
        this.#clock = Math.max(this.#clock, due);
        this.#fireDue();
      }
      this.#isSleeping = false;
    }

    #fireDue() {
      const ready = this.#waiting.filter((timer) => timer.due <= this.#clock);
      ready.sort((first, second) => first.due - second.due);
      for (const timer of ready) {
        if (this.#waiting.includes(timer)) this.#fire(timer);
      }
    }

    async #pass(delayMs) {
      if (delayMs <= 0) return;
      try {
        await pf.host.call("sleep", [delayMs]);
      } catch {
        // A host that does not wait: the timer fires at once.
      }
    }

    #fire(timer) {
      this.cancel(timer.id);
      if (timer.interval !== undefined) {
        this.#waiting.push({ ...timer, due: this.#clock + Math.max(timer.interval, 1) });
      }
      try {
        timer.callback(...timer.args);
      } catch {
        // As for any error in a timer, nobody is left to be told.
      }
    }
  }

  /** The timer functions of one run. */
  function timersFor() {
    const timers = new Timers();
    const cancel = (id) => timers.cancel(id);
    return {
      clearImmediate: cancel,
      clearInterval: cancel,
      clearTimeout: cancel,
      queueMicrotask: (callback) => Promise.resolve().then(callback),
      setImmediate: (callback, ...args) => timers.add(callback, 0, args),
      setInterval: (callback, delay, ...args) => timers.add(callback, delay, args, Number(delay) || 0),
      setTimeout: (callback, delay, ...args) => timers.add(callback, delay, args),
    };
  }

  pf.timersFor = timersFor;
})(globalThis.__pf);
