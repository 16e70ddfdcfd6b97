// The desk: which part is shown on a narrow screen, copying, the row of the open appeal, new rows tinted once.
import { alarm } from "./notices.js";
import { say } from "./say.js";

const known = new Set([...document.querySelectorAll("#worklist a.wl-item")].map((item) => item.id));
let typedAt = 0;

document.addEventListener("input", (event) => { if (event.target.closest?.("form.composer")) typedAt = performance.now(); });

document.addEventListener("click", (event) => {
  const pane = event.target.closest("[data-pane-of]");
  if (pane) {
    document.querySelector(".desk").dataset.pane = pane.dataset.paneOf;
    for (const other of document.querySelectorAll("[data-pane-of]")) other.setAttribute("aria-pressed", String(other === pane));
  }
  const item = event.target.closest("a.wl-item");
  if (item) current(item.dataset.id);
});

const current = (id) => {
  for (const item of document.querySelectorAll("#worklist a.wl-item")) {
    if (item.dataset.id === id) item.setAttribute("aria-current", "true");
    else item.removeAttribute("aria-current");
  }
};

// Accepting opens the appeal, but not over the head of somebody who types in another one.
document.addEventListener("htmx:config:request", (event) => {
  const { ctx } = event.detail;
  if (!ctx.sourceElement.matches?.("[data-accept]")) return;
  const text = document.querySelector("form.composer:not([hidden]) :is(.letter, textarea)");
  const busy = document.activeElement === text && (text?.value ?? text?.textContent)?.trim() && performance.now() - typedAt < 10000;
  ctx.request.body.set("stay", busy ? "1" : "");
});

// An offer takes no focus: it is spoken once, in the polite line.
let rung = "";
const ring = () => {
  const offer = document.querySelector("#worklist .offer");
  if (offer && offer.id !== rung) {
    const words = [...offer.querySelectorAll("h3, .soft, b.strong")].map((part) => part.textContent.trim());
    say(words.join(". "));
    alarm({ stamp: offer.id, sound: "offer", title: words[0], about: words.slice(1, 3).join(". ") });
  }
  rung = offer?.id ?? "";
};
ring();

document.addEventListener("htmx:after:swap", () => {
  ring();
  const id = document.getElementById("appeal")?.dataset.id;
  if (id) current(id);
  for (const item of document.querySelectorAll("#worklist a.wl-item")) {
    if (!known.has(item.id)) {
      known.add(item.id);
      item.classList.add("fresh");
      setTimeout(() => item.classList.remove("fresh"), 1000);
    }
  }
});
