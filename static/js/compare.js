// The page that compares: its link is its own address, and the graph hides behind a button on phones.
import "./map-toggle.js";

const copy = document.querySelector("copy-button:has([data-copies=address])");
if (copy) copy.dataset.text = location.href;
