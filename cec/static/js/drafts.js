// Drafts: kept on the server at each pause and on leaving; without a link on this computer; an older window is told.
import { fieldsOf, fieldOf, forms, isEmpty, kindOf, restore, textOf } from "./writing.js";
import { lose, isLost } from "./link.js";
import { waitingFor } from "./outbox.js";
import { recall, keep, forget } from "./kept_here.js";

const PAUSE = 700, LARGEST_FAREWELL = 50000;
const known = new WeakMap();

const nameOf = (form) => `draft.${form.dataset.appeal}.${kindOf(form)}`;
const snapshot = (form) => JSON.stringify(fieldsOf(form));
// What a redrawn composer took over from the one before is not kept yet.
const memory = (form) => known.get(form) ?? known.set(form, { kept: form.dataset.typed === undefined ? snapshot(form) : "", timer: null, saving: null }).get(form);
const markOf = (form) => form.elements.client_uuid.value;
const tell = (form, words) => { form.querySelector("[data-draft-state]").textContent = words; };
const isChanged = (form) => snapshot(form) !== memory(form).kept;

const keepHere = (form) => {
  keep(nameOf(form), { fields: fieldsOf(form), version: form.dataset.version });
  tell(form, form.dataset.here);
};

const bodyOf = (form, fields, { over = false } = {}) => {
  const body = new URLSearchParams(fields);
  body.set("client_uuid", form.elements.client_uuid.value);
  body.set("version", over ? "over" : form.dataset.version);
  if (kindOf(form) === "note") body.set("is_note", "1");
  return body;
};

const put = (form, body, options = {}) => fetch(form.dataset.draft, { method: "PUT", body, headers: { Accept: "application/json" }, ...options });

const store = async (form, options) => {
  const now = snapshot(form), mine = memory(form), mark = markOf(form), isSent = () => !form.isConnected || markOf(form) !== mark;
  let answer, told;
  try {
    answer = await put(form, bodyOf(form, JSON.parse(now), options));
    told = await answer.json();
  } catch {
    if (!isSent()) keepHere(form);
    return lose();
  }
  // It has gone meanwhile: nothing of it stays behind.
  if (isSent()) return;
  if (answer.status === 409) return clash(form, told.error);
  if (!answer.ok) return keepHere(form);
  mine.kept = now;
  form.dataset.version = told.version;
  forget(nameOf(form));
  tell(form, told.words);
};

/** Keep what was typed since it was last kept; one saving at a time. */
export const save = async (form, options) => {
  const mine = memory(form);
  clearTimeout(mine.timer);
  while (mine.saving) await mine.saving;
  if (!form.isConnected || (!isChanged(form) && !options?.over)) return;
  if (isLost() || waitingFor(form.dataset.appeal)) return keepHere(form);
  mine.saving = store(form, options);
  await mine.saving;
  mine.saving = null;
};

const clash = (form, sentence) => {
  const told = document.getElementById("draft-elsewhere").content.cloneNode(true);
  told.querySelector("b").textContent = sentence;
  form.querySelector("[data-refused]").replaceChildren(told);
  keep(nameOf(form), { fields: fieldsOf(form), version: form.dataset.version });
};

document.addEventListener("click", (event) => {
  const form = event.target.closest?.("form.composer");
  if (event.target.closest("[data-keep-mine]")) {
    form.querySelector("[data-refused]").replaceChildren();
    save(form, { over: true });
  }
  if (event.target.closest("[data-take-other]")) {
    forget(nameOf(form));
    window.htmx.ajax("GET", `/operator/appeals/${form.dataset.appeal}`, { target: "#appeal", swap: "outerHTML" });
  }
});

const later = (form) => {
  const mine = memory(form);
  clearTimeout(mine.timer);
  mine.timer = setTimeout(() => save(form), PAUSE);
};

for (const name of ["input", "written", "change"]) {
  document.addEventListener(name, (event) => {
    const form = event.target.closest?.("form.composer");
    if (form && !event.target.matches("[type='file'], [data-link]")) later(form);
  });
}

const isOpen = (form) => form.querySelector("[data-keep-mine]");
const flush = () => { for (const form of forms()) if (!isOpen(form)) save(form); };
document.addEventListener("click", (event) => { if (event.target.closest("a.wl-item")) flush(); }, true);

// What is being sent is no draft any more; when it was refused it is one again.
document.addEventListener("htmx:config:request", (event) => {
  const form = event.detail.ctx.sourceElement;
  if (form.matches("form.composer")) clearTimeout(memory(form).timer);
});
document.addEventListener("htmx:after:request", (event) => {
  const { sourceElement: form, response } = event.detail.ctx;
  if (!form.matches("form.composer") || !response) return;
  if (response.status < 400) forget(nameOf(form));
  else later(form);
});

// An appeal that is somebody else's now: what was typed into it stays on this computer.
document.addEventListener("htmx:after:swap", () => {
  if (!document.querySelector("#appeal [data-refusal='NotYoursNow']")) return;
  for (const form of forms()) if (!isEmpty(form)) keepHere(form);
});

// A composer that goes without another in its place leaves here what was not kept yet.
let going = [];
document.addEventListener("htmx:before:swap", () => {
  going = forms().filter(isChanged).map((form) => ({ form, name: nameOf(form), kept: { fields: fieldsOf(form), version: form.dataset.version } }));
});
document.addEventListener("htmx:after:swap", (event) => {
  const { sourceElement, response } = event.detail.ctx;
  for (const { form, name, kept } of going) {
    const gone = response?.status < 400 && sourceElement === form;
    if (!form.isConnected && !gone && !forms().some((other) => nameOf(other) === name)) keep(name, kept);
  }
  going = [];
});

// An answer taken back is put before what is written now: that has to be there first.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-undo]"), form = forms().find((each) => kindOf(each) === "answer");
  if (!button || !form || isEmpty(form) || !isChanged(form)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  await save(form);
  button.click();
}, true);

// An answer that goes another way takes along what is written: that has to be there first.
document.addEventListener("submit", async (event) => {
  const way = event.target;
  if (!way.matches("[data-way]") || !forms().some((form) => isChanged(form))) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const button = event.submitter;
  for (const form of forms()) if (isChanged(form)) await save(form);
  if (!forms().some(isChanged)) way.requestSubmit(button);
}, true);

window.addEventListener("pagehide", () => {
  for (const form of forms()) {
    if (!isChanged(form)) continue;
    const body = bodyOf(form, fieldsOf(form));
    if (isLost() || body.toString().length > LARGEST_FAREWELL) keepHere(form);
    else put(form, body, { keepalive: true }).catch(() => {});
  }
});

// What was kept here while there was no link comes back into its composer, and from there to the server.
const bring = (form) => {
  if (known.has(form) || !fieldOf(form)) return;
  memory(form);
  const here = recall(nameOf(form));
  if (!here) return;
  const drawn = textOf(form);
  restore(form, here.fields);
  if (textOf(form).trim() === drawn.trim()) return forget(nameOf(form));
  form.dataset.version = here.version;
  save(form);
};

const bringAll = () => { for (const form of forms()) bring(form); };
document.addEventListener("htmx:after:swap", bringAll);
document.addEventListener("cec:settled", () => { for (const form of forms()) save(form); });
// An answer that has gone leaves no draft behind.
document.addEventListener("cec:gone", (event) => { forget(`draft.${event.detail.appeal}.${event.detail.kind}`); });
bringAll();
