// The gallery: rows, cards and search.
import "./row-scroller.js";
import "./trailer-preview.js";
import "./instant-search.js";
import "./card-form.js";
