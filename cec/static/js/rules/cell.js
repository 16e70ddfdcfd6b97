// One cell being written: a field in its place, with a list of what may stand there, checked while it is typed.
import { Choices } from "./choices.js";

const CALM = 60;

export class CellEditor {
  constructor(grid, page, check) {
    Object.assign(this, { grid, page, check });
    this.input = null;
    this.asked = 0;
    this.choices = new Choices(page.words);
    this.choices.onPick = () => { this.choices.take(); this.look(); };
    grid.onLeave = (row) => { if (this.input && this.place.row === row) this.close({ save: true }); };
  }

  get isOpen() { return this.input !== null; }

  /** Begin to write; `typed` is the first letter, which takes the place of what stands there. */
  open({ typed = null } = {}) {
    const { row, col } = this.grid.active, column = this.grid.columns[col], cell = this.grid.activeCell();
    if (this.input || !cell || column.key === "on") return;
    this.place = { row, col };
    this.column = column;
    this.line = this.grid.sheet.rows[row];
    this.before = this.grid.shown(this.line, column);
    this.input = Object.assign(document.createElement("input"), { className: "form-control", value: typed ?? (this.before === "-" ? "" : this.before), spellcheck: typeof column.key !== "number" });
    for (const [name, value] of Object.entries({
      "aria-label": `${this.page.words.row.replace("{n}", row + 1)}, ${column.title}`, maxlength: typeof column.key === "number" ? 4000 : 500, autocomplete: "off",
      ...(typeof column.key === "number" ? { role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": "rules-choices" } : {}),
    })) this.input.setAttribute(name, value);
    cell.classList.add("edit");
    cell.replaceChildren(this.input);
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.input.addEventListener("input", () => { this.suggest(); this.look(); });
    this.input.addEventListener("blur", () => this.close({ save: true, refocus: false }));
    this.input.focus();
    if (typed === null) this.input.select();
    this.suggest();
  }

  suggest({ all = false } = {}) {
    if (typeof this.column.key === "number") this.choices.open(this.input, this.page.columns[this.column.key].choices, { all });
  }

  look() {
    if (typeof this.column.key !== "number") return;
    clearTimeout(this.timer);
    this.timer = setTimeout(async () => {
      const turn = (this.asked += 1), { row } = this.place, cell = this.column.key;
      const found = await this.check(cell, this.input?.value || "-");
      if (turn !== this.asked || !this.input || !found) return;
      const wrong = found.faults.some((fault) => fault.error);
      this.input.classList.toggle("is-invalid", wrong);
      this.input.setAttribute("aria-invalid", String(wrong));
      this.onFault?.(row, cell, found);
    }, CALM);
  }

  key(event) {
    event.stopPropagation();
    if (event.isComposing) return;
    const act = this.keys[(event.altKey ? "Alt+" : "") + event.key];
    if (!act || event.ctrlKey || event.metaKey) return;
    if (act.call(this, event) !== false) event.preventDefault();
  }

  keys = {
    ArrowDown() { if (this.choices.isOpen) this.choices.move(1); else return false; },
    ArrowUp() { if (this.choices.isOpen) this.choices.move(-1); else return false; },
    "Alt+ArrowDown"() { this.suggest({ all: true }); },
    "Alt+Enter"() { this.onRemedy?.(); },
    Escape() { if (this.choices.isOpen) this.choices.close(); else this.close({ save: false }); },
    Enter(event) { this.choices.take(); this.close({ save: true, go: [event.shiftKey ? -1 : 1, 0] }); },
    Tab(event) { this.choices.take(); this.close({ save: true, go: [0, event.shiftKey ? -1 : 1] }); },
    F2() {},
  };

  /** Put a text into the field, as if it were typed. */
  put(text) {
    this.input.value = text;
    this.choices.close();
    this.look();
  }

  close({ save, refocus = true, go = null }) {
    if (!this.input) return;
    const { row } = this.place, { key } = this.column, text = this.input.value.trim();
    this.input = null;
    this.asked += 1;
    clearTimeout(this.timer);
    this.choices.close();
    const asks = typeof key === "number" && key < this.page.asked;
    const meant = text || (asks ? "-" : "");
    if (save && meant !== this.before) {
      this.grid.sheet.edit([row], (line) => { if (typeof key === "number") line.cells[key] = meant; else line[key] = meant; return line; }, { ...this.place });
      this.onSaved?.(row, key, meant);
    }
    this.grid.restore(row, this.place.col);
    if (refocus) this.grid.table.focus({ preventScroll: true });
    if (go) this.grid.go(row + go[0], this.place.col + go[1]);
    else this.grid.onMove?.();
  }
}
