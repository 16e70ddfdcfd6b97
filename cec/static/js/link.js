// A lost link: known at once, shown, and what needs the server says so until it is back.
import { clock, now } from "./clocks.js";

const root = document.documentElement;
const NEEDS = "button[hx-get], button[hx-post], button[hx-put], button[hx-delete], .sheet button[type='submit']";
const held = new Map();
let lost = false;

export const isLost = () => lost;

const words = () => document.getElementById("link-lost")?.dataset.needs ?? "";

const hold = () => {
  for (const button of document.querySelectorAll(NEEDS)) {
    // One that was redrawn meanwhile is as the server knows it: it is held anew.
    if (held.has(button) && button.title === words()) continue;
    held.set(button, { disabled: button.getAttribute("aria-disabled"), title: button.getAttribute("title") });
    button.setAttribute("aria-disabled", "true");
    button.title = words();
  }
};

const put = (button, name, value) => (value === null ? button.removeAttribute(name) : button.setAttribute(name, value));
const release = () => {
  for (const [button, { disabled, title }] of held) {
    put(button, "aria-disabled", disabled);
    put(button, "title", title);
  }
  held.clear();
};

// A deadline that nobody brings up to date says when it was right.
const date = () => {
  const at = clock(now(), { seconds: true });
  for (const word of document.querySelectorAll(".facts [data-due] [data-word]")) {
    word.textContent = (document.getElementById("link-lost")?.dataset.asOf ?? "{time}").replace("{time}", at);
  }
};

/** The link is gone. */
export const lose = () => {
  if (lost) return;
  lost = true;
  root.classList.add("link-is-lost");
  hold();
  date();
  document.dispatchEvent(new CustomEvent("cec:lost"));
};

/** The link is back. */
export const regain = () => {
  if (!lost) return;
  lost = false;
  root.classList.remove("link-is-lost");
  release();
  document.dispatchEvent(new CustomEvent("cec:found"));
};

document.addEventListener("htmx:after:swap", () => {
  if (!lost) return;
  hold();
  date();
});
