// The composer: answer or note, drafts that save themselves, files by button, drag and paste, Send only with something to send.
import { say } from "./say.js";

const htmx = () => window.htmx;
const forms = () => [...document.querySelectorAll("form.composer")];
const textOf = (form) => form.querySelector("textarea");
const hasFiles = (form) => Boolean(form.querySelector(".files .file"));

const weigh = (form) => {
  const text = textOf(form), send = form.querySelector("[data-send]");
  if (!text || !send) return;
  const empty = !text.value.trim() && !hasFiles(form);
  send.setAttribute("aria-disabled", String(empty));
  send.title = empty ? send.dataset.whenEmpty : "";
  if (empty) form.querySelector("[name='seen_message_id']")?.setAttribute("value", document.getElementById("appeal")?.dataset.last ?? "0");
};

const switchTo = (note) => {
  if (forms().length > 1) for (const form of forms()) form.hidden = (form.dataset.note !== undefined) !== note;
  textOf(forms().find((form) => !form.hidden))?.focus();
};

// Only what was typed since the part was drawn or last saved.
const flush = () => {
  for (const text of forms().map(textOf)) {
    if (text.value === (text.dataset.kept ?? text.defaultValue)) continue;
    text.dataset.kept = text.value;
    htmx().trigger(text, "flush");
  }
};

document.addEventListener("click", (event) => {
  const tab = event.target.closest("[data-compose]");
  if (tab) switchTo(tab.dataset.compose === "note" || (tab.dataset.compose === "other" && forms()[0] && !forms()[0].hidden));
  const pick = event.target.closest("[data-pick-file]");
  if (pick) pick.closest("form").querySelector("input[type='file']").click();
  if (event.target.closest("a.wl-item")) flush();
}, true);

document.addEventListener("input", (event) => {
  const form = event.target.closest?.("form.composer");
  if (form) weigh(form);
});

const take = (form, files) => {
  const input = form?.querySelector("input[type='file']");
  if (!input || !files.length) return false;
  const limit = Number(input.dataset.limit), large = [...files].find((file) => file.size > limit);
  const place = form.querySelector("[data-error='file']");
  place.hidden = !large;
  if (large) {
    place.querySelector("span").textContent = input.dataset.tooLarge.replace("{name}", large.name);
    say(place.textContent);
    return true;
  }
  const carried = new DataTransfer();
  for (const file of files) carried.items.add(file);
  input.files = carried.files;
  htmx().trigger(input, "chosen");
  return true;
};

document.addEventListener("change", (event) => {
  if (event.target.matches("form.composer input[type='file']")) take(event.target.form, [...event.target.files]);
});
document.addEventListener("paste", (event) => {
  const form = event.target.closest?.("form.composer");
  if (form && event.clipboardData.files.length && take(form, event.clipboardData.files)) event.preventDefault();
});
for (const name of ["dragover", "dragleave", "drop"]) {
  document.addEventListener(name, (event) => {
    const form = document.querySelector("form.composer:not([hidden])");
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    form?.classList.toggle("dragging", name === "dragover");
    if (name === "drop") take(form, event.dataTransfer.files);
  });
}

// A composer that changes its kind (work goes on, or stops) keeps what was typed and not yet saved.
let typed = { composer: null, texts: new Map() };
const kindOf = (form) => (form.dataset.note === undefined ? "answer" : "note");

document.addEventListener("htmx:before:swap", () => {
  const composer = document.getElementById("appeal")?.dataset.composer;
  typed = { composer, texts: new Map(forms().map((form) => [kindOf(form), textOf(form).value])) };
});

const keepTyped = () => {
  if (document.getElementById("appeal")?.dataset.composer !== typed.composer) return;
  for (const form of forms()) {
    const text = textOf(form), before = typed.texts.get(kindOf(form));
    if (!before || text.value === before) continue;
    text.value = before;
    text.dispatchEvent(new Event("input", { bubbles: true }));
  }
};

let sent = null;
document.addEventListener("htmx:config:request", (event) => {
  const source = event.detail.ctx.sourceElement;
  sent = source.matches("form.composer, [data-undo]") ? source : sent;
});
document.addEventListener("htmx:after:swap", () => {
  keepTyped();
  for (const form of forms()) weigh(form);
  // Who has written a note goes on in notes: an answer must never be written by mistake.
  if (sent && !sent.isConnected) switchTo(sent.dataset.note !== undefined && forms().length > 1);
  sent = sent?.isConnected ? sent : null;
});
window.addEventListener("pagehide", flush);
for (const form of forms()) weigh(form);
