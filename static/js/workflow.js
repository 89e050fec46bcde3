// The page of a workflow: its runs live, dialogs, and calls that somebody waits for.
import "./live-run.js";
import "./dialog-opener.js";
import "./hook-listener.js";
