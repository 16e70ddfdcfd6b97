// Keys by their place on the keyboard, so that they work in the Russian layout; each is named on its button: data-key.
import { closeMenus } from "./menus.js";
import { say } from "./say.js";

const nameOf = (event) =>
  (event.ctrlKey ? "Ctrl+" : "") + (event.altKey ? "Alt+" : "") + (event.shiftKey ? "Shift+" : "") +
  event.code.replace("NumpadEnter", "Enter");

const visible = (element) => !element.closest("[inert]") && (element.matches("#q") || element.offsetParent !== null || element.getClientRects().length > 0);

const withKey = (key) => [...document.querySelectorAll("[data-key]")].filter((e) => e.dataset.key === key && visible(e)).pop();

const typing = (target) => target.matches("input, textarea, select, [contenteditable]");

const STEPS = { "Alt+ArrowDown": 1, "Alt+ArrowUp": -1 };
// In a tab of a browser these are the browser's; in the installed window they are ours.
const INSTALLED = { "Ctrl+Tab": 1, "Ctrl+Shift+Tab": -1 };
const stepOf = (key) => STEPS[key] ?? (matchMedia("(display-mode: standalone)").matches ? INSTALLED[key] : undefined);

const step = (by) => {
  const items = [...document.querySelectorAll("#worklist a.wl-item")].sort((one, other) => one.dataset.rank - other.dataset.rank);
  const at = items.findIndex((item) => item.getAttribute("aria-current") === "true");
  items[(at + by + items.length) % items.length]?.click();
};

document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.metaKey || event.defaultPrevented) return;
  const key = nameOf(event);
  if (key === "Escape" && closeMenus({ refocus: true })) return;
  if (document.documentElement.dataset.keys === "off" && key !== "Escape") return;
  const by = stepOf(key);
  if (by) {
    step(by);
    event.preventDefault();
    return;
  }
  const question = event.key === "?" || key === "Shift+Slash";
  if (question && typing(event.target)) return;
  const wanted = question ? document.querySelector("[data-menu^='keys-']") : withKey(key);
  if (!wanted) return;
  event.preventDefault();
  if (wanted.matches("input")) wanted.focus();
  else wanted.click();
});

// A disabled button stays in reach and says why.
document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[aria-disabled='true']");
  if (!button) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  say(button.title);
}, true);
