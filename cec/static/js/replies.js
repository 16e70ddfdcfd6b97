// Templates in an answer or a first message: the panel of `/` and Ctrl+/, the prompter's Alt+Q; what is typed stays, what is inserted is counted.
import { closeMenus } from "./menus.js";
import { say } from "./say.js";
import { cursorOf, fieldOf, first, focus, formOf, forms, insert, isEmpty, plainOf, putCursor, putCursorLast } from "./writing.js";

// What lies over the work comes last, and is meant.
const pop = () => [...document.querySelectorAll(".pop.templates")].pop();
const words = () => document.getElementById("templates-words");
const composer = () => forms().find((form) => form.dataset.note === undefined);
const answer = () => first() ?? composer();
const options = () => [...(pop()?.querySelectorAll("[role='option']") ?? [])];
const chosen = () => options().find((option) => option.getAttribute("aria-selected") === "true");

// Where the cursor stood when the panel was opened; nowhere: behind what is written.
let cursor = null;
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-templates]") && answer()) cursor = cursorOf(answer());
}, true);

// Whoever is quicker than the panel types his words here, not into the answer.
const opener = () => [...document.querySelectorAll("[data-templates]")].pop();
const isOpen = () => opener()?.getAttribute("aria-expanded") === "true";
let early = null;
document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-templates]") || !isOpen()) return;
  early = document.createElement("input");
  early.className = "form-control";
  early.setAttribute("aria-label", opener().dataset.find);
  pop().replaceChildren(early);
  early.focus();
});
document.addEventListener("htmx:after:request", (event) => {
  const { ctx } = event.detail;
  if (ctx.sourceElement !== opener() || !pop()) return;
  // A no stands at the answer, where it is looked for; what was closed before it came stays closed.
  if (ctx.response?.status >= 400) closeMenus({ refocus: true });
  else if (!isOpen()) ctx.swap = "none";
});
const carryOn = () => {
  const said = early?.value ?? "";
  early = null;
  words().focus();
  if (!said) return;
  words().value = said;
  words().dispatchEvent(new Event("input", { bubbles: true }));
};

const put = (form, id, text, at) => {
  if (!form) return;
  focus(form);
  if (at) putCursor(form, at);
  else putCursorLast(form);
  insert(form, text);
  const used = form.elements.templates;
  used.value = [...new Set([...used.value.split(" "), id])].filter(Boolean).join(" ");
  fieldOf(form).dispatchEvent(new CustomEvent("written", { bubbles: true }));
};

const send = () => answer()?.querySelector("[data-send]").click();

const take = ({ sent = false } = {}) => {
  const option = chosen();
  if (!option) return;
  const { template, text } = option.dataset;
  closeMenus();
  put(answer(), template, text, cursor);
  if (sent) send();
};

// --- choosing ------------------------------------------------------------------------------------------------------------
const tellStar = () => {
  const button = pop().querySelector("[data-template-star]"), option = chosen();
  button.setAttribute("aria-pressed", String(option?.dataset.starred !== undefined));
  for (const act of pop().querySelectorAll("[data-template-insert], [data-template-send], [data-template-star]")) act.disabled = !option;
};

const choose = (option) => {
  for (const other of options()) other.setAttribute("aria-selected", String(other === option));
  for (const preview of pop().querySelectorAll("[data-preview]")) preview.hidden = preview.dataset.preview !== option?.dataset.template;
  words().setAttribute("aria-expanded", String(Boolean(option)));
  if (option) words().setAttribute("aria-activedescendant", option.id);
  else words().removeAttribute("aria-activedescendant");
  option?.scrollIntoView({ block: "nearest" });
  tellStar();
};

const toggleStar = async () => {
  const option = chosen(), starred = option.dataset.starred !== undefined;
  const answered = await fetch(option.dataset.star, { method: starred ? "DELETE" : "PUT", headers: { Accept: "application/json" } });
  if (!answered.ok) return say((await answered.json()).error);
  if (starred) delete option.dataset.starred;
  else option.dataset.starred = "";
  tellStar();
};

const openKeeping = (button) => {
  const form = document.getElementById("templates-keep");
  if (!form) return;
  const text = plainOf(answer());
  if (!text) return say(form.dataset.empty);
  form.elements.text.value = text;
  form.hidden = false;
  pop().querySelector(".tpl-acts").hidden = true;
  button.setAttribute("aria-expanded", "true");
  form.elements.name.focus();
};

