// Messages that wait to be sent: kept on this computer with their name, sent once the link is back, each exactly once.
import { clock, now } from "./clocks.js";
import { forget, keep, recall } from "./kept_here.js";
import { isLost, lose } from "./link.js";
import { purified } from "./letter_editor.js";
import { say } from "./say.js";
import { fieldsOf, focus, forms, isEmpty, kindOf, restore, write } from "./writing.js";

const RETRY = 5000;
const NAME = "outbox";
const all = () => recall(NAME) ?? [];
const set = (items) => (items.length ? keep(NAME, items) : forget(NAME) ?? true);
const change = (uuid, facts) => set(all().map((item) => (item.uuid === uuid ? { ...item, ...facts } : item)));
const drop = (uuid) => set(all().filter((item) => item.uuid !== uuid));

/** Tell whether messages of an appeal wait. */
export const waitingFor = (appeal) => all().some((item) => item.appeal === appeal && item.state === "waiting");

const pathOf = (item) => `/operator/appeals/${item.appeal}/${item.kind === "note" ? "notes" : "messages"}`;

// The composer goes on under a new name: a panel that is redrawn finds it by that.
const rename = (form, uuid) => {
  const before = form.elements.client_uuid.value, panel = document.getElementById("appeal");
  form.elements.client_uuid.value = uuid;
  if (kindOf(form) === "note") return;
  panel.dataset.composer = uuid;
  panel.setAttribute("hx-get", panel.getAttribute("hx-get").replace(before, uuid));
  const bottom = form.closest(".bottom");
  bottom.id = bottom.id.replace(before, uuid);
};

/** Take a message from its composer and keep it until it is sent. */
export const hold = (form, { tried = false } = {}) => {
  const item = {
    uuid: form.elements.client_uuid.value, appeal: form.dataset.appeal, client: form.dataset.client, kind: kindOf(form), state: "waiting", tried,
    fields: { ...fieldsOf(form), seen_message_id: form.elements.seen_message_id?.value ?? "0" }, at: now(),
  };
  if (all().some((other) => other.uuid === item.uuid)) return;
  if (!set([...all(), item])) return say(document.getElementById("unsent").dataset.full);
  form.querySelector("[data-refused]").replaceChildren();
  form.querySelector(".files")?.replaceChildren();
  rename(form, crypto.randomUUID());
  form.dataset.version = "0";
  write(form, { text: "" });
  if (form.elements.templates) form.elements.templates.value = "";
  document.dispatchEvent(new CustomEvent("cec:gone", { detail: item }));
  focus(form);
  draw();
};

// --- sending ---------------------------------------------------------------------------------------------------------
const post = async (item) => {
  change(item.uuid, { tried: true });
  const body = new URLSearchParams({ ...item.fields, client_uuid: item.uuid });
  if (item.kind === "note") body.set("is_note", "1");
  const answer = await fetch(pathOf(item), { method: "POST", body, headers: { Accept: "application/json" } });
  return { status: answer.status, told: await answer.json() };
};

// A link that is there and yet carries nothing is not tried again at once.
let again = null, failed = -RETRY;
const later = () => { again ??= setTimeout(() => { again = null; flush(); }, RETRY); };

const sendOne = async (item) => {
  let answer;
  try { answer = await post(item); } catch {
    failed = performance.now();
    lose();
    return false;
  }
  if (answer.told.message_id) {
    drop(item.uuid);
    return true;
  }
  // Signed out, or the centre itself is in trouble: nothing is decided, it waits.
  if (answer.status === 401 || answer.status >= 500) return false;
  change(item.uuid, { state: "refused", reason: Object.values(answer.told.fields ?? {})[0] ?? answer.told.error });
  return true;
};

const sendAll = async () => {
  let sent = 0;
  for (const item of all().filter((each) => each.state === "waiting")) {
    if (!(await sendOne(item))) {
      if (!isLost()) later();
      break;
    }
    sent += 1;
  }
  draw();
  if (sent) for (const part of ["worklist", "appeal"]) {
    const element = document.getElementById(part);
    if (element?.hasAttribute("hx-get")) window.htmx.trigger(element, "refresh");
  }
  if (!all().some((item) => item.state === "waiting")) document.dispatchEvent(new CustomEvent("cec:settled"));
};

