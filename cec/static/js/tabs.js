// Tabs of the applications: arrows move and choose, the choice outlives a switch between appeals, a panel is fetched when first shown.
let chosen = "tab-client";

const tabs = () => [...document.querySelectorAll("#apps [role='tab']")];
const panelOf = (tab) => document.getElementById(tab.getAttribute("aria-controls"));

const choose = (tab, { focus = false } = {}) => {
  if (!tab) return;
  chosen = tab.id;
  for (const other of tabs()) {
    const isIt = other === tab;
    other.setAttribute("aria-selected", String(isIt));
    other.tabIndex = isIt ? 0 : -1;
    panelOf(other).hidden = !isIt;
  }
  if (focus) tab.focus();
  const panel = panelOf(tab);
  if (panel.hasAttribute("hx-get") && !panel.dataset.fetched) {
    panel.dataset.fetched = "1";
    window.htmx.trigger(panel, "shown");
  }
};

document.addEventListener("click", (event) => {
  const tab = event.target.closest("#apps [role='tab']");
  if (tab) choose(tab);
});

document.addEventListener("keydown", (event) => {
  const tab = event.target.closest?.("#apps [role='tab']");
  if (!tab || event.altKey || event.ctrlKey) return;
  const all = tabs(), at = all.indexOf(tab);
  const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: all.length - 1 }[event.code];
  if (to === undefined) return;
  event.preventDefault();
  choose(all[(to + all.length) % all.length], { focus: true });
});

/** Focus the applications: the chosen tab. */
export const focusApps = () => document.querySelector("#apps [role='tab'][aria-selected='true']")?.focus();

let shown = document.getElementById("appeal")?.dataset.id;
document.addEventListener("htmx:after:swap", () => {
  const id = document.getElementById("appeal")?.dataset.id;
  if (id !== shown && chosen !== "tab-client") choose(document.getElementById(chosen));
  shown = id;
});
