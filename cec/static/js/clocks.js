// Timers tick by the server's clock: a wrong clock of this computer moves no deadline.
import { say } from "./say.js";

const MINUTE = 60, HOUR = 3600;
const root = document.documentElement;
let base = Date.parse(root.dataset.now) - performance.now();

/** The server's moment, in milliseconds. */
export const now = () => base + performance.now();

/** Say a moment by the wall clock of the branch, wherever this computer thinks it is. */
export const clock = (moment, { seconds = false } = {}) =>
  new Date(moment).toLocaleTimeString(root.lang, { timeZone: root.dataset.zone, hour: "2-digit", minute: "2-digit", second: seconds ? "2-digit" : undefined, hourCycle: "h23" });

/** Learn the server's clock anew from a part that carries it. */
export const learn = (part) => {
  const stamped = part?.matches?.("[data-now]") ? part : part?.querySelector?.("[data-now]");
  if (stamped) base = Date.parse(stamped.dataset.now) - performance.now();
};

const two = (n) => String(n).padStart(2, "0");
const short = (seconds) => `${Math.floor(seconds / MINUTE)}:${two(seconds % MINUTE)}`;
const long = (seconds) => `${Math.floor(seconds / HOUR)}:${two(Math.floor((seconds % HOUR) / MINUTE))}:${two(seconds % MINUTE)}`;
const write = (element, text) => { if (element.textContent !== text) element.textContent = text; };

const tick = () => {
  if (root.matches(".link-is-lost, .is-held")) return;
  const moment = now();
  for (const timer of document.querySelectorAll("[data-since]")) {
    const seconds = Math.max(0, Math.floor((moment - Date.parse(timer.dataset.since)) / 1000));
    if ("stopwatch" in timer.dataset) write(timer, long(seconds));
    else if (seconds < HOUR) write(timer, short(seconds));
  }
  for (const deadline of document.querySelectorAll("[data-due]")) judge(deadline, moment);
  for (const ring of document.querySelectorAll("[data-ring]")) turn(ring, moment);
  for (const passing of document.querySelectorAll("[data-gone]")) {
    if (Date.parse(passing.dataset.gone) <= moment) passing.hidden = true;
  }
};

const judge = (deadline, moment) => {
  const due = Date.parse(deadline.dataset.due), from = Date.parse(deadline.dataset.from);
  const left = Math.ceil((due - moment) / 1000), share = Math.min(1, (moment - from) / Math.max(due - from, 1000));
  const kind = left <= 0 ? "bad" : share >= 0.75 ? "warn" : "ok";
  for (const other of ["ok", "warn", "bad"]) deadline.classList.toggle(other, other === kind);
  deadline.querySelector(".track i").style.width = `${Math.max(0, Math.round(share * 100))}%`;
  const word = deadline.querySelector("[data-word]");
  if (left > 0 && left < HOUR) write(word, short(left));
  if (left <= 0 && -left < HOUR) write(word, `+${short(-left)}`);
};

// An offer is spoken when it comes (desk.js) and once more when it is about to go.
const LAST_CALL = 10;
let called = null;

const turn = (ring, moment) => {
  const until = Date.parse(ring.dataset.ring), from = Date.parse(ring.dataset.from);
  const left = Math.max(0, Math.ceil((until - moment) / 1000)), share = Math.max(0, (until - moment) / (until - from));
  write(ring.querySelector("b"), String(left));
  if (left === LAST_CALL && called !== ring.dataset.ring) {
    called = ring.dataset.ring;
    say(`${ring.getAttribute("aria-label")}: ${left}`);
  }
  ring.querySelector(".v").setAttribute("stroke-dasharray", `${(share * 125.7).toFixed(1)} 125.7`);
};

document.addEventListener("htmx:after:swap", (event) => { learn(event.target); tick(); });
setInterval(tick, 1000);
tick();
