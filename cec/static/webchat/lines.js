// The lines of a conversation as elements: made once, changed in place, so that a reader hears each message once.
import { h, linked, sign } from "./dom.js";

const KILO = 1024;
const size = (bytes, language) => {
  const unit = bytes < KILO * KILO ? ["kilobyte", bytes / KILO] : ["megabyte", bytes / KILO / KILO];
  return new Intl.NumberFormat(language, { style: "unit", unit: unit[0], unitDisplay: "short", maximumFractionDigits: 1 }).format(Math.max(0.1, unit[1]));
};

export const timeOf = (at, language) => {
  const when = new Date(at), today = when.toDateString() === new Date().toDateString();
  return new Intl.DateTimeFormat(language, today ? { timeStyle: "short" } : { dateStyle: "short", timeStyle: "short" }).format(when);
};

const fileOf = (file, centre, language) => {
  const at = file.url && centre ? centre.address(file.url) : null;
  const words = h("span", {}, file.name, " ", h("span", { class: "small" }, size(file.size, language)));
  if (!at) return h("span", {}, sign("file"), words);
  const shown = file.picture ? h("img", { src: at, alt: file.name, loading: "lazy", referrerpolicy: "no-referrer" }) : null;
  const link = h("a", { href: at, target: "_blank", rel: "noopener", download: file.picture ? null : file.name }, shown ?? sign("file"), shown ? null : words);
  shown?.addEventListener("error", () => link.replaceChildren(sign("file"), words));
  return link;
};

const content = (item, centre, language) => {
  const words = h("div", { class: "words", dir: "auto" }, ...linked(item.text));
  if (item.files.length) words.append(h("div", { class: "files" }, ...item.files.map((file) => fileOf(file, centre, language))));
  return words;
};

export const linesOf = (place, { texts, language, centre, again, drop }) => {
  const made = new Map();

  const stateOf = (item) => {
    if (item.state === "failed") {
      return [h("span", {}, `${texts.not_sent} ${item.why}`), h("button", { type: "button", onclick: () => again(item.key) }, texts.again), h("button", { type: "button", onclick: () => drop(item.key) }, texts.drop)];
    }
    if (item.state === "waiting") return [h("span", {}, item.why || texts.sending)];
    return [h("span", {}, `${item.state === "seen" ? texts.read : texts.sent} ${timeOf(item.at, language)}`)];
  };

  const make = (item) => {
    const element = h("article", { class: "say" });
    const by = item.mine ? h("span", { class: "sr" }, texts.you) : h("div", { class: "by" }, h("b", {}, item.author || texts.operator), h("time", {}, timeOf(item.at, language)));
    const under = item.mine ? h("div", { class: "under", "aria-live": "off" }) : null;
    element.append(by, content(item, centre, language), ...(under ? [under] : []));
    return { element, under, words: `${item.text} ${item.files.length}` };
  };

  const update = (one, item) => {
    one.element.className = `say${item.mine ? " mine" : ""}${["failed", "waiting"].includes(item.state) ? ` ${item.state}` : ""}`;
    const said = `${item.state} ${item.why ?? ""} ${item.at}`;
    if (one.under && one.said !== said) {
      one.under.className = `under${item.state === "failed" ? " bad" : ""}`;
      one.under.replaceChildren(...stateOf(item));
    }
    one.said = said;
  };

  /** Show these items, in this order; each has a key that stays its own from the first keystroke on. */
  return (items) => {
    let before = null;
    const keys = new Set(items.map((item) => item.key));
    for (const [key, one] of made) if (!keys.has(key)) { one.element.remove(); made.delete(key); }
    for (const item of items) {
      const words = `${item.text} ${item.files.length}`;
      let one = made.get(item.key);
      if (one && one.words !== words) { one.element.remove(); one = null; }
      if (!one) { one = make(item); made.set(item.key, one); }
      update(one, item);
      const next = before ? before.nextSibling : place.firstChild;
      if (next !== one.element) place.insertBefore(one.element, next);
      before = one.element;
    }
  };
};

