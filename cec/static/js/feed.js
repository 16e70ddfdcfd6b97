// The feed keeps its place: at the end it follows new messages, elsewhere it stays where the reader is.
const feed = () => document.getElementById("feed");
const NEAR = 60;
let following = true;

const toEnd = () => { const now = feed(); if (now) now.scrollTop = now.scrollHeight; };

document.addEventListener("scroll", (event) => {
  if (event.target.id !== "feed") return;
  following = event.target.scrollHeight - event.target.scrollTop - event.target.clientHeight < NEAR;
}, true);

new ResizeObserver(() => { if (following) toEnd(); }).observe(document.body);

const watch = new ResizeObserver(() => { if (following) toEnd(); });

/** Look at the feed anew after it was drawn. */
export const settle = ({ fresh = false } = {}) => {
  if (fresh) following = true;
  const now = feed();
  if (!now) return;
  watch.disconnect();
  watch.observe(now);
  if (following) toEnd();
  seen();
};

// What is on the screen is read: kept on the server, so that a reload or a second device agrees.
const seen = () => {
  const appeal = document.getElementById("appeal");
  if (!appeal?.dataset.unseen || document.visibilityState !== "visible") return;
  const last = appeal.dataset.unseen;
  delete appeal.dataset.unseen;
  window.htmx.ajax("POST", appeal.dataset.seenUrl, { values: { message_id: last }, source: "#seen", target: "#seen", swap: "none" });
};

document.addEventListener("visibilitychange", seen);
let shown = document.getElementById("appeal")?.dataset.id;
document.addEventListener("htmx:after:swap", () => {
  const id = document.getElementById("appeal")?.dataset.id;
  settle({ fresh: id !== shown });
  shown = id;
});
settle({ fresh: true });
