// The composer: answer or note, whom it goes to, Send only with something to send; a first message is weighed likewise.
import { cursorOf, fieldOf, first, focus, formOf, forms, insert, isEmpty, kindOf, putCursor, restore, fieldsOf, textOf, written } from "./writing.js";

/** Count what is written, and say why it cannot be sent as it is. */
export const weigh = (form) => {
  const send = form.querySelector("[data-send]"), limit = Number(form.dataset.limit);
  const empty = isEmpty(form), long = textOf(form).length > limit;
  send.setAttribute("aria-disabled", String(empty || long));
  send.title = empty ? send.dataset.whenEmpty : long ? send.dataset.whenLong : "";
  const count = form.querySelector("[data-count]");
  count.firstElementChild.textContent = textOf(form).length;
  count.lastElementChild.textContent = ` / ${limit.toLocaleString(document.documentElement.lang)}`;
  count.classList.toggle("bad", long);
  // Nothing is written yet: what the client wrote up to now has been seen.
  if (empty) form.querySelector("[name='seen_message_id']")?.setAttribute("value", document.getElementById("appeal")?.dataset.last ?? "0");
};

// What was chosen since the last sending.
let chosen = null;

const switchTo = (note, { focused = true } = {}) => {
  if (forms().length > 1) for (const form of forms()) form.hidden = (form.dataset.note !== undefined) !== note;
  const shown = forms().find((form) => !form.hidden);
  if (shown && focused) focus(shown);
};

// --- whom it goes to -------------------------------------------------------------------------------------------------
const addresses = (form, name) => form.elements[name].value.split(/[,;\n]/).map((part) => part.trim()).filter(Boolean);

const tellWhom = (form) => {
  const button = form.querySelector("[data-whom]");
  if (!button) return;
  const to = addresses(form, "to").join(", "), cc = addresses(form, "cc").length, bcc = addresses(form, "bcc").length;
  const words = [];
  if (cc) words.push(button.dataset.wordsCc.replace("{n}", cc));
  if (bcc) words.push(button.dataset.wordsBcc.replace("{n}", bcc));
  button.querySelector("[data-whom-words]").textContent = button.dataset.wordsTo.replace("{addresses}", to || "—");
  button.querySelector("[data-whom-more]").textContent = words.map((each) => `· ${each}`).join(" ");
};

const openWhom = (form, open) => {
  form.querySelector("[data-whom]").setAttribute("aria-expanded", String(open));
  form.querySelector(".whom-fields").hidden = !open;
  if (open) form.elements.to.focus();
};

const isNowhere = () => [null, document.body].includes(document.activeElement);

document.addEventListener("click", (event) => {
  const tab = event.target.closest("[data-compose]");
  if (tab) {
    chosen = tab.dataset.compose === "note";
    switchTo(chosen);
  }
  const whom = event.target.closest("[data-whom]");
  if (whom) openWhom(whom.closest("form"), whom.getAttribute("aria-expanded") !== "true");
  const sign = event.target.closest("[data-emoji]");
  if (sign) insert(sign.closest("form"), sign.textContent);
}, true);

for (const name of ["input", "written", "change"]) {
  document.addEventListener(name, (event) => {
    const form = formOf(event.target);
    if (!form || event.target.matches("[data-link]")) return;
    if (event.target === fieldOf(form)) weigh(form);
    if (event.target.matches(".whom-fields input")) tellWhom(form);
  });
}

// --- the client sees that an answer is being written -----------------------------------------------------------------
const WRITES_EVERY = 3000;
let wrote = 0;
document.addEventListener("input", (event) => {
  const form = event.target.closest?.("form.composer[data-writes]");
  if (!form || event.target !== fieldOf(form) || isEmpty(form) || Date.now() - wrote < WRITES_EVERY) return;
  wrote = Date.now();
  fetch(form.dataset.writes, { method: "POST" }).catch(() => {});
});

// --- emoji: arrows go through the signs ------------------------------------------------------------------------------
const COLUMNS = 8;
const by = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: COLUMNS, ArrowUp: -COLUMNS };
document.addEventListener("keydown", (event) => {
  if (!event.target.matches?.("[data-emoji]") || !(event.code in by)) return;
  const signs = [...event.target.parentElement.children];
  signs[signs.indexOf(event.target) + by[event.code]]?.focus();
  event.preventDefault();
  event.stopImmediatePropagation();
}, true);

// --- what was typed outlives a redrawn composer ----------------------------------------------------------------------
// A composer that changes its kind (work goes on, or stops) keeps what was typed and not yet saved.
let typed = { composer: null, kept: new Map() }, sent = null;
document.addEventListener("htmx:before:swap", (event) => {
  const { sourceElement, response } = event.detail.ctx;
  const composer = document.getElementById("appeal")?.dataset.composer;
  // Where nothing is written there is no cursor to keep; asking for it would lay the page out.
  const keep = (form) => (isEmpty(form) ? { form, empty: true } : { form, fields: fieldsOf(form), cursor: cursorOf(form) });
  typed = { composer, kept: new Map(forms().map((form) => [kindOf(form), keep(form)])) };
  // What was sent goes with its field: letting go of it now, while nothing has changed yet, spares the page a layout.
  if (sourceElement === sent && response?.status < 400 && sent?.contains(document.activeElement)) document.activeElement.blur();
});

const keepTyped = () => {
  const panel = document.getElementById("appeal"), same = panel?.dataset.composer === typed.composer;
  const other = sent?.matches("form.composer") && !sent.isConnected && sent.dataset.appeal === panel?.dataset.id ? kindOf(sent) : null;
  for (const form of forms()) {
    const before = typed.kept.get(kindOf(form));
    if (!before || before.empty || before.form === form || !(same || (other && kindOf(form) !== other))) continue;
    form.dataset.typed = "";
    restore(form, before.fields);
    putCursor(form, before.cursor);
  }
};

// The words go along with the request as the server wants them.
document.addEventListener("htmx:config:request", (event) => {
  const { ctx } = event.detail, form = ctx.sourceElement;
  if (form !== formOf(form)) return;
  for (const [name, value] of Object.entries(written(form))) ctx.request.body.set(name, value);
});

// Whatever else redraws the panel keeps its composer, with what is being typed into it.
document.addEventListener("htmx:config:request", (event) => {
  const { ctx } = event.detail, panel = document.getElementById("appeal");
  if (ctx.request.method === "GET" || !panel?.contains(ctx.sourceElement) || ctx.sourceElement.matches("form.composer, [data-undo], [data-way]")) return;
  const kept = new URL(panel.getAttribute("hx-get"), location.href).searchParams;
  if (ctx.request.body?.set) for (const [name, value] of kept) ctx.request.body.set(name, value);
});

document.addEventListener("htmx:config:request", (event) => {
  const source = event.detail.ctx.sourceElement;
  if (!source.matches("form.composer, [data-undo], [data-way]")) return;
  [sent, chosen] = [source, null];
});
document.addEventListener("htmx:after:swap", () => {
  keepTyped();
  if (first()) weigh(first());
  for (const form of forms()) {
    weigh(form);
    tellWhom(form);
    if (form.querySelector(".whom-fields [aria-invalid]")) openWhom(form, true);
  }
  // Who has written a note goes on in notes: an answer must never be written by mistake. Who has chosen meanwhile goes on
  // with that; who has gone elsewhere is left there.
  if (sent && !sent.isConnected) switchTo(chosen ?? sent.dataset.note !== undefined, { focused: isNowhere() });
  sent = sent?.isConnected ? sent : null;
});
for (const form of forms()) {
  weigh(form);
  tellWhom(form);
}
