// Saving a card for later does not leave the page: the button says what is so now.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-save]");
  if (!button) return;
  event.preventDefault();
  const isKept = button.getAttribute("aria-pressed") === "true";
  button.setAttribute("aria-pressed", String(!isKept));
  const form = new FormData(button.form);
  try {
    const answer = await fetch(button.formAction, { method: "POST", headers: { "X-Part": "save" }, body: form });
    if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
  } catch {
    button.setAttribute("aria-pressed", String(isKept));
    button.form.requestSubmit(button);
  }
});
