// Live: facts arrive as names of subjects; the part they concern draws itself anew by its own address.
import { clock, learn, now } from "./clocks.js";
import { isLost, lose, regain } from "./link.js";
import { isActing, isDrawn, isOutdated } from "./seen.js";
import "./staying.js";

// Milliseconds. After a resync of everybody the windows of a centre draw themselves anew within SPREAD, not all at once.
const CALM = 60, SPREAD = 5000, LOOK = 30000, RESYNC = 120000, LOST_AFTER = 3000, GRACE = 1000;
// The parts to draw anew, each with the marks of the acts it was heard of by; "" where nobody's answer can have drawn it.
const pending = new Map();
let source = null, watched = null, timer = null, dueAt = 0, since = null, heard = now(), told = "";

const appeal = () => document.getElementById("appeal")?.dataset.id ?? "";

const draw = (part) => {
  // It went to somebody else: what was typed into it stays in sight.
  if (part === "appeal" && document.querySelector("#appeal [data-refusal='NotYoursNow']")) return;
  const element = document.getElementById(part);
  drawnAt.set(part, performance.now());
  if (element?.hasAttribute("hx-get")) window.htmx.trigger(element, "refresh");
};

// What changes with every fact is drawn anew at once, then at most once in so many milliseconds, however much of it changes.
const RARELY = { worklist: 1000, appeals: 3000, reading: 1000 };
const drawnAt = new Map();
const rests = (part) => Math.max(0, (drawnAt.get(part) ?? -Infinity) + (RARELY[part] ?? 0) - performance.now());

const flush = () => {
  timer = null;
  // What is being sent comes back drawn: what is heard of it meanwhile waits.
  if (isActing()) return later();
  for (const [part, marks] of pending) {
    const drawn = [...marks].every((mark) => isDrawn(part, mark));
    if (!drawn && rests(part)) continue;
    pending.delete(part);
    if (!drawn) draw(part);
  }
  if (pending.size) later(Math.min(...[...pending.keys()].map(rests)));
};
const later = (wait = 0) => {
  const at = performance.now() + Math.max(CALM, wait);
  if (timer !== null && dueAt <= at) return;
  clearTimeout(timer);
  [timer, dueAt] = [setTimeout(flush, at - performance.now()), at];
};

const refresh = (parts, mark = "") => {
  for (const part of parts) pending.set(part, (pending.get(part) ?? new Set()).add(mark));
  if (pending.size) later();
};

// The list of those who do not answer, and the appeal that they read.
const watching = (subject) => {
  const read = document.getElementById("reading");
  return [...(document.getElementById("appeals") ? ["appeals"] : []), ...(read && (!subject || subject === `appeal:${read.dataset.id}`) ? ["reading"] : [])];
};
const everything = () => refresh(["worklist", "appeal", "bell", ...watching()]);
let spread = null;
const everybody = () => { spread ??= setTimeout(() => { spread = null; everything(); document.dispatchEvent(new CustomEvent("cec:rules", { detail: "*" })); }, Math.random() * SPREAD); };

// An empty desk tells of the status and of what waits: it changes with the list.
const list = () => ["worklist", ...(appeal() ? [] : ["appeal"])];

const own = () => `employee:${document.documentElement.dataset.person}`;
const parts = (name, subject) => {
  if (name === "notice") return ["bell"];
  if (name === "viewing") return subject === `appeal:${appeal()}` ? ["viewers"] : [];
  if (subject === `appeal:${appeal()}`) return ["appeal", "worklist", ...(name.startsWith("client.opted") ? ["spared"] : [])];
  if (subject.startsWith("appeal:")) return watching(subject);
  return subject === own() ? list() : [];
};

// The client is writing: said for a moment, nothing is drawn for it.
const WRITES_FOR = 6000;
let writes = null;
const hushed = () => { const line = document.getElementById("client-writes"); if (line) line.hidden = true; };
const writing = (subject) => {
  const line = document.getElementById("client-writes");
  if (!line || subject !== `appeal:${appeal()}`) return;
  line.hidden = false;
  clearTimeout(writes);
  writes = setTimeout(hushed, WRITES_FOR);
};

