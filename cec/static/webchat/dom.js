// Elements, made one by one: nothing that came from outside is ever read as HTML, and no site's policy is in the way.
const SVG = "http://www.w3.org/2000/svg";
const SIGNS = {
  chat: ["M3 20l1.3 -3.9c-2.324 -3.437 -1.426 -7.872 2.1 -10.374c3.526 -2.501 8.59 -2.296 11.845 .48c3.255 2.777 3.695 7.266 1.029 10.501c-2.666 3.235 -7.615 4.215 -11.574 2.293l-4.7 1"],
  down: ["M6 9l6 6l6 -6"],
  clip: ["M15 7l-6.5 6.5a1.5 1.5 0 0 0 3 3l6.5 -6.5a3 3 0 0 0 -6 -6l-6.5 6.5a4.5 4.5 0 0 0 9 9l6.5 -6.5"],
  send: ["M10 14l11 -11", "M21 3l-6.5 18a.55 .55 0 0 1 -1 0l-3.5 -7l-7 -3.5a.55 .55 0 0 1 0 -1l18 -6.5"],
  cross: ["M18 6l-12 12", "M6 6l12 12"],
  file: ["M14 3v4a1 1 0 0 0 1 1h4", "M17 21h-10a2 2 0 0 1 -2 -2v-14a2 2 0 0 1 2 -2h7l5 5v11a2 2 0 0 1 -2 2z"],
  star: ["M12 17.75l-6.172 3.245l1.179 -6.873l-5 -4.867l6.9 -1l3.086 -6.253l3.086 6.253l6.9 1l-5 4.867l1.179 6.873z"],
  sound: ["M15 8a5 5 0 0 1 0 8", "M17.7 5a9 9 0 0 1 0 14", "M6 15h-2a1 1 0 0 1 -1 -1v-4a1 1 0 0 1 1 -1h2l3.5 -4.5a.8 .8 0 0 1 1.5 .5v14a.8 .8 0 0 1 -1.5 .5l-3.5 -4.5"],
  silence: ["M6 15h-2a1 1 0 0 1 -1 -1v-4a1 1 0 0 1 1 -1h2l3.5 -4.5a.8 .8 0 0 1 1.5 .5v14a.8 .8 0 0 1 -1.5 .5l-3.5 -4.5", "M16 10l4 4m0 -4l-4 4"],
};

/** Make an element: attributes, handlers under "on…", children as nodes or words. */
export const h = (name, facts = {}, ...children) => {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(facts)) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (key === "value") element.value = value;
    else element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
};

/** Draw a sign. */
export const sign = (name) => {
  const drawn = document.createElementNS(SVG, "svg");
  drawn.setAttribute("viewBox", "0 0 24 24");
  drawn.setAttribute("aria-hidden", "true");
  for (const line of SIGNS[name]) {
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("d", line);
    drawn.append(path);
  }
  return drawn;
};

/** A button that shows a sign and says its words to who does not see it. */
export const button = (kind, icon, words, act) =>
  h("button", { type: "button", class: kind, "aria-label": words, title: words, onclick: act }, sign(icon));

const LINK = /\bhttps?:\/\/[^\s<>"']+[^\s<>"'.,;:!?)\]}]/g;

/** Give words as nodes, with addresses of the web as links. */
export const linked = (words) => {
  const nodes = [];
  let end = 0;
  for (const found of words.matchAll(LINK)) {
    nodes.push(words.slice(end, found.index), h("a", { href: found[0], target: "_blank", rel: "noopener noreferrer nofollow" }, found[0]));
    end = found.index + found[0].length;
  }
  return [...nodes, words.slice(end)];
};

/** Fill {names} into a sentence. */
export const fill = (sentence, facts) => sentence.replace(/\{(\w+)\}/g, (whole, name) => facts[name] ?? whole);
