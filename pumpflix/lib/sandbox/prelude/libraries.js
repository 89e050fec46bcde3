// Takes out of luxon and lodash what one run could leave behind for the next, and gives classes their names back.
"use strict";

((pf) => {
  const { luxon, lodash } = pf;
  const { freeze } = Object;
  let lastUniqueId = 0;

  // The bundle shortens class names; authors read them.
  for (const [name, value] of Object.entries(luxon)) {
    if (typeof value === "function") Object.defineProperty(value, "name", { value: name });
  }

  /** Zones are made once and handed out again and again. */
  function freezeSharedZones() {
    const { FixedOffsetZone, IANAZone, SystemZone } = luxon;
    const { create } = IANAZone;
    pf.hide(IANAZone, "create", function createFrozen(name) {
      return freeze(create.call(IANAZone, name));
    });
    freeze(FixedOffsetZone.utcInstance);
    freeze(SystemZone.instance);
  }

  freezeSharedZones();
  pf.hide(lodash, "uniqueId", function uniqueId(prefix = "") {
    lastUniqueId += 1;
    return `${prefix}${lastUniqueId}`;
  });

  function startCall() {
    lastUniqueId = 0;
  }

  /** An object that lodash lends to callbacks. */
  function lentStack() {
    let lent = null;
    lodash.cloneDeepWith({ member: {} }, (_value, _key, _object, stack) => {
      lent ??= stack;
    });
    return lent;
  }

  /** Instances of the classes that no export leads to: what can be reached from them is frozen with the rest. */
  function samples() {
    const { DateTime, Duration, Interval } = luxon;
    const moment = DateTime.fromMillis(0, { locale: "en" });
    const { loc } = moment;
    const moments = [moment, DateTime.fromMillis(0, { zone: "No/Where" }), DateTime.invalid("sample"), DateTime.now()];
    const spans = [Duration.fromMillis(1), Interval.after(moment, 1)];
    const formatters = [loc.numberFormatter({}), loc.dtFormatter(moment, {}), loc.relFormatter({})];
    const wrappers = [
      lodash([1]),
      lodash([1]).map((value) => value),
      lodash.chain([1]),
      new lodash.memoize.Cache(),
      lentStack(),
    ];
    return [...moments, ...spans, ...formatters, ...wrappers];
  }

  pf.libraries = freeze({ startCall, samples });
})(globalThis.__pf);
