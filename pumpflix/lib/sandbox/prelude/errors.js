// Errors that reach the author, named as n8n names them. Any other error inside `{{ }}` makes the value undefined.
"use strict";

((pf) => {
  /** A mistake in the shape of an expression: it never ran. */
  class ApplicationError extends Error {
    constructor(message, details = {}) {
      super(message);
      this.description = details.description;
      this.nodeCause = details.nodeCause;
      this.context = details.context;
    }
  }

  /** An expression that ran and found that it cannot have a value. */
  class ExpressionError extends ApplicationError {}

  /** A data transformation function called on, or with, something it cannot handle. */
  class ExpressionExtensionError extends ExpressionError {}

  /** An exception thrown by the author's code in a Code node. */
  class ExecutionError extends ApplicationError {}

  /** A Code node returned something that is no list of items. */
  class ValidationError extends ApplicationError {}
  class ReservedKeyFoundError extends ValidationError {}

  const classes = {
    ApplicationError,
    ExpressionError,
    ExpressionExtensionError,
    ExecutionError,
    ValidationError,
    ReservedKeyFoundError,
  };
  for (const [name, errorClass] of Object.entries(classes)) pf.hide(errorClass.prototype, "name", name);

  /** The text of anything that was thrown; never throws itself, whatever the thrown value does. */
  function messageOf(thrown) {
    try {
      if (thrown instanceof Error) return String(thrown.message);
      return pf.isObject(thrown) && typeof thrown.message === "string" ? thrown.message : String(thrown);
    } catch {
      return "An error that cannot be shown as text was thrown";
    }
  }

  function nameOf(thrown) {
    try {
      return typeof thrown.name === "string" ? thrown.name : "Error";
    } catch {
      return "Error";
    }
  }

  /** The error as the engine reads it: `{type, message, description?, nodeCause?, context?}`. */
  function describe(thrown) {
    const error = { type: nameOf(thrown), message: messageOf(thrown) };
    if (!(thrown instanceof ApplicationError)) return error;
    for (const key of ["description", "nodeCause", "context"]) {
      if (thrown[key] !== undefined) error[key] = thrown[key];
    }
    return error;
  }

  /** The exception for an error the engine prepared, e.g. for a broken item pairing. */
  function fromEngine({ message, description, nodeCause, type, context }) {
    return new ExpressionError(message, { description, nodeCause, context: context ?? (type && { type }) });
  }

  pf.errors = Object.freeze({ ...classes, messageOf, nameOf, describe, fromEngine });
})(globalThis.__pf);