document.addEventListener("click", (event) => {
  const hit = (selector) => event.target.closest?.(selector);
  if (hit(".pop.templates [role='option']")) choose(hit("[role='option']"));
  if (hit("[data-template-insert]")) take();
  if (hit("[data-template-send]")) take({ sent: true });
  if (hit("[data-template-star]")) toggleStar();
  if (hit("[data-template-keep]")) openKeeping(hit("[data-template-keep]"));
  const suggested = hit("[data-suggested]");
  if (suggested && composer()) put(composer(), suggested.dataset.suggested, suggested.dataset.text, cursorOf(composer()));
});
document.addEventListener("dblclick", (event) => { if (event.target.closest?.(".pop.templates [role='option']")) take(); });

// --- keys ----------------------------------------------------------------------------------------------------------------
const enter = (event) => event.code.replace("Numpad", "") === "Enter";
const move = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 };

document.addEventListener("keydown", (event) => {
  if (event.isComposing || !event.target.closest?.(".pop.templates") || event.target.closest("#templates-keep")) return;
  const inList = event.target === words() || event.target.matches("[role='listbox']"), all = options();
  if (event.ctrlKey && enter(event)) take({ sent: true });
  else if (inList && enter(event)) take();
  else if (inList && event.code in move && all.length) choose(all[Math.max(0, Math.min(all.length - 1, all.indexOf(chosen()) + move[event.code]))]);
  else return;
  event.preventDefault();
  event.stopImmediatePropagation();
}, true);

// A stroke in an empty answer opens the panel; by its place too, where the Russian layout has a full stop.
document.addEventListener("keydown", (event) => {
  const form = formOf(event.target);
  const isSlash = event.key === "/" || (event.code === "Slash" && !event.shiftKey);
  if (!form || event.target !== fieldOf(form) || !isSlash || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
  const button = form.querySelector("[data-templates]");
  if (!button || !isEmpty(form) || document.documentElement.dataset.keys === "off") return;
  event.preventDefault();
  event.stopImmediatePropagation();
  button.click();
}, true);

// --- what is left to write: marked without touching the letter -------------------------------------------------------------
// The number of an appeal that is not there yet is put in by the centre.
const LEFT = /\{\{[^{}]*\}\}/g, LATER = /^\{\{\s*appeal\.number\b/;
const mark = () => {
  if (!CSS.highlights) return;
  const field = answer() && fieldOf(answer()), ranges = [];
  if (field?.textContent.includes("{{")) {
    const walker = document.createTreeWalker(field, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) for (const found of walker.currentNode.data.matchAll(LEFT)) {
      if (first() && LATER.test(found[0])) continue;
      const range = document.createRange();
      range.setStart(walker.currentNode, found.index);
      range.setEnd(walker.currentNode, found.index + found[0].length);
      ranges.push(range);
    }
  }
  if (ranges.length) CSS.highlights.set("left-to-write", new Highlight(...ranges));
  else if (CSS.highlights.has("left-to-write")) CSS.highlights.delete("left-to-write");
};
document.addEventListener("written", mark);

// The prompter is asked once an appeal is open and drawn, and anew when its topic or an answer may have changed it.
const WAIT = 400;
let asked = "", waiting = null;
const prompt = () => {
  const prompter = document.getElementById("prompter");
  if (prompter?.hasAttribute("hx-get")) window.htmx.trigger(prompter, "refresh");
};
const later = () => {
  clearTimeout(waiting);
  waiting = setTimeout(prompt, WAIT);
};
const promptOnce = () => {
  const about = document.getElementById("prompter")?.getAttribute("hx-get") ?? "";
  if (about === asked) return;
  asked = about;
  later();
};
promptOnce();
document.addEventListener("htmx:after:request", (event) => {
  const { sourceElement: source, response } = event.detail.ctx;
  if (response?.status < 400 && source.matches?.("form.composer:not([data-note]), #topics form")) later();
});

document.addEventListener("htmx:after:swap", (event) => {
  const { target } = event.detail.ctx;
  if (target && target === pop() && words()) carryOn();
  if (words() && (target === pop() || target?.id === "templates-found")) choose(options()[0]);
  if (target?.id === "templates-found") say(options().length ? "" : target.textContent.trim());
  mark();
  if (words() && !document.getElementById("templates-keep")) pop().querySelector(".tpl-acts").hidden = false;
  promptOnce();
});
mark();
