// The preview of a web chat: the widget's own view, drawn anew from what stands in the form.
import "./copying.js";
import { viewOf } from "../webchat/view.js";
import { introduction } from "../webchat/asking.js";
import { linesOf } from "../webchat/lines.js";

const place = document.getElementById("chat-preview"), form = document.getElementById("chat-form");
const known = JSON.parse(place.dataset.settings);
const COLOR = /^#[0-9a-f]{6}$/;

const luminance = (color) => [1, 3, 5]
  .map((at) => parseInt(color.slice(at, at + 2), 16) / 255)
  .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4))
  .reduce((sum, value, at) => sum + value * [0.2126, 0.7152, 0.0722][at], 0);
const onColor = (color) => (1.05 / (luminance(color) + 0.05) >= (luminance(color) + 0.05) / (luminance("#000000") + 0.05) ? "#ffffff" : "#000000");

const settings = () => {
  const words = Object.fromEntries(new FormData(form)), own = (what) => words[`${what}_${known.language}`]?.trim();
  const color = COLOR.test(words.color) ? words.color : known.color;
  return {
    ...known, color, on_color: onColor(color), side: words.side, theme: words.theme, opens_at: null,
    asks: Object.fromEntries(["name", "email", "phone"].map((about) => [about, words[`ask_${about}`]])),
    consent: own("consent"), privacy_url: words.privacy_url,
    texts: { ...known.texts, ...(own("title") && { title: own("title") }), ...(own("greeting") && { greeting: own("greeting") }) },
  };
};

const draw = () => {
  const now = settings();
  place.replaceChildren();
  const view = viewOf(place, now, { inline: true });
  const lines = linesOf(view.lines, { texts: now.texts, language: now.language, centre: null, again: () => {}, drop: () => {} });
  const at = Date.now(), line = { at, files: [], author: "", why: "" };
  lines([{ ...line, key: 1, mine: true, text: place.dataset.question, state: "seen" }, { ...line, key: 2, mine: false, text: place.dataset.answer, state: "read" }]);
  view.asks.replaceChildren(...[introduction(now, {})?.element].filter(Boolean));
  view.open(true, { focused: false });
  view.shadow.querySelector(".panel").inert = true;
};

form.addEventListener("input", draw);
draw();
