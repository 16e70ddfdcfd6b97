// Keys, mouse and clipboard of the table, as a spreadsheet has them.
import { say } from "../say.js";
import { read, write } from "./clipboard.js";
import { Sheet } from "./sheet.js";

const fill = (text, facts) => text.replace(/\{(\w+)\}/g, (whole, name) => facts[name] ?? whole);

export class Keys {
  constructor(grid, editor, page) {
    Object.assign(this, { grid, editor, page, sheet: grid.sheet, words: page.words });
    const table = grid.table;
    table.addEventListener("keydown", (event) => this.key(event));
    table.addEventListener("pointerdown", (event) => this.press(event));
    table.addEventListener("dblclick", (event) => { if (event.target.closest("td[data-col]")) editor.open(); });
    for (const kind of ["copy", "cut", "paste"]) table.addEventListener(kind, (event) => { if (!editor.isOpen) this[kind](event); });
    document.addEventListener("click", (event) => {
      const act = event.target.closest?.("[data-act]")?.dataset.act;
      if (!act) return;
      this.acts[act].call(this);
      table.focus({ preventScroll: true });
    });
  }

  tell(name, facts = {}) { say(fill(this.words[name], facts)); }

  rows() {
    const { top, bottom } = this.grid.range;
    return Array.from({ length: Math.min(bottom, this.sheet.rows.length - 1) - top + 1 }, (_, by) => top + by);
  }

  where() { return { active: { ...this.grid.active }, anchor: { ...this.grid.anchor }, whole: this.grid.whole }; }

  back(where) {
    if (!where?.active) return;
    this.grid.go(where.anchor.row, where.anchor.col);
    this.grid.go(where.active.row, where.active.col, { extend: true, whole: where.whole });
  }

  key(event) {
    if (event.isComposing || event.metaKey || this.editor.isOpen) return;
    const control = event.ctrlKey ? "Ctrl+" : "", alt = event.altKey ? "Alt+" : "", shift = event.shiftKey ? "Shift+" : "";
    // Letters by their place on the keyboard: they work in the Russian layout too.
    const name = control && event.code.startsWith("Key") ? event.code : event.key === " " ? "Space" : event.key;
    const act = this.keys[control + alt + shift + name] ?? this.keys[control + alt + name];
    if (act) {
      if (act.call(this, event) === false) return;
      event.preventDefault();
      event.stopPropagation();
    } else if (event.key.length === 1 && !control && !alt) {
      event.stopPropagation();
      // The field is in its place before the letter comes: the letter goes into it.
      this.editor.open({ typed: "" });
    }
  }

  move(event, rows, cols) { this.grid.go(this.grid.active.row + rows, this.grid.active.col + cols, { extend: event.shiftKey, whole: event.shiftKey && this.grid.whole }); }

  get page_() { return Math.max(1, Math.floor(this.grid.box.clientHeight / 34) - 2); }

