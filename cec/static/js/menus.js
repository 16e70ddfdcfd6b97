// Menus and popovers: opened by their button, closed by Escape, a click elsewhere or a choice; focus returns.
let opener = null;

const menuOf = (button) => document.getElementById(button.dataset.menu);

/** Close whatever is open; tells whether something was. */
export const closeMenus = ({ refocus = false } = {}) => {
  let closed = false;
  for (const button of document.querySelectorAll("[data-menu][aria-expanded='true']")) {
    button.setAttribute("aria-expanded", "false");
    const menu = menuOf(button);
    if (menu?.dataset.slot !== undefined) menu.replaceChildren();
    else if (menu) menu.hidden = true;
    closed = true;
  }
  if (closed && refocus) opener?.focus();
  return closed;
};

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-menu]");
  if (button) {
    const wasOpen = button.getAttribute("aria-expanded") === "true";
    closeMenus();
    if (wasOpen) {
      if (menuOf(button)?.dataset.slot !== undefined) event.stopImmediatePropagation();
      return;
    }
    opener = button;
    button.setAttribute("aria-expanded", "true");
    const menu = menuOf(button);
    if (menu && menu.dataset.slot === undefined) {
      menu.hidden = false;
      menu.querySelector("a, button, input")?.focus();
    }
    return;
  }
  const inside = event.target.closest(".pop, .pop-in");
  if (!inside || event.target.closest("[data-close]")) closeMenus({ refocus: Boolean(event.target.closest("[data-close]")) });
}, true);

document.addEventListener("htmx:after:swap", () => {
  const wanted = document.querySelector(".pop [data-first]:not([data-focused])");
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

document.addEventListener("keydown", (event) => {
  const pop = event.target.closest?.(".pop");
  if (!pop || !["ArrowDown", "ArrowUp"].includes(event.code)) return;
  const stops = [...pop.querySelectorAll("a, button, input")].filter((stop) => stop.offsetParent);
  const next = stops.indexOf(document.activeElement) + (event.code === "ArrowDown" ? 1 : -1);
  stops[Math.max(0, Math.min(stops.length - 1, next))]?.focus();
  event.preventDefault();
});
