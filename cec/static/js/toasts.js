// Toasts: one at a time, for seven seconds, waiting while the mouse or the focus is on them; they take no focus.
import { say } from "./say.js";

const SHOWN = 7000;
const queue = [];
let timer = null, due = 0, left = 0;

const place = () => document.getElementById("toast");
const held = (toast) => toast.matches(":hover, :focus-within");

const go = (toast) => {
  timer = null;
  if (!toast.isConnected) return next();
  if (held(toast)) return;
  toast.remove();
  next();
};

const count = (toast, length) => {
  clearTimeout(timer);
  due = performance.now() + length;
  timer = setTimeout(go, length, toast);
};

const begin = (toast) => {
  toast.dataset.shown = "";
  if (!toast.matches("[role='alert']")) say(toast.textContent.replace(/\s+/g, " ").trim());
  count(toast, Number(toast.dataset.toast) || SHOWN);
};

const next = () => {
  if (!place() || place().firstElementChild || !queue.length) return;
  const toast = queue.shift();
  place().replaceChildren(toast);
  begin(toast);
};

/** Show a toast when its turn comes. */
export const toast = (element) => { element.dataset.toast ??= ""; queue.push(element); next(); };

const hold = (event) => {
  const toast = event.target.closest?.("#toast [data-shown]");
  if (!toast || timer === null) return;
  left = Math.max(due - performance.now(), 1000);
  clearTimeout(timer);
  timer = null;
};
const release = (event) => {
  const toast = event.target.closest?.("#toast [data-shown]");
  if (toast && timer === null) setTimeout(() => { if (timer === null && !held(toast)) count(toast, left || 1000); });
};
for (const name of ["mouseover", "focusin"]) document.addEventListener(name, hold);
for (const name of ["mouseout", "focusout"]) document.addEventListener(name, release);

document.addEventListener("click", (event) => {
  const toast = event.target.closest?.("#toast [data-shown]");
  if (!toast || !event.target.closest("a, [data-close-toast]")) return;
  setTimeout(() => { toast.remove(); clearTimeout(timer); timer = null; next(); });
});

// What was done is told by the server in the same place; it goes first, and the eye goes to the next appeal.
document.addEventListener("htmx:after:swap", () => {
  const done = place()?.querySelector("[data-toast]:not([data-shown])");
  if (done) {
    begin(done);
    document.querySelector("#appeal h1")?.focus({ preventScroll: true });
  } else next();
});
