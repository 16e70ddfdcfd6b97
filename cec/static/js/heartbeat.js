// A heartbeat says that this window lives and for how long nobody has touched it.
import { isHeld, release, withhold } from "./takeover.js";

const root = document.documentElement;
const EVERY = Number(root.dataset.heartbeat) * 1000;
let touched = Date.now(), asking = null;

// "Are you here?": asked while nobody touches anything, with what is left; any input answers it.
let counting = 0;
const question = () => document.getElementById("are-you-here");
const ask = (left) => {
  const box = question();
  clearInterval(counting);
  if (!box) return;
  box.hidden = left === undefined;
  if (box.hidden) return;
  const until = Date.now() + left * 1000;
  const write = () => {
    const seconds = Math.max(0, Math.ceil((until - Date.now()) / 1000));
    box.querySelector("[data-left]").textContent = `0:${String(Math.min(59, seconds)).padStart(2, "0")}`;
    box.querySelector("[data-counting]").hidden = !seconds;
    box.querySelector("[data-idle]").hidden = seconds > 0;
    if (!seconds) clearInterval(counting);
  };
  counting = setInterval(write, 1000);
  write();
};

for (const name of ["pointerdown", "pointermove", "keydown", "wheel"]) {
  window.addEventListener(name, () => {
    touched = Date.now();
    if (!question() || question().hidden) return;
    ask();
    // What is on its way was said before.
    (asking ?? Promise.resolve()).finally(beat);
  }, { capture: true, passive: true });
}

const say = async () => {
  const untouched = Math.max(0, Math.round((Date.now() - touched) / 1000));
  const answer = await fetch("/heartbeat", { method: "POST", body: new URLSearchParams({ untouched }) });
  if (!answer.ok) return;
  const { session, person, link, idle } = await answer.json();
  if (Date.now() - touched > 2000) ask(idle);
  if (session === "taken_over") return withhold();
  // Signed out, or somebody else signed in in another tab: this page is no longer his.
  if (session === "ended" && isHeld()) return;
  if (session === "ended" || String(person) !== root.dataset.person) return location.reload();
  release();
  if (link !== "live") setTimeout(() => window.htmx.trigger("#returned", "refresh"), 1500);
};

/** Say it now; what is said already is not said twice. No answer: the bar of the lost link tells of it. */
export const beat = () => (asking ??= say().catch(() => {}).finally(() => { asking = null; }));

if (EVERY) {
  const pulse = new Worker(new URL("./pulse.js", import.meta.url));
  pulse.onmessage = beat;
  pulse.postMessage(EVERY);
  for (const name of ["online", "pageshow", "focus"]) window.addEventListener(name, beat);
  document.addEventListener("visibilitychange", beat);
  document.addEventListener("cec:session-ended", beat);
  document.addEventListener("cec:take-back", beat);
}
