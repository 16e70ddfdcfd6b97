// A first message beside the work: kept on the server at each pause, plain where its channel has no formatting, now or at a moment.
import { weigh } from "./composer.js";
import { editorOf, enhance } from "./letter_editor.js";
import { fieldOf, first, fieldsOf, isEmpty, write, written } from "./writing.js";

const PAUSE = 700, LARGEST_FAREWELL = 50000;
let timer = null, saving = null, kept = new WeakMap();

const bodyOf = (form) => {
  const body = new URLSearchParams();
  for (const [name, value] of new FormData(form)) if (typeof value === "string") body.append(name, value);
  for (const name of ["text", "html"]) body.delete(name);
  for (const [name, value] of Object.entries(written(form))) body.set(name, value);
  return body;
};

const isWorthKeeping = (form) => !isEmpty(form) || form.elements.subject.value.trim() || form.elements.email.value.trim();

// One after the other: what was typed first must not come last. A page that goes does not wait.
const put = async (form, now, former) => {
  if (former) await former;
  // What was sent meanwhile is kept no more; if it was refused, it is kept from the next letter on.
  if (!form.dataset.keep) return kept.delete(form);
  try {
    const answer = await fetch(form.dataset.keep, { method: "PUT", body: new URLSearchParams(now), headers: { Accept: "application/json" }, keepalive: now.length < LARGEST_FAREWELL });
    if (answer.ok) form.querySelector("[data-draft-state]").textContent = (await answer.json()).words;
    else kept.delete(form);
  } catch { kept.delete(form); }
};

const save = (form, { leaves = false } = {}) => {
  clearTimeout(timer);
  const now = bodyOf(form).toString();
  if (!form.dataset.keep || !isWorthKeeping(form) || kept.get(form) === now) return;
  kept.set(form, now);
  const mine = saving = put(form, now, leaves ? null : saving);
  mine.finally(() => { if (saving === mine) saving = null; });
};

for (const name of ["input", "written", "change"]) {
  document.addEventListener(name, (event) => {
    const form = event.target.closest?.("form.first-message");
    if (!form || event.target.matches("[type='file'], [data-link]")) return;
    if (["way", "email"].includes(event.target.name)) suit(form);
    if (event.target.name === "start" || event.target.name === "at") tellStart(form);
    clearTimeout(timer);
    timer = setTimeout(() => { if (form.isConnected) save(form); }, PAUSE);
  });
}
const farewell = () => { if (first()) save(first()); };
document.addEventListener("click", (event) => { if (event.target.closest("[data-close-beside], [data-beside], a.wl-item")) farewell(); }, true);
// Whoever opens the list of what is kept sees what he has just left there.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-beside]");
  if (!button || !saving) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  await saving;
  button.click();
}, true);
document.addEventListener("htmx:before:swap", farewell);
window.addEventListener("pagehide", () => { if (first()) save(first(), { leaves: true }); });

// What is being sent is not kept beside it.
let withheld = "";
document.addEventListener("htmx:config:request", (event) => {
  const form = event.detail.ctx.sourceElement;
  if (!form.matches("form.first-message")) return;
  clearTimeout(timer);
  [withheld, form.dataset.keep] = [form.dataset.keep, ""];
});
document.addEventListener("htmx:finally:request", (event) => {
  const form = event.detail.ctx?.sourceElement;
  if (withheld && form?.matches?.("form.first-message") && form.isConnected && !form.dataset.keep) form.dataset.keep = withheld;
});

// --- a letter, or plain words where the channel has no formatting --------------------------------------------------
const suit = (form) => {
  const way = form.elements.way, typed = form.elements.email.value.trim();
  const chosen = typed || !way ? null : way.selectedOptions[0];
  const kind = chosen?.dataset.kind ?? "letter", place = form.querySelector("[data-written]");
  form.dataset.limit = chosen?.dataset.limit ?? form.dataset.letterLimit;
  if (place.dataset.written !== kind) {
    const words = written(form);
    place.dataset.written = kind;
    place.replaceChildren(form.querySelector(`template[data-of="${kind}"]`).content.cloneNode(true));
    form.querySelector("[data-formatting]").hidden = kind !== "letter";
    enhance();
    if (words.text || words.html) write(form, words);
  }
  weigh(form);
};

// --- now, or at a moment ---------------------------------------------------------------------------------------------
const tellStart = (form) => {
  const later = form.elements.start.value === "later";
  form.querySelector("[data-when-later]").hidden = !later;
  for (const words of form.querySelectorAll("[data-start]")) words.hidden = (words.dataset.start === "later") !== later;
};

document.addEventListener("click", (event) => {
  const form = event.target.closest?.("[data-preset]")?.closest("form.first-message");
  if (form) form.elements.at.dispatchEvent(new Event("change", { bubbles: true }));
});

// What may not leave now is planned by one button for the moment that the refusal names.
document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-plan]"), form = button?.closest("form.first-message");
  if (!form) return;
  form.elements.start.value = "later";
  form.elements.at.value = button.dataset.plan;
  tellStart(form);
  form.requestSubmit();
});

// What is put into it by its files is kept too, so that it is found again.
document.addEventListener("htmx:after:swap", (event) => {
  const form = first();
  if (!form) return;
  if (!kept.has(form)) {
    kept.set(form, bodyOf(form).toString());
    tellStart(form);
  } else if (event.detail.ctx?.target?.matches?.(".first-message .files")) {
    kept.delete(form);
    save(form);
  }
});
