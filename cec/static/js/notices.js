// Notifications: the bell redraws itself, what is new becomes a toast and sounds once, the title counts, the window says what it shows.
import { say } from "./say.js";
import { sound } from "./sounds.js";
import { toast } from "./toasts.js";

const LOOKS_EVERY = 30000, REMEMBERED = 50;
const bell = () => document.getElementById("bell");
const wants = () => bell()?.dataset ?? {};

// Remembered with the tab, so that neither a reload nor another page tells twice.
const told = new Set(JSON.parse(sessionStorage.getItem("told") ?? "[]"));
const once = (stamp) => {
  if (told.has(stamp)) return false;
  told.add(stamp);
  sessionStorage.setItem("told", JSON.stringify([...told].slice(-REMEMBERED)));
  return true;
};

/** Sound, and tell the browser if the window is hidden: each stamp once. */
export const alarm = ({ stamp, sound: name, title, about }) => {
  if (!once(`alarm ${stamp}`)) return;
  const { quiet, sounds = "", volume, browser } = wants();
  if (quiet !== "yes" && sounds.split(" ").includes(name)) {
    if (sound(name, Number(volume))) document.documentElement.dataset.sounded = stamp;
  }
  if (browser !== "on" || !document.hidden || !("Notification" in window) || Notification.permission !== "granted") return;
  const shown = new Notification(title, { body: about, tag: stamp, silent: true });
  shown.onclick = () => { window.focus(); shown.close(); };
};

const words = (part, name) => part.querySelector(`[data-${name}]`)?.textContent.trim() ?? "";
const ring = (notice) => {
  const { stamp, sound: name } = notice.dataset;
  alarm({ stamp, sound: name, title: words(notice, "title"), about: words(notice, "about") });
};

const draw = () => {
  for (const notice of document.querySelectorAll("#bell-news > [data-stamp]")) {
    if (once(notice.dataset.stamp)) toast(notice.cloneNode(true));
    ring(notice);
  }
  const standing = document.querySelector("#standing > [data-stamp]");
  if (standing) {
    if (once(standing.dataset.stamp) && !standing.matches("[role='alert']")) say(standing.textContent.replace(/\s+/g, " ").trim());
    ring(standing);
  }
  count();
};

const count = () => {
  const unread = Number(wants().unread ?? 0), plain = document.title.replace(/^\(\d+\) /, "");
  const title = unread ? `(${unread}) ${plain}` : plain;
  if (document.title !== title) document.title = title;
};

// A notification leads to its appeal; on the desk by its line in the list, which keeps what is being written.
document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[data-appeal]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const line = document.getElementById(`wl-${link.dataset.appeal}`);
  if (!line) return;
  event.preventDefault();
  line.click();
});

// Who has dealt with what stood in the window goes on with the next one, or with his appeal.
let within = false;
document.addEventListener("htmx:before:swap", () => { within = Boolean(document.activeElement?.closest("#standing")); });
document.addEventListener("htmx:after:swap", () => {
  draw();
  if (within && !document.activeElement?.closest("#standing")) {
    (document.querySelector("#standing button") ?? document.querySelector("#appeal h1, main h1"))?.focus({ preventScroll: true });
  }
  within = false;
});

// The server is told which appeal is before the eyes: that one needs no notifications.
let said = null;
const shown = () => (document.visibilityState === "visible" && document.querySelector(".desk") ? document.getElementById("appeal")?.dataset.id ?? "" : "");
const post = () => {
  said = shown();
  fetch("/notifications/focus", { method: "POST", body: new URLSearchParams({ appeal_id: said }), keepalive: true }).catch(() => {});
};
const tellFocus = () => {
  if (document.querySelector(".desk") && shown() !== said) post();
};
if (document.querySelector(".desk")) {
  document.addEventListener("visibilitychange", tellFocus);
  document.addEventListener("cec:stays", tellFocus);
  window.addEventListener("pagehide", () => { if (said) navigator.sendBeacon("/notifications/focus", new URLSearchParams({ appeal_id: "" })); });
  setInterval(() => { if (shown()) post(); }, LOOKS_EVERY);
  tellFocus();
}

const begin = async () => {
  if (!bell()) return;
  // The stream, once open, draws the bell: nothing is told between the two.
  await import("./live.js");
};
document.addEventListener("DOMContentLoaded", begin);
