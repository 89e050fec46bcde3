// A script that fails takes nothing else down: the rest of the page goes on, the fault is reported and shown with the
// number under which it can be found.
const MOST = 3;
let reported = 0;

addEventListener("error", (event) => report(event.error ?? event.message));
addEventListener("unhandledrejection", (event) => report(event.reason));

async function report(fault) {
  if (!fault || reported >= MOST) return;
  reported += 1;
  let number = "";
  try {
    const answer = await fetch("/client-error", { method: "POST", body: String(fault.stack ?? fault) });
    number = (await answer.json()).requestId;
  } catch {
    // told on the page all the same
  }
  show(number);
}

function show(number) {
  const place = document.getElementById("toasts");
  if (!place) return;
  const note = document.createElement("div");
  note.className = "notice notice-error toast";
  const words = document.createElement("div");
  words.textContent = [place.dataset.fault, number && `${place.dataset.request} ${number}`].filter(Boolean).join(" ");
  const close = document.createElement("button");
  close.type = "button";
  close.className = "button button-small";
  close.textContent = place.dataset.close;
  close.addEventListener("click", () => note.remove());
  words.append(close);
  note.append(words);
  place.append(note);
}
