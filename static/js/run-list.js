// The list of runs: news, many at once, and taking that back.
import "./new-runs.js";
import "./undo-note.js";
import "./bulk-runs.js";
