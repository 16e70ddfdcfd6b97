// The feed keeps its place: at the end it follows new messages, elsewhere it stays where the reader is.
const feed = () => document.getElementById("feed");
const NEAR = 60;
let following = true;
// Where the reader was in each appeal; nothing for one whose end he follows.
const places = new Map();
const opened = () => document.getElementById("appeal")?.dataset.id;

const toEnd = () => { const now = feed(); if (now) now.scrollTop = now.scrollHeight; };

document.addEventListener("scroll", (event) => {
  if (event.target.id !== "feed") return;
  following = event.target.scrollHeight - event.target.scrollTop - event.target.clientHeight < NEAR;
  places.set(opened(), following ? null : event.target.scrollTop);
}, true);

// Where to look once the feed is laid out: asked earlier, the browser would lay the whole page out twice.
let place = null;
const look = () => {
  const now = feed();
  if (now && place !== null) now.scrollTop = place;
  else if (following) toEnd();
  place = null;
};
new ResizeObserver(look).observe(document.body);
const watch = new ResizeObserver(look);

/** Look at the feed anew after it was drawn; what observes it is called when it is laid out. */
export const settle = ({ fresh = false } = {}) => {
  if (fresh) {
    place = places.get(opened()) ?? null;
    following = place === null;
  }
  watch.disconnect();
  if (feed()) watch.observe(feed());
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

// Older messages come in above: the reader's place stays.
let anchor = null;
document.addEventListener("htmx:before:swap", (event) => {
  const button = event.detail.ctx.sourceElement.closest?.("[data-older]");
  const line = button && [...document.querySelectorAll("#feed :is(.msg, .intnote, .sys)")].find((each) => each.getBoundingClientRect().bottom > feed().getBoundingClientRect().top);
  anchor = line ? { line, top: line.getBoundingClientRect().top } : null;
});
const stay = ({ line, top }) => { feed().scrollTop += line.getBoundingClientRect().top - top; };
document.addEventListener("htmx:after:swap", () => {
  if (!anchor) return;
  const kept = anchor;
  following = false;
  stay(kept);
  // What comes into sight gets its real height only now.
  requestAnimationFrame(() => stay(kept));
  feed().focus({ preventScroll: true });
  anchor = null;
});

// A picture opens in a window of its own over the page; Escape closes it and gives the focus back.
document.addEventListener("click", (event) => {
  const file = event.target.closest("a[data-picture]"), picture = event.target.closest("#feed .msg .letter img");
  const box = document.getElementById("lightbox");
  if (!box || (!file && !picture) || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  const name = file?.getAttribute("download") ?? picture.alt;
  box.querySelector("img").src = file?.dataset.picture ?? picture.src;
  box.querySelector("img").alt = name;
  box.querySelector("[data-name]").textContent = name;
  box.querySelector("a").href = file?.href ?? picture.src.replace(/\/picture$/, "");
  box.showModal();
});
document.addEventListener("click", (event) => { if (event.target.matches("#lightbox, [data-close-box]")) document.getElementById("lightbox").close(); });
