// The widget on its page: the round button, the panel with head, feed and composer. It knows nothing of the network.
import { button, fill, h, sign } from "./dom.js";
import { dress } from "./look.js";

const initials = (name) => (name.match(/[\p{L}\p{N}]+/gu) ?? []).slice(0, 2).map((word) => [...word][0] ?? "").join("").toUpperCase();
const WRITES_FOR = 6000, NEAR = 80;

export const viewOf = (place, settings, { inline = false, toggled = () => {}, sounded = () => {} } = {}) => {
  const { texts } = settings;
  const host = h("div", { "data-cec-chat": "" }), shadow = host.attachShadow({ mode: "open" });
  const paint = dress(host, shadow, settings);

  const badge = h("span", { class: "badge", hidden: true });
  const launch = h("button", { type: "button", class: "launch", "aria-label": texts.open, "aria-expanded": "false", "aria-haspopup": "dialog", onclick: () => open(panel.hidden) }, sign("chat"), badge);
  const face = h("span", { class: "face", "aria-hidden": "true" }), title = h("h2", {}), about = h("p", { hidden: true });
  const sound = h("button", { type: "button", onclick: () => sounded() });
  const lines = h("div", { class: "lines" }), greeting = h("div", { class: "say" }, h("div", { class: "words" }, texts.greeting));
  const older = h("button", { type: "button", class: "plain", hidden: true }, texts.older);
  const asks = h("div", { class: "lines" }), end = h("div", { class: "lines" });
  const dots = h("span", { class: "dots", "aria-hidden": "true" }, h("i"), h("i"), h("i")), who = h("span", {});
  const writes = h("div", { class: "writes", hidden: true }, dots, who);
  const feed = h("div", { class: "feed", role: "log", "aria-label": texts.messages, tabindex: "0" }, older, greeting, lines, asks, end, writes);
  const lost = h("p", { class: "lost", role: "status", hidden: true }, texts.waiting), foot = h("p", { class: "small" });
  const bottom = h("div", { class: "bottom" }, lost, foot);
  const panel = h("section", { class: "panel", role: "dialog", "aria-label": texts.title, hidden: true },
    h("div", { class: "top" }, face, h("div", { class: "who" }, title, about), sound, button("", "down", texts.close, () => open(false))), feed, bottom);
  const frame = h("div", { class: `frame${settings.side === "left" ? " left" : ""}${inline ? " inline" : ""}` }, panel, launch);
  shadow.append(frame);
  place.append(host);
  let timer = null;

  const open = (wanted, { focused = true } = {}) => {
    panel.hidden = !wanted;
    launch.setAttribute("aria-expanded", String(wanted));
    launch.setAttribute("aria-label", wanted ? texts.close : texts.open);
    toggled(wanted);
    if (wanted) down();
    if (focused) (wanted ? bottom.querySelector("textarea") ?? feed : launch).focus();
  };
  const isLow = () => feed.scrollHeight - feed.scrollTop - feed.clientHeight < NEAR;
  const down = () => { feed.scrollTop = feed.scrollHeight; };
  panel.addEventListener("keydown", (event) => { if (event.key === "Escape") open(false); });
  // The site's own keys are none of ours, and ours none of the site's.
  for (const name of ["keydown", "keyup", "keypress"]) frame.addEventListener(name, (event) => event.stopPropagation());

  const view = {
    host, shadow, panel, lines, asks, end, foot, bottom, older, open, down, isLow, paint,
    isOpen: () => !panel.hidden,
    /** Name who is there. */
    name: (operator, words = "") => {
      title.textContent = operator ? `${operator}, ${texts.title}` : texts.title;
      face.textContent = initials(operator || texts.title);
      about.textContent = words;
      about.hidden = !words;
    },
    count: (n) => {
      badge.hidden = !n;
      badge.textContent = n > 99 ? "99+" : String(n);
      if (panel.hidden) launch.setAttribute("aria-label", n ? `${texts.open}. ${fill(texts.unread, { n })}` : texts.open);
    },
    writes: (name) => {
      clearTimeout(timer);
      const low = isLow();
      writes.hidden = !name;
      who.textContent = name ? fill(texts.writes, { name }) : "";
      if (name) timer = setTimeout(() => view.writes(""), WRITES_FOR);
      if (low) down();
    },
    lost: (is) => { lost.hidden = !is; },
    sound: (is) => {
      const words = is ? texts.sound_on : texts.sound_off;
      sound.replaceChildren(sign(is ? "sound" : "silence"));
      sound.setAttribute("aria-label", words);
      sound.setAttribute("aria-pressed", String(is));
      sound.title = words;
    },
  };
  view.name("");
  view.sound(true);
  return view;
};