  keys = {
    ArrowDown(event) { this.move(event, 1, 0); },
    ArrowUp(event) { this.move(event, -1, 0); },
    ArrowRight(event) { this.move(event, 0, 1); },
    ArrowLeft(event) { this.move(event, 0, -1); },
    PageDown(event) { this.move(event, this.page_, 0); },
    PageUp(event) { this.move(event, -this.page_, 0); },
    Home(event) { this.move(event, 0, -this.grid.active.col); },
    End(event) { this.move(event, 0, this.grid.columns.length); },
    "Ctrl+Home"(event) { this.move(event, -this.sheet.rows.length, -this.grid.active.col); },
    "Ctrl+End"(event) { this.move(event, this.sheet.rows.length, this.grid.columns.length); },
    "Ctrl+ArrowDown"(event) { this.move(event, this.sheet.rows.length, 0); },
    "Ctrl+ArrowUp"(event) { this.move(event, -this.sheet.rows.length, 0); },
    "Ctrl+ArrowRight"(event) { this.move(event, 0, this.grid.columns.length); },
    "Ctrl+ArrowLeft"(event) { this.move(event, 0, -this.grid.columns.length); },
    // From the last cell of a row, and backwards from the first, the key leaves the table: nobody is caught in it.
    Tab() { if (this.grid.active.col >= this.grid.columns.length - 1) return false; this.grid.go(this.grid.active.row, this.grid.active.col + 1); },
    "Shift+Tab"() { if (this.grid.active.col === 0) return false; this.grid.go(this.grid.active.row, this.grid.active.col - 1); },
    Enter() { if (this.grid.columns[this.grid.active.col].key === "on") this.acts.toggle.call(this); else this.editor.open(); },
    F2() { this.editor.open(); },
    Escape() { if (!this.grid.isRange) return false; this.grid.go(this.grid.active.row, this.grid.active.col); },
    Space() { this.chooseRow(this.grid.active.row); },
    "Shift+Space"() { this.chooseRow(this.grid.active.row, { extend: true }); },
    Delete() { this.acts.clear.call(this); },
    Backspace() { this.acts.clear.call(this); },
    "Ctrl+KeyA"() { this.grid.go(0, 0); this.grid.go(this.sheet.rows.length - 1, this.grid.columns.length - 1, { extend: true, whole: true }); },
    "Ctrl+KeyZ"() { this.acts.undo.call(this); },
    "Ctrl+Shift+KeyZ"() { this.acts.redo.call(this); },
    "Ctrl+KeyY"() { this.acts.redo.call(this); },
    Insert() { this.acts.insert.call(this); },
    "Ctrl+Delete"() { this.acts.remove.call(this); },
    "Alt+ArrowUp"() { this.acts.up.call(this); },
    "Alt+ArrowDown"() { this.acts.down.call(this); },
    "Alt+Enter"() { this.onRemedy?.(); },
  };

  chooseRow(row, { extend = false } = {}) {
    if (!extend) this.grid.anchor = { row, col: 0 };
    // Once more: the next row too.
    const further = extend && this.grid.whole && row < this.sheet.rows.length - 1 ? row + 1 : row;
    this.grid.go(further, this.grid.active.col, { extend: true, whole: true });
    const { top, bottom } = this.grid.range;
    this.tell("selected_rows", { from: top + 1, to: bottom + 1 });
  }

  acts = {
    undo() { this.step(this.sheet.undo(), "undone", "nothing_to_undo"); },
    redo() { this.step(this.sheet.redo(), "redone", "nothing_to_redo"); },
    insert() {
      if (this.sheet.room < 1) return this.tell("too_many", { n: this.sheet.most });
      const at = this.sheet.rows.length ? this.grid.range.bottom + 1 : 0;
      this.sheet.apply([{ at, removed: 0, rows: [Sheet.blank(this.page.asked, this.page.columns.length)] }], this.where());
      this.grid.go(at, 1);
    },
    remove() {
      const rows = this.rows();
      if (!rows.length) return;
      this.sheet.apply([{ at: rows[0], removed: rows.length, rows: [] }], this.where());
      this.grid.go(rows[0], this.grid.active.col);
      this.tell("deleted", { n: rows.length });
    },
    up() { this.shift(-1); },
    down() { this.shift(1); },
    toggle() {
      const rows = this.rows(), on = !this.sheet.rows[this.grid.active.row]?.on;
      this.sheet.edit(rows, (line) => ({ ...line, on }), this.where());
    },
    clear() {
      const { left, right } = this.grid.range;
      this.sheet.edit(this.rows(), (line) => { for (let col = left; col <= right; col += 1) this.put(line, col, ""); return line; }, this.where());
    },
  };

  step(done, told, nothing) {
    if (!done) return this.tell(nothing);
    this.back(done.where);
    this.tell(told);
  }

