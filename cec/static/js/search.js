// Search: Ctrl+K, arrows through what was found, Enter opens, Escape gives focus back to where it was.
import { say } from "./say.js";

const field = () => document.getElementById("q");
const pop = () => document.getElementById("found-pop");
const options = () => [...pop().querySelectorAll("[role='option']")];
let before = null;

const show = (shown) => {
  pop().hidden = !shown;
  field().setAttribute("aria-expanded", String(shown && options().length > 0));
  document.getElementById("search").classList.toggle("is-open", shown);
  if (!shown) field().removeAttribute("aria-activedescendant");
};

const choose = (option) => {
  for (const other of options()) other.setAttribute("aria-selected", String(other === option));
  field().setAttribute("aria-activedescendant", option.id);
  option.scrollIntoView({ block: "nearest" });
};

const leave = () => {
  show(false);
  field().value = "";
  pop().replaceChildren();
  (before?.isConnected ? before : document.querySelector("#appeal h1"))?.focus({ preventScroll: true });
};

const open = (option) => {
  option.click();
  show(false);
  field().value = "";
};

document.addEventListener("focusin", (event) => {
  if (event.target === field()) {
    if (event.relatedTarget) before = event.relatedTarget;
    show(Boolean(field().value.trim()));
    document.getElementById("search").classList.add("is-open");
  } else if (field() && !event.target.closest("#search")) show(false);
});

document.addEventListener("keydown", (event) => {
  if (event.target !== field() || !field()) return;
  const all = options(), at = all.findIndex((option) => option.getAttribute("aria-selected") === "true");
  if (event.key === "Escape") leave();
  else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    if (all.length) choose(all[(at + (event.key === "ArrowDown" ? 1 : all.length - 1 + (at < 0 ? 1 : 0)) + all.length) % all.length]);
  } else if (event.key === "Enter") { if (all.length) open(all[Math.max(at, 0)]); } else return;
  event.preventDefault();
  event.stopPropagation();
}, true);

document.addEventListener("pointerdown", (event) => {
  if (pop() && !event.target.closest?.("#search")) show(false);
});
document.addEventListener("click", (event) => {
  const option = event.target.closest?.("#found-pop [role='option']");
  if (option) setTimeout(() => { show(false); field().value = ""; });
});

document.addEventListener("htmx:after:swap", (event) => {
  if (event.detail.ctx?.target !== pop() || !field()) return;
  show(document.activeElement === field() && Boolean(field().value.trim()));
  const none = pop().querySelector(".none");
  if (none) say(none.textContent);
  else if (options().length) choose(options()[0]);
});
