// Plain CSS in layers; colours, spaces and motion come from custom properties in tokens.css.
export default {
  extends: ["stylelint-config-standard"],
  rules: {
    "max-nesting-depth": 2,
    "selector-class-pattern": null,
    "custom-property-pattern": null,
    "import-notation": null,
    "no-descending-specificity": null,
    "declaration-block-no-redundant-longhand-properties": null,
  },
};