  shift(by) {
    const rows = this.rows(), at = rows[0], to = at + by;
    if (!rows.length || to < 0 || to + rows.length > this.sheet.rows.length) return;
    const lines = this.sheet.rows.slice(at, at + rows.length), { anchor, active, whole } = this.where();
    const neighbour = this.sheet.rows[by < 0 ? to : at + rows.length];
    this.sheet.apply([{ at: Math.min(at, to), removed: rows.length + 1, rows: by < 0 ? [...lines, neighbour] : [neighbour, ...lines] }], this.where());
    this.grid.go(anchor.row + by, anchor.col);
    this.grid.go(active.row + by, active.col, { extend: true, whole });
  }

  /** Write a text into a cell of a copied row; the switch knows 0 and 1 and their words. */
  put(line, col, text) {
    const { key } = this.grid.columns[col];
    if (key === "on") { if (text) line.on = !["0", "false", "нет", "no", "ложь"].includes(text.toLowerCase()); } else if (typeof key !== "number") line[key] = text;
    else line.cells[key] = text || (key < this.page.asked ? "-" : "");
  }

  copied() {
    const { left, right } = this.grid.range;
    return this.rows().map((row) => this.grid.columns.slice(left, right + 1).map((column) => this.grid.shown(this.sheet.rows[row], column)));
  }

  copy(event) {
    const cells = this.copied();
    event.clipboardData.setData("text/plain", write(cells));
    event.preventDefault();
    this.tell("copied", { rows: cells.length, columns: cells[0]?.length ?? 0 });
  }

  cut(event) {
    this.copy(event);
    this.acts.clear.call(this);
  }

  paste(event) {
    const cells = read(event.clipboardData.getData("text/plain"));
    event.preventDefault();
    const { top, left, bottom, right } = this.grid.range;
    // One cell fills all that is chosen.
    const alone = cells.length === 1 && cells[0].length === 1;
    const height = alone ? bottom - top + 1 : cells.length, width = alone ? right - left + 1 : Math.max(...cells.map((row) => row.length));
    if (top + height - this.sheet.rows.length > this.sheet.room) return this.tell("too_many", { n: this.sheet.most });
    const fits = Math.min(width, this.grid.columns.length - left), where = this.where();
    const lines = Array.from({ length: height }, (_, by) => {
      const known = this.sheet.rows[top + by], line = known ? { ...known, cells: [...known.cells] } : Sheet.blank(this.page.asked, this.page.columns.length);
      for (let over = 0; over < fits; over += 1) this.put(line, left + over, (alone ? cells[0][0] : cells[by][over]) ?? "");
      return line;
    });
    this.sheet.apply([{ at: top, removed: Math.min(height, this.sheet.rows.length - top), rows: lines }], where);
    this.grid.go(top, left);
    this.grid.go(top + height - 1, left + fits - 1, { extend: true });
    if (fits < width) this.tell("cut_off", { n: width - fits });
    else this.tell("pasted", { rows: height, columns: fits });
  }

  press(event) {
    const cell = event.target.closest("td[data-col], tbody th"), row = cell?.closest("tr[data-row]");
    if (!row || event.button !== 0 || event.target.closest("input.form-control")) return;
    const at = Number(row.dataset.row);
    if (this.editor.isOpen) this.editor.close({ save: true });
    this.grid.table.focus({ preventScroll: true });
    event.preventDefault();
    if (cell.tagName === "TH") return this.chooseWith(at, event);
    this.grid.go(at, Number(cell.dataset.col), { extend: event.shiftKey });
    if (this.grid.columns[Number(cell.dataset.col)].key === "on" && !event.shiftKey) return this.acts.toggle.call(this);
    this.drag();
  }

  chooseWith(at, event) {
    if (!event.shiftKey) this.grid.anchor = { row: at, col: 0 };
    this.grid.go(at, this.grid.active.col, { extend: true, whole: true });
  }

  drag() {
    const over = (event) => {
      const cell = document.elementFromPoint(event.clientX, event.clientY)?.closest?.("#rules-grid td[data-col]");
      if (cell) this.grid.go(Number(cell.closest("tr").dataset.row), Number(cell.dataset.col), { extend: true });
    };
    document.addEventListener("pointermove", over);
    document.addEventListener("pointerup", () => document.removeEventListener("pointermove", over), { once: true });
  }
}
