// Live: facts arrive as names of subjects; the part they concern draws itself anew by its own address.
import { clock, learn, now } from "./clocks.js";
import { isLost, lose, regain } from "./link.js";

const CALM = 60, RESYNC = 30000, LOST_AFTER = 3000;
const root = document.documentElement;
const pending = new Set();
let source = null, watched = null, timer = null, since = null, heard = now();

const appeal = () => document.getElementById("appeal")?.dataset.id ?? "";

const refresh = (...parts) => {
  for (const part of parts) pending.add(part);
  timer ??= setTimeout(() => {
    timer = null;
    // What is being sent comes back drawn: what is heard of it meanwhile waits.
    if (document.querySelector("#appeal form.htmx-request")) return refresh();
    for (const part of pending) {
      // It went to somebody else: what was typed into it stays in sight.
      if (part === "appeal" && document.querySelector("#appeal [data-refusal='NotYoursNow']")) continue;
      const element = document.getElementById(part);
      if (element?.hasAttribute("hx-get")) window.htmx.trigger(element, "refresh");
    }
    pending.clear();
  }, CALM);
};

const everything = () => refresh("worklist", "appeal", "bell");
// An empty desk tells of the status and of what waits: it changes with the list.
const list = () => refresh("worklist", ...(appeal() ? [] : ["appeal"]));

const hear = (event) => {
  heard = now();
  let notices;
  try { notices = JSON.parse(event.data); } catch { return everything(); }
  for (const [name, subject] of Array.isArray(notices?.[0]) ? notices : [notices]) {
    if (name === "session.ended") document.dispatchEvent(new Event("cec:session-ended"));
    else if (name === "resync") everything();
    else if (name === "notice") refresh("bell");
    else if (name === "viewing") { if (subject === `appeal:${appeal()}`) refresh("viewers"); }
    else if (subject === `appeal:${appeal()}`) refresh("appeal", "worklist");
    else list();
  }
};

const connect = () => {
  watched = appeal();
  source?.close();
  source = new EventSource(watched ? `/live?watch=appeal:${watched}` : "/live");
  source.onopen = () => { if (since !== null) everything(); else refresh("bell"); found(); };
  source.onmessage = hear;
  source.addEventListener("resync", () => everything());
  source.onerror = lost;
};

const bar = () => document.getElementById("link-lost");
let blinking = null;

const lost = () => {
  since ??= now();
  if (source.readyState === EventSource.CLOSED) setTimeout(connect, 2000);
  blinking ??= setInterval(() => {
    if (since === null || (now() - since < LOST_AFTER && !isLost())) return;
    lose();
    if (!bar()) return;
    bar().hidden = false;
    const seconds = Math.floor((now() - since) / 1000);
    for (const timer of document.querySelectorAll("[data-lost-for]")) timer.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    bar().querySelector("[data-as-of]").textContent = clock(heard, { seconds: true });
  }, 1000);
};

const found = () => {
  // A stream may open that was asked for before the network went.
  if (!navigator.onLine) return;
  since = null;
  heard = now();
  clearInterval(blinking);
  blinking = null;
  regain();
  if (bar()) bar().hidden = true;
};

// What was asked for before the composer changed hands must not bring the old one back.
document.addEventListener("htmx:before:swap", (event) => {
  const { sourceElement, request } = event.detail.ctx;
  if (sourceElement.id !== "appeal" || request.method !== "GET") return;
  const asked = new URL(request.action, location.href).searchParams.get("composer") ?? "";
  if (asked === (document.getElementById("appeal")?.dataset.composer ?? "")) return;
  event.preventDefault();
  refresh("appeal");
});

document.addEventListener("click", (event) => { if (event.target.closest("[data-reconnect]")) connect(); });
document.addEventListener("htmx:after:swap", (event) => { learn(event.target); if (appeal() !== watched) connect(); });
document.addEventListener("htmx:after:request", () => { heard = now(); });
window.addEventListener("online", connect);
window.addEventListener("offline", () => { lost(); lose(); });
document.addEventListener("cec:lost", () => { if (since === null) connect(); });
setInterval(() => { if (document.visibilityState === "visible") everything(); }, RESYNC);
connect();
document.addEventListener("cec:held", () => { source.onerror = null; source.close(); });
document.addEventListener("cec:released", () => { connect(); everything(); });
