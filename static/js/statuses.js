// Words and icons of statuses, as pumpflix/lib/drawing/status.py has them for the server's side.
export const STATUSES = {
  queued: ["Queued", "s-queued"],
  running: ["Running", "s-running"],
  started: ["Running", "s-running"],
  waiting: ["Waiting", "s-waiting"],
  success: ["Succeeded", "s-success"],
  error: ["Failed", "s-error"],
  canceled: ["Cancelled", "s-canceled"],
  crashed: ["Crashed", "s-crashed"],
  skipped: ["Skipped", "s-skipped"],
  unknown: ["Unknown", "s-unknown"],
};

export const isEnd = (status) => ["success", "error", "canceled", "crashed"].includes(status);

// Changes a rendered components/status.html in place.
export function showStatus(element, status) {
  const [label, icon] = STATUSES[status] ?? ["Not run", "s-queued"];
  element.className = `status status-${status}`;
  setIcon(element.querySelector("use"), icon);
  element.lastElementChild.textContent = label;
}

export function setIcon(use, icon) {
  use?.setAttribute("href", `${use.getAttribute("href").split("#")[0]}#${icon}`);
}
