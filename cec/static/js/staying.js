// Whoever goes through his appeals quickly stays with none: what follows the open one waits until he does (cec:stays).
const STAY = 250;
const opened = () => document.getElementById("appeal")?.dataset.id ?? "";
let last = opened(), timer = null;

document.addEventListener("htmx:after:swap", () => {
  if (opened() === last) return;
  last = opened();
  clearTimeout(timer);
  timer = setTimeout(() => document.dispatchEvent(new CustomEvent("cec:stays")), STAY);
});
