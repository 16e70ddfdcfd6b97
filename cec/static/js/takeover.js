// Another window took the session over: this one stays as it is, readable and copyable, and does nothing until it is taken back.
const root = document.documentElement;
const ACTS = "a[href], button, select, summary, input:is([type='checkbox'], [type='radio'], [type='file'])";
const TEXTS = "textarea, input:not([type='hidden'], [type='checkbox'], [type='radio'], [type='file'])";
const banner = () => document.getElementById("taken-over");
let stilled = [];

const still = (element, name, value) => {
  if (element.closest("#taken-over") || element[name] === value) return;
  stilled.push([element, name, element[name]]);
  element[name] = value;
};

/** Tell whether another window has this session. */
export const isHeld = () => root.classList.contains("is-held");

/** Make the window read-only in place. */
export const withhold = () => {
  if (isHeld() || !banner()) return;
  root.classList.add("is-held");
  const lost = document.activeElement?.matches(ACTS);
  for (const element of document.querySelectorAll(ACTS)) still(element, "inert", true);
  for (const element of document.querySelectorAll(TEXTS)) still(element, "readOnly", true);
  for (const element of document.querySelectorAll("[contenteditable]")) still(element, "contentEditable", "false");
  banner().hidden = false;
  if (lost) banner().querySelector("button").focus();
  document.dispatchEvent(new Event("cec:held"));
};

/** Let the window work again, with all that was typed in it. */
export const release = () => {
  if (!isHeld()) return;
  root.classList.remove("is-held");
  for (const [element, name, value] of stilled) element[name] = value;
  stilled = [];
  banner().hidden = true;
  document.dispatchEvent(new Event("cec:released"));
};

const takeBack = async (button) => {
  button.setAttribute("aria-busy", "true");
  const answer = await fetch("/session", { method: "POST", headers: { "HX-Request": "true" } }).catch(() => null);
  button.removeAttribute("aria-busy");
  banner().querySelector("[data-sign-in]").hidden = !answer || answer.ok;
  if (answer?.ok) document.dispatchEvent(new Event("cec:take-back"));
};

// Keys and clicks reach nobody; what the browser itself does with them, such as copying, it may do.
for (const name of ["keydown", "keyup", "click", "submit", "drop", "dragover", "paste", "change"]) {
  window.addEventListener(name, (event) => {
    if (!isHeld() || event.target.closest?.("#taken-over")) return;
    event.stopImmediatePropagation();
    if (!name.startsWith("key")) event.preventDefault();
  }, true);
}
for (const name of ["htmx:config:request", "htmx:before:swap"]) {
  document.addEventListener(name, (event) => { if (isHeld()) event.preventDefault(); }, true);
}
// The first to notice may be an act: its answer is no page to go to.
document.addEventListener("htmx:before:swap", (event) => {
  if (event.detail.ctx.response?.status !== 401) return;
  event.preventDefault();
  document.dispatchEvent(new Event("cec:session-ended"));
}, true);

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-take-back]");
  if (button) takeBack(button);
});