const hear = (event) => {
  heard = now();
  told = event.lastEventId || told;
  let notices;
  try { notices = JSON.parse(event.data); } catch { return everybody(); }
  for (const [name, subject, mark] of notices) {
    if (name === "session.ended") document.dispatchEvent(new Event("cec:session-ended"));
    else if (name === "resync") everybody();
    else if (name === "client.writing") writing(subject);
    // Who writes a table draws it himself: he is told that another writes it too.
    else if (subject.startsWith("rules:")) document.dispatchEvent(new CustomEvent("cec:rules", { detail: subject }));
    // An offer waits for nothing; an answer that was drawn before it must not hide it either.
    else if (name === "offer") { list().forEach(draw); if (isActing()) refresh(list()); }
    else {
      if (name === "message.received") hushed();
      refresh(parts(name, subject), mark);
    }
  }
};

// Where this page left off: the browser knows it of a stream that broke, the page when it opens another one.
const address = (goesOn) => {
  const asked = new URLSearchParams(watched ? { watch: `appeal:${watched}` } : {});
  if (goesOn) asked.set("goes_on", "1");
  else if (told) asked.set("since", told);
  return `/live?${asked}`;
};

// The last one is listened to, those before it until it is open.
const streams = [];
const leave = (stream) => { for (const each of streams.splice(0, streams.indexOf(stream) + 1)) each.close(); };

const connect = ({ goesOn = false } = {}) => {
  watched = appeal();
  if (!goesOn) leave(source);
  const stream = source = new EventSource(address(goesOn));
  streams.push(stream);
  stream.onopen = () => {
    // What the former one was told just now may still be on its way by it: nothing of that is told again.
    const former = streams[streams.indexOf(stream) - 1];
    setTimeout(() => leave(former), GRACE);
    if (stream !== source) return;
    // Who comes back is told what he missed; what is no fact of the journal, such as the bell, he looks at.
    if (!goesOn) refresh(["bell"]);
    if (since !== null && (isLost() || !told)) everybody();
    goesOn = false;
    found();
  };
  stream.onmessage = hear;
  stream.onerror = () => {
    leave(streams[streams.indexOf(stream) - 1]);
    if (stream === source) lost();
    else leave(stream);
  };
};

const bar = () => document.getElementById("link-lost");
let blinking = null;

const lost = () => {
  since ??= now();
  if (source.readyState === EventSource.CLOSED) setTimeout(() => connect(), 1000 + Math.random() * 2000);
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

// What was asked for before an act that has drawn the part since, or before the composer changed hands, must not bring the
// old one back.
document.addEventListener("htmx:before:swap", (event) => {
  const { sourceElement, request } = event.detail.ctx, part = sourceElement.id;
  if (request.method !== "GET" || !sourceElement.matches("[hx-trigger='refresh']")) return;
  const isOfAnotherComposer = () => (new URL(request.action, location.href).searchParams.get("composer") ?? "") !== (document.getElementById("appeal")?.dataset.composer ?? "");
  if (!isOutdated(part, event.detail.ctx) && !(part === "appeal" && isOfAnotherComposer())) return;
  event.preventDefault();
  refresh([part]);
});

document.addEventListener("click", (event) => { if (event.target.closest("[data-reconnect]")) connect(); });
document.addEventListener("htmx:after:swap", (event) => learn(event.target));
document.addEventListener("cec:stays", () => { if (appeal() !== watched) connect({ goesOn: since === null && source?.readyState === EventSource.OPEN }); });
document.addEventListener("htmx:after:request", () => { heard = now(); });
window.addEventListener("online", () => connect());
window.addEventListener("offline", () => { lost(); lose(); });
document.addEventListener("cec:lost", () => { if (since === null) connect(); });
// The last resort, and what changes by itself.
const seen = () => document.visibilityState === "visible";
setInterval(() => { if (seen() && !appeal()) refresh(["appeal"]); }, LOOK);
setTimeout(() => setInterval(() => { if (seen()) everything(); }, RESYNC), Math.random() * RESYNC);
connect();
document.addEventListener("cec:held", () => { source.onerror = null; source.close(); });
document.addEventListener("cec:released", () => { connect(); everything(); });
