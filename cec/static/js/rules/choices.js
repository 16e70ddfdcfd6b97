// What may stand in a cell: a list under it that follows what is typed after the last comma.
const MOST = 60;

export class Choices {
  constructor(words) {
    this.list = Object.assign(document.createElement("ul"), { id: "rules-choices", className: "pop rules-choices", hidden: true });
    this.list.setAttribute("role", "listbox");
    this.list.setAttribute("aria-label", words.choices);
    document.body.append(this.list);
    this.list.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      const item = event.target.closest("li");
      if (item) { this.at = Number(item.dataset.at); this.onPick?.(); }
    });
    this.close();
  }

  get isOpen() { return !this.list.hidden; }

  open(input, choices, { all = false } = {}) {
    this.input = input;
    const typed = all ? "" : tail(input.value).trim().replaceAll('"', "").toLowerCase();
    const fits = ([text, title]) => !typed || typed === "-" || text.toLowerCase().includes(typed) || title.toLowerCase().includes(typed);
    this.found = choices.filter(fits).slice(0, MOST);
    // What stands there already needs no list.
    if (!this.found.length || (!all && this.found.length === 1 && this.found[0][0] === tail(input.value).trim())) return this.close();
    this.at = -1;
    this.list.replaceChildren(...this.found.map(([text, title], at) => {
      const item = Object.assign(document.createElement("li"), { id: `choice-${at}` });
      item.setAttribute("role", "option");
      item.dataset.at = at;
      item.append(Object.assign(document.createElement("code"), { textContent: text }), Object.assign(document.createElement("span"), { className: "muted", textContent: title }));
      return item;
    }));
    const place = input.getBoundingClientRect(), below = innerHeight - place.bottom;
    this.list.hidden = false;
    const height = Math.min(this.list.scrollHeight + 2, 240);
    Object.assign(this.list.style, { left: `${Math.min(place.left, innerWidth - 330)}px`, top: below > height + 8 ? `${place.bottom + 2}px` : `${place.top - height - 2}px`, maxHeight: "240px" });
    input.setAttribute("aria-expanded", "true");
    this.point();
  }

  move(by) {
    this.at = (this.at + by + this.found.length + (this.at < 0 && by < 0 ? 1 : 0)) % this.found.length;
    this.point();
  }

  point() {
    for (const item of this.list.children) item.setAttribute("aria-selected", String(Number(item.dataset.at) === this.at));
    const chosen = this.list.children[this.at];
    chosen?.scrollIntoView({ block: "nearest" });
    if (chosen) this.input.setAttribute("aria-activedescendant", chosen.id);
    else this.input.removeAttribute("aria-activedescendant");
  }

  /** Put the pointed choice in place of what stands after the last comma; tells whether there was one. */
  take() {
    if (!this.isOpen || this.at < 0) return false;
    const rest = this.input.value.slice(0, this.input.value.length - tail(this.input.value).length);
    this.input.value = rest + (rest ? " " : "") + this.found[this.at][0];
    this.close();
    return true;
  }

  close() {
    this.list.hidden = true;
    this.at = -1;
    this.found = [];
    this.input?.setAttribute("aria-expanded", "false");
    this.input?.removeAttribute("aria-activedescendant");
  }
}

/** What stands after the last comma that is outside of quotation marks and brackets. */
const tail = (text) => {
  let from = 0, quoted = false, depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === '"' && text[at - 1] !== "\\") quoted = !quoted;
    else if (!quoted && "([{".includes(text[at])) depth += 1;
    else if (!quoted && ")]}".includes(text[at])) depth -= 1;
    else if (!quoted && depth <= 0 && text[at] === ",") from = at + 1;
  }
  return text.slice(from);
};
