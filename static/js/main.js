// What every page needs. Pages with more behaviour load their own elements beside this.
import "./error-report.js";
import "./theme-switch.js";
import "./copy-button.js";
import "./menus.js";
import "./shortcuts.js";
import "./offline-banner.js";
