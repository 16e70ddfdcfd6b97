// Menus and popovers: opened by their button, closed by Escape, a click elsewhere or a choice; focus returns.
let opener = null, open = "";

const menu = () => document.getElementById(open);
const tell = (expanded) => {
  for (const button of document.querySelectorAll(`[data-menu="${open}"]`)) button.setAttribute("aria-expanded", String(expanded));
};

/** Close what is open; tells whether something was. */
export const closeMenus = ({ refocus = false } = {}) => {
  if (!open) return false;
  tell(false);
  if (menu()?.dataset.slot !== undefined) menu().replaceChildren();
  else if (menu()) menu().hidden = true;
  open = "";
  if (refocus && opener?.isConnected) opener.focus();
  return true;
};

// A button inside a menu goes with it: focus returns to where it was, or to the button of that menu.
const returning = (button) => {
  const shown = (element) => element && element !== document.body && element.offsetParent !== null;
  // Who goes on writing afterwards returns to where the cursor is.
  const first = button.dataset.returns === undefined ? [] : [document.activeElement];
  return [...first, button, document.activeElement, button.closest(".menu-of")?.querySelector("[data-menu]")].find(shown) ?? null;
};

const show = (button) => {
  opener = returning(button);
  open = button.dataset.menu;
  tell(true);
  if (!menu() || menu().dataset.slot !== undefined) return;
  menu().hidden = false;
  menu().querySelector("a, button, input")?.focus();
};

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-menu]");
  if (button) {
    const wasOpen = open === button.dataset.menu;
    closeMenus();
    if (!wasOpen) show(button);
    else if (menuIsFetched(button)) event.stopImmediatePropagation();
    return;
  }
  const chosen = event.target.closest("[data-close]");
  // A choice is first done, then its menu goes.
  if (chosen) setTimeout(() => closeMenus({ refocus: true }));
  else if (!event.target.closest(".pop, .pop-in")) closeMenus();
}, true);

const menuIsFetched = (button) => document.getElementById(button.dataset.menu)?.dataset.slot !== undefined;

// A redrawn button still says that its menu is open.
document.addEventListener("htmx:after:swap", () => {
  if (open && menu()) tell(true);
  else if (open) open = "";
});

document.addEventListener("htmx:after:swap", () => {
  const wanted = document.querySelector(".pop[data-slot] [data-first]:not([data-focused])");
  if (wanted) {
    wanted.dataset.focused = "";
    wanted.focus();
  }
});

document.addEventListener("input", (event) => {
  const list = event.target.dataset.filters && document.getElementById(event.target.dataset.filters);
  if (!list) return;
  const words = event.target.value.toLocaleLowerCase().split(/\s+/);
  for (const row of list.children) row.hidden = !words.every((word) => row.textContent.toLocaleLowerCase().includes(word));
});

// Enter in the field that narrows a list takes the first line that is left.
document.addEventListener("keydown", (event) => {
  const list = event.target.dataset?.filters && document.getElementById(event.target.dataset.filters);
  if (!list || event.code.replace("Numpad", "") !== "Enter" || event.isComposing) return;
  event.preventDefault();
  [...list.children].find((row) => !row.hidden)?.querySelector("button")?.click();
});

document.addEventListener("keydown", (event) => {
  const pop = event.target.closest?.(".pop");
  if (!pop || !["ArrowDown", "ArrowUp"].includes(event.code)) return;
  const stops = [...pop.querySelectorAll("a, button, input")].filter((stop) => stop.offsetParent);
  const next = stops.indexOf(document.activeElement) + (event.code === "ArrowDown" ? 1 : -1);
  stops[Math.max(0, Math.min(stops.length - 1, next))]?.focus();
  event.preventDefault();
});
