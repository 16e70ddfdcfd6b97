// The list as one tab stop: arrows, Home, End, the first letters of a client; the counters of the top panel lead to their groups.
import { focusApps } from "./tabs.js";

const PAUSE = 700;
const items = () => [...document.querySelectorAll("#worklist a.wl-item")];
let stop = "", typed = "", typedAt = 0;

const rove = (item) => {
  if (!item) return;
  stop = item.id;
  for (const other of items()) {
    other.tabIndex = other === item ? 0 : -1;
    const pin = other.parentElement.querySelector("[data-pin]");
    if (pin) pin.tabIndex = other.tabIndex;
  }
};

const settle = () => {
  const all = items();
  rove(all.find((item) => item.id === stop) ?? all.find((item) => item.getAttribute("aria-current") === "true") ?? all[0]);
};

const go = (item) => {
  if (!item) return;
  rove(item);
  item.focus();
};

const named = (start) => {
  const all = items(), from = all.findIndex((item) => item.id === stop);
  const turned = [...all.slice(from + (typed.length > 1 ? 0 : 1)), ...all.slice(0, from + 1)];
  return turned.find((item) => item.querySelector(".name").textContent.trim().toLocaleLowerCase().startsWith(start));
};

document.addEventListener("focusin", (event) => {
  const item = event.target.closest?.("#worklist a.wl-item");
  if (item) rove(item);
});

document.addEventListener("keydown", (event) => {
  if (document.documentElement.dataset.keys === "off" && (event.altKey || event.ctrlKey)) return;
  if (event.altKey && !event.ctrlKey && !event.shiftKey && event.code === "KeyO") {
    event.preventDefault();
    return go(items().find((item) => item.tabIndex === 0) ?? items()[0]);
  }
  if (event.altKey && !event.ctrlKey && !event.shiftKey && event.code === "KeyP") {
    event.preventDefault();
    return focusApps();
  }
  const item = event.target.closest?.("#worklist a.wl-item");
  if (!item || event.altKey || event.ctrlKey || event.metaKey) return undefined;
  const all = items(), at = all.indexOf(item);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[event.code];
  if (to !== undefined) {
    event.preventDefault();
    go(all[Math.max(0, Math.min(all.length - 1, to))]);
  } else if (event.key.length === 1 && event.key.trim() && event.key !== "?") {
    const now = performance.now();
    typed = (now - typedAt < PAUSE ? typed : "") + event.key.toLocaleLowerCase();
    typedAt = now;
    go(named(typed));
  }
  return undefined;
});

document.addEventListener("click", (event) => {
  const counter = event.target.closest?.(".counters a");
  if (!counter) return;
  event.preventDefault();
  const at = [...counter.parentElement.querySelectorAll("a")].indexOf(counter);
  const group = document.getElementById(`group-${at + 1}`);
  group?.scrollIntoView({ block: "start" });
  go(group ? group.nextElementSibling?.querySelector?.("a.wl-item") : items().find((item) => item.classList.contains("unread")));
});

document.addEventListener("htmx:after:swap", settle);
settle();
