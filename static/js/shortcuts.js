// Keys for what is on the page: an element with data-shortcut="/" takes the focus, Ctrl/⌘ K opens the command palette.
// Single keys never act while someone types.
const TYPING = "input, textarea, select, [contenteditable]";

document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
    const palette = document.querySelector("command-palette");
    if (!palette) return;
    event.preventDefault();
    openPalette(palette);
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest?.(TYPING)) return;
  const wanted = [...document.querySelectorAll(`[data-shortcut="${CSS.escape(event.key)}"]`)];
  const target = wanted.find((element) => element.offsetParent !== null);
  if (!target) return;
  event.preventDefault();
  target.focus();
  target.select?.();
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-opens=palette]")) openPalette(document.querySelector("command-palette"));
});

// Its script is loaded on its first use: most visits never need it. The dialog opens at once, so that no key is lost.
async function openPalette(palette) {
  const dialog = palette.querySelector("dialog");
  if (dialog.open) return;
  palette.querySelector("input[type=search]").value = "";
  dialog.showModal();
  let isEntered = false;
  const keep = (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    isEntered = true;
  };
  dialog.addEventListener("keydown", keep);
  await import("./command-palette.js");
  dialog.removeEventListener("keydown", keep);
  palette.isEntered = isEntered;
  palette.load();
}
