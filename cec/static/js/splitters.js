// Splitters: drag, or arrows when focused; the widths are kept on the server when the hand rests.
const STEP = 16, REST = 400;
let timer = null;

const bounds = (splitter) => [Number(splitter.ariaValueMin), Number(splitter.ariaValueMax)];
const widthOf = (splitter) => Math.round(document.getElementById(splitter.getAttribute("aria-controls")).getBoundingClientRect().width);

const set = (splitter, width) => {
  const [least, most] = bounds(splitter), now = Math.round(Math.max(least, Math.min(most, width)));
  document.documentElement.style.setProperty(splitter.dataset.splitter === "list" ? "--list-w" : "--apps-w", `${now}px`);
  splitter.ariaValueNow = String(now);
  clearTimeout(timer);
  timer = setTimeout(keep, REST);
};

const keep = () => {
  const values = {};
  for (const splitter of document.querySelectorAll("[data-splitter]")) values[splitter.dataset.splitter] = splitter.ariaValueNow;
  fetch("/operator/layout", { method: "PUT", body: new URLSearchParams(values), keepalive: true });
};

const measure = () => {
  for (const splitter of document.querySelectorAll("[data-splitter]")) splitter.ariaValueNow = String(widthOf(splitter));
};

document.addEventListener("pointerdown", (event) => {
  const splitter = event.target.closest?.("[data-splitter]");
  if (!splitter || event.button) return;
  event.preventDefault();
  measure();
  const from = event.clientX, width = widthOf(splitter), way = splitter.dataset.splitter === "list" ? 1 : -1;
  const move = (now) => set(splitter, width + way * (now.clientX - from));
  splitter.setPointerCapture(event.pointerId);
  splitter.addEventListener("pointermove", move);
  splitter.addEventListener("lostpointercapture", () => splitter.removeEventListener("pointermove", move), { once: true });
});

document.addEventListener("keydown", (event) => {
  const splitter = event.target.closest?.("[data-splitter]");
  if (!splitter || event.altKey || event.ctrlKey) return;
  const way = splitter.dataset.splitter === "list" ? 1 : -1, [least, most] = bounds(splitter);
  const width = { ArrowRight: widthOf(splitter) + way * STEP, ArrowLeft: widthOf(splitter) - way * STEP, Home: least, End: most }[event.code];
  if (width === undefined) return;
  event.preventDefault();
  measure();
  set(splitter, width);
});

measure();
addEventListener("resize", measure);
