// Single keys for what is on the page: an element with data-shortcut="/" takes the focus. Never while someone types.
const TYPING = "input, textarea, select, [contenteditable]";

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest?.(TYPING)) return;
  const wanted = [...document.querySelectorAll(`[data-shortcut="${CSS.escape(event.key)}"]`)];
  const target = wanted.find((element) => element.offsetParent !== null);
  if (!target) return;
  event.preventDefault();
  target.focus();
  target.select?.();
});
