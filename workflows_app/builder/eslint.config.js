// For every script of the repository; `make lint` runs it from the root.
import js from "@eslint/js";
import globals from "globals";

export default [
  { ignores: ["**/node_modules/**", "static/build/**"] },
  js.configs.recommended,
  {
    rules: {
      eqeqeq: "error",
      "no-eval": "error",
      "no-implied-eval": "error",
      "no-new-func": "error",
      "no-var": "error",
      "prefer-const": "error",
      complexity: ["error", 12],
      "max-lines": ["error", { max: 400, skipBlankLines: true, skipComments: true }],
    },
  },
  {
    files: ["static/js/**/*.js"],
    languageOptions: { sourceType: "module", globals: { ...globals.browser, htmx: "readonly" } },
  },
  {
    // A bare V8: no window, no process, only what the host hands over.
    files: ["pumpflix/lib/sandbox/prelude/**/*.js"],
    languageOptions: {
      sourceType: "script",
      globals: { ...globals.es2025, __libs: "readonly", __host: "readonly", pumpflix: "writable" },
    },
  },
  {
    // The libraries that read documents, bundled for a bare V8.
    files: ["workflows_app/builder/src/documents/**/*.js"],
    languageOptions: {
      sourceType: "module",
      globals: { ...globals.es2025, Refused: "readonly", queueMicrotask: "readonly" },
    },
  },
  {
    files: ["workflows_app/builder/*.{js,mjs}"],
    languageOptions: { sourceType: "module", globals: globals.node },
  },
];