/** Send what waits, in one window of several. */
export const flush = () => navigator.locks.request("cec.outbox", { ifAvailable: true }, (lock) => (lock ? sendAll() : null));

// --- showing ---------------------------------------------------------------------------------------------------------
const plural = (element, n) => {
  const kind = new Intl.PluralRules(document.documentElement.lang).select(n);
  return (element.dataset[kind] ?? element.dataset.many ?? element.dataset.other).replace(/\d+/, n);
};

const pending = (item) => {
  const drawn = document.getElementById("unsent-message").content.cloneNode(true), line = drawn.firstElementChild;
  line.id = `unsent-${item.uuid}`;
  if (item.kind === "note") line.classList.add("of-note");
  line.querySelector("time").textContent = clock(item.at);
  const words = line.querySelector(".letter");
  if (item.fields.html) words.append(purified(item.fields.html));
  else words.textContent = item.fields.text;
  line.querySelector("[data-unsend]").hidden = item.tried;
  return drawn;
};

const refused = (item) => {
  const drawn = document.getElementById("unsent-refused").content.cloneNode(true), box = drawn.firstElementChild;
  box.dataset.unsent = item.uuid;
  box.querySelector("[data-client]").textContent = item.client;
  box.querySelector("[data-reason]").textContent = item.reason;
  box.querySelector("[data-open]").href = `/operator/appeals/${item.appeal}`;
  box.querySelector("[data-into]").hidden = !target(item);
  const text = document.createElement("div");
  text.append(item.fields.html ? purified(item.fields.html) : item.fields.text);
  box.querySelector("[data-words]").textContent = text.textContent;
  return drawn;
};

const target = (item) => forms().find((form) => form.dataset.appeal === item.appeal && kindOf(form) === item.kind);

/** Show what waits: in the feed of its appeal, and counted in the bar; what was refused stays in sight. */
export const draw = () => {
  const feed = document.getElementById("feed"), open = document.getElementById("appeal")?.dataset.id, items = all();
  for (const line of document.querySelectorAll("#feed [data-unsent]")) line.remove();
  const mine = items.filter((item) => item.appeal === open && item.state === "waiting");
  for (const item of feed ? mine : []) feed.append(pending(item));
  if (mine.length) feed?.scrollTo(0, feed.scrollHeight);
  document.getElementById("unsent")?.replaceChildren(...items.filter((item) => item.state === "refused").map(refused));
  const count = document.querySelector("[data-unsent-count]"), waiting = items.filter((item) => item.state === "waiting").length;
  if (count) count.textContent = waiting ? ` · ${plural(count, waiting)}` : "";
};

const back = (item) => {
  const form = target(item);
  if (!form || !isEmpty(form)) return say(document.getElementById("unsent").dataset.busy);
  drop(item.uuid);
  draw();
  restore(form, item.fields);
  form.hidden = false;
  for (const other of forms()) if (other !== form) other.hidden = true;
  focus(form);
};

document.addEventListener("click", (event) => {
  const uuid = event.target.closest("[data-unsent]")?.dataset.unsent ?? event.target.closest(".unsent")?.id.replace("unsent-", "");
  const item = uuid && all().find((each) => each.uuid === uuid);
  if (!item) return;
  if (event.target.closest("[data-unsend], [data-into]")) back(item);
  if (event.target.closest("[data-discard]")) {
    drop(item.uuid);
    draw();
  }
});

// --- when ------------------------------------------------------------------------------------------------------------
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("form.composer") || !isLost()) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  hold(form);
}, true);

// Asked and not answered: perhaps it came through. It waits under its name, so that it is one message in any case.
document.addEventListener("htmx:error", (event) => {
  const { ctx } = event.detail, form = ctx?.sourceElement;
  if (!form?.matches?.("form.composer") || ctx.response) return;
  lose();
  hold(form, { tried: true });
});

document.addEventListener("htmx:after:swap", draw);
document.addEventListener("cec:found", () => (performance.now() - failed < RETRY ? later() : flush()));
addEventListener("storage", draw);
draw();
if (all().some((item) => item.state === "waiting")) flush();
