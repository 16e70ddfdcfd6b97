// Tabs of a long form: arrows move and choose, the address keeps the choice, a field that is not filled in opens its tab.
const form = document.querySelector("form[data-tabs]");
const tabs = [...form.querySelectorAll("[role='tab']")];
const panelOf = (tab) => document.getElementById(tab.getAttribute("aria-controls"));
const nameOf = (tab) => tab.id.replace(/^tab-/, "");

const choose = (tab, { focus = false } = {}) => {
  for (const other of tabs) {
    const isIt = other === tab;
    other.setAttribute("aria-selected", String(isIt));
    other.tabIndex = isIt ? 0 : -1;
    panelOf(other).hidden = !isIt;
  }
  if (focus) tab.focus();
  history.replaceState(null, "", `#${nameOf(tab)}`);
};

for (const [at, tab] of tabs.entries()) {
  tab.addEventListener("click", () => choose(tab));
  tab.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1 }[event.code];
    if (to === undefined) return;
    event.preventDefault();
    choose(tabs[(to + tabs.length) % tabs.length], { focus: true });
  });
}

// The browser wants to show the first field that is not filled in: it has to be on screen by then.
let isShown = false;
form.addEventListener("invalid", (event) => {
  if (isShown) return;
  isShown = true;
  setTimeout(() => { isShown = false; });
  choose(tabs.find((tab) => panelOf(tab).contains(event.target)) ?? tabs[0]);
}, true);

// After saving and after a reload the tab of before is open, unless the server has found something wrong elsewhere.
const wanted = tabs.find((tab) => nameOf(tab) === location.hash.slice(1));
if (wanted && !form.querySelector("[data-error]:not([hidden])")) choose(wanted);
