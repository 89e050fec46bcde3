// xml2js asks for this module; its asynchronous mode is not used.
export const setImmediate = (work) => Promise.resolve().then(work);
