// The table as it is seen: only rows in sight are drawn; the selection is told to screen readers by aria-activedescendant.
const BUFFER = 5, ROW = 34;
const SIGN = '<span></span><span hidden><svg class="i sm" role="img"><use href="#i-alert-triangle"></use></svg></span>';
// Nothing is touched that is as it should be: a browser looks again at whatever is set.
const put = (element, name, value) => { if (element[name] !== value) element[name] = value; };
// The text alone is exchanged: whoever exchanges children lets the browser look for rules about them.
const say = (element, text) => {
  if (!element.firstChild) element.textContent = text;
  else if (element.firstChild.data !== text) element.firstChild.data = text;
};
const make = (tag, className = "", text = "") => Object.assign(document.createElement(tag), { className, textContent: text });

export class Grid {
  /** Columns of the grid: the switch, the cells, reason and note; rows and columns are counted from 0. */
  constructor(table, box, sheet, page) {
    Object.assign(this, { table, box, sheet, page, words: page.words });
    this.active = { row: 0, col: Math.min(1, page.columns.length) };
    this.anchor = { ...this.active };
    this.whole = false;
    this.marks = new Map();
    this.drawn = new Map();
    this.plan();
    this.body = make("tbody");
    this.body.setAttribute("role", "rowgroup");
    table.append(this.body);
    this.head();
    // Rows out of sight, to be filled anew: a row is made once.
    this.spare = [];
    this.hits = new Set();
    let asked = false;
    box.addEventListener("scroll", () => {
      if (asked) return;
      asked = true;
      requestAnimationFrame(() => { asked = false; this.draw(); });
    }, { passive: true });
    new ResizeObserver(() => this.draw()).observe(box);
  }

  /** Give the columns of the grid their names and widths. */
  plan() {
    const { words, page } = this;
    this.columns = [
      { key: "on", title: words.on, width: 7 },
      ...page.columns.map((column, at) => ({ key: at, title: column.title, type: column.type, out: column.out, first: at === page.asked, width: this.measure(at, column.title) })),
      { key: "reason", title: words.reason, out: true, width: 26 },
      { key: "comment", title: words.note, width: 22 },
    ];
  }

  measure(at, title) {
    // A title takes two lines, and never loses its longest word.
    let longest = Math.max(...title.split(" ").map((word) => word.length + 1), Math.min(title.length / 2 + 1, 16));
    for (const row of this.sheet.rows) longest = Math.max(longest, (row.cells[at] ?? "").length);
    return Math.min(Math.max(longest, 7), 28) + 3;
  }

  head() {
    const head = make("thead"), row = make("tr");
    const widths = [6, ...this.columns.map((column) => column.width)];
    this.table.style.setProperty("--columns", widths.map((width) => `minmax(${width}ch, ${width}fr)`).join(" "));
    this.table.style.minWidth = `${widths.reduce((sum, width) => sum + width, 0)}ch`;
    row.setAttribute("aria-rowindex", "1");
    row.append(Object.assign(make("th", "rowno", "#"), { scope: "col" }));
    for (const column of this.columns) {
      const cell = Object.assign(make("th", `${column.out ? "out" : ""} ${column.first ? "first-out" : ""}`), { scope: "col", title: column.title });
      cell.append(make("span", "", column.title));
      if (column.type) cell.append(make("small", "", column.type));
      row.append(cell);
    }
    [...row.children].forEach((cell, at) => { cell.setAttribute("aria-colindex", at + 1); cell.setAttribute("role", "columnheader"); });
    row.setAttribute("role", "row");
    head.setAttribute("role", "rowgroup");
    head.append(row);
    this.table.tHead?.remove();
    this.table.prepend(head);
    this.table.setAttribute("aria-colcount", this.columns.length + 1);
  }

  /** Draw the rows in sight anew as far as they changed. */
  draw({ anew = false } = {}) {
    const count = this.sheet.rows.length, top = this.box.scrollTop, height = this.box.clientHeight || 600;
    const from = Math.max(0, Math.floor(top / ROW) - BUFFER), to = Math.min(count, Math.ceil((top + height) / ROW) + BUFFER);
    if (this.count !== count) {
      this.count = count;
      this.body.style.height = `${count * ROW}px`;
      this.table.setAttribute("aria-rowcount", count + 1);
    }
    for (const [at, row] of this.drawn) {
      if (at >= from && at < to) continue;
      this.onLeave?.(at);
      this.drawn.delete(at);
      this.spare.push(row);
    }
    for (let at = from; at < to; at += 1) {
      const known = this.drawn.get(at);
      if (known && !anew) continue;
      const row = known ?? this.spare.pop() ?? this.make();
      this.fill(row, at);
      this.drawn.set(at, row);
    }
    // What is left over is a table that became shorter.
    for (const row of this.spare.splice(0)) row.remove();
    this.tellActive();
  }

  /** Make a row with its cells; what they say comes later, and again and again. */
  make() {
    const row = make("tr"), number = Object.assign(make("th", "rowno keep"), { scope: "row" });
    row.setAttribute("role", "row");
    number.setAttribute("role", "rowheader");
    number.setAttribute("aria-colindex", 1);
    number.innerHTML = SIGN;
    row.append(number, ...this.columns.map((column, col) => {
      const cell = make("td");
      cell.dataset.col = col;
      cell.setAttribute("role", "gridcell");
      cell.setAttribute("aria-colindex", col + 2);
      this.furnish(cell, column);
      return cell;
    }));
    this.body.append(row);
    return row;
  }

  /** Put into a cell what holds its text: the switch, or a piece of code. */
  furnish(cell, column) {
    if (column.key === "on") cell.replaceChildren(Object.assign(document.createElement("input"), { type: "checkbox", className: "form-check-input", tabIndex: -1 }));
    else cell.replaceChildren(make(typeof column.key === "number" ? "code" : "span"));
  }

  fill(row, at) {
    const line = this.sheet.rows[at], marks = this.marks.get(at + 1), worst = marks ? (marks.some((mark) => mark.error) ? "error" : "warning") : "";
    row.dataset.row = at;
    row.style.top = `${at * ROW}px`;
    row.setAttribute("aria-rowindex", at + 2);
    put(row, "className", [line.on ? "" : "off", { warning: "lap", error: "wrong" }[worst], this.hits.has(at + 1) && "hit"].filter(Boolean).join(" "));
    this.number(row.firstChild, at, worst, marks);
    this.columns.forEach((column, col) => this.cell(row.children[col + 1], line, at, column, col, marks));
  }

  /** Write the number of a row and, if something is wrong with it, a sign with the words for it. */
  number(cell, at, worst, marks) {
    say(cell.firstChild, String(at + 1));
    const sign = cell.children[1];
    put(sign, "className", { error: "bad", warning: "warn" }[worst] ?? "");
    put(sign, "hidden", !worst);
    if (!worst) return;
    const name = worst === "error" ? "#i-alert-octagon" : "#i-alert-triangle", use = sign.querySelector("use");
    if (use.getAttribute("href") !== name) use.setAttribute("href", name);
    // Its words are its name: text that is hidden by clipping costs a layer of its own.
    sign.firstChild.setAttribute("aria-label", `${this.words[worst]}: ${marks.map((mark) => mark.message).join("; ")}`);
  }

  cell(cell, line, at, column, col, marks) {
    const names = [column.out && "out", column.first && "first-out", column.key === "on" && "keep switch", typeof column.key === "string" && column.key !== "on" && "soft"];
    let title = "";
    if (column.key === "on") {
      put(cell.firstChild, "checked", line.on);
      const label = this.words.row_on.replace("{n}", at + 1);
      if (cell.firstChild.ariaLabel !== label) cell.firstChild.setAttribute("aria-label", label);
    } else {
      const text = this.shown(line, column), wrong = marks?.find((mark) => mark.cell === column.key);
      if (cell.firstChild.tagName !== "INPUT") say(cell.firstChild, text);
      title = wrong?.message ?? (text.length > 20 ? text : "");
      if (wrong) names.push(wrong.error ? "err" : "odd");
      if (typeof column.key === "number" && !column.out && text === "-") names.push("any");
      if (wrong?.error) cell.setAttribute("aria-invalid", "true");
      else if (cell.ariaInvalid) cell.removeAttribute("aria-invalid");
    }
    put(cell, "title", title);
    this.choose(cell, at, col, names.filter(Boolean).join(" "));
  }

  /** Show whether a cell is chosen, and whether it is the active one. */
  choose(cell, at, col, names) {
    const chosen = this.isChosen(at, col), active = at === this.active.row && col === this.active.col;
    put(cell, "className", `${names}${chosen ? " chosen" : ""}${active ? " active" : ""}`);
    const selected = String(chosen || active);
    if (cell.ariaSelected !== selected) cell.setAttribute("aria-selected", selected);
    if (active) cell.id = `c${at}-${col}`;
    else if (cell.id) cell.removeAttribute("id");
  }

  text(line, column) {
    if (typeof column.key === "number") return line.cells[column.key] ?? "";
    return column.key === "on" ? (line.on ? "1" : "0") : line[column.key];
  }

  /** As it is read: shipped reasons in the reader's language. */
  shown(line, column) {
    const text = this.text(line, column);
    return column.key === "reason" ? this.page.shown[text] ?? text : text;
  }

  get range() {
    const [one, other] = [this.anchor, this.active];
    const rows = [Math.min(one.row, other.row), Math.max(one.row, other.row)];
    const cols = this.whole ? [0, this.columns.length - 1] : [Math.min(one.col, other.col), Math.max(one.col, other.col)];
    return { top: rows[0], bottom: rows[1], left: cols[0], right: cols[1] };
  }

  get isRange() { return this.whole || this.anchor.row !== this.active.row || this.anchor.col !== this.active.col; }

  isChosen(row, col) {
    if (!this.isRange) return false;
    const { top, bottom, left, right } = this.range;
    return row >= top && row <= bottom && col >= left && col <= right;
  }

  /** Go to a cell; `extend` keeps the other end of the selection, `whole` chooses whole rows. */
  go(row, col, { extend = false, whole = false } = {}) {
    this.active = { row: Math.max(0, Math.min(row, this.sheet.rows.length - 1)), col: Math.max(0, Math.min(col, this.columns.length - 1)) };
    if (!extend) this.anchor = { ...this.active };
    this.whole = whole;
    this.reveal();
    this.paint();
    this.onMove?.();
  }

  /** Bring the active cell into sight, beside the head that stays. */
  reveal() {
    const head = this.table.tHead.offsetHeight, top = this.active.row * ROW, box = this.box;
    if (top < box.scrollTop) box.scrollTop = top;
    else if (top + ROW + head > box.scrollTop + box.clientHeight) box.scrollTop = top + ROW + head - box.clientHeight;
    this.draw();
    const cell = this.activeCell();
    if (!cell) return;
    const frame = box.getBoundingClientRect(), seen = cell.getBoundingClientRect();
    if (seen.left < frame.left) box.scrollLeft -= frame.left - seen.left + 8;
    else if (seen.right > frame.left + box.clientWidth) box.scrollLeft += seen.right - frame.left - box.clientWidth + 8;
  }

  activeCell() { return this.cellAt(this.active.row, this.active.col); }

  /** The element of a cell, if it is in sight. */
  cellAt(row, col) { return this.drawn.get(row)?.children[col + 1] ?? null; }

  paint() {
    for (const [at, row] of this.drawn) {
      for (let col = 0; col < this.columns.length; col += 1) {
        const cell = row.children[col + 1];
        this.choose(cell, at, col, cell.className.replace(/ (chosen|active)\b/g, ""));
      }
    }
    this.tellActive();
  }

  tellActive() {
    const cell = this.activeCell();
    if (cell) cell.id = `c${this.active.row}-${this.active.col}`;
    const told = cell?.id ?? "";
    if ((this.table.getAttribute("aria-activedescendant") ?? "") === told) return;
    if (told) this.table.setAttribute("aria-activedescendant", told);
    else this.table.removeAttribute("aria-activedescendant");
  }

  /** Show what the checks found: by row (from 1), each with its cell (from 0, -1: the row), weight and words. */
  mark(marks) {
    this.marks = new Map();
    for (const [row, cell, error, message] of marks) this.marks.set(row, [...(this.marks.get(row) ?? []), { cell, error, message }]);
    this.draw({ anew: true });
  }

  markCell(row, cell, faults) {
    const others = (this.marks.get(row + 1) ?? []).filter((mark) => mark.cell !== cell);
    const all = [...others, ...faults.map((fault) => ({ cell, error: fault.error, message: fault.message }))];
    if (all.length) this.marks.set(row + 1, all);
    else this.marks.delete(row + 1);
    this.redraw(row);
  }

  /** Give a cell that was written in its text back. */
  restore(row, col) {
    const cell = this.cellAt(row, col);
    if (cell) this.furnish(cell, this.columns[col]);
    this.redraw(row);
  }

  redraw(at) {
    const row = this.drawn.get(at);
    if (row) this.fill(row, at);
    this.tellActive();
  }

  /** Light up the rows (from 1) that an example hits. */
  light(rows) {
    this.hits = new Set(rows);
    this.draw({ anew: true });
  }

  /** Draw other columns: rows are made anew. */
  rebuild() {
    this.plan();
    this.head();
    this.body.replaceChildren();
    this.drawn.clear();
    this.spare = [];
    // Marks are counted by columns: they come with the next checks.
    this.marks = new Map();
    this.go(this.active.row, this.active.col);
    this.draw({ anew: true });
  }

  /** After steps: what is marked moves with its rows; only what changed is drawn anew. */
  follow(splices) {
    if (splices.some((step) => "column" in step)) return this.rebuild();
    for (const { at, removed, rows } of splices) {
      if (removed === rows.length) continue;
      const moved = new Map();
      for (const [row, marks] of this.marks) {
        if (row <= at) moved.set(row, marks);
        else if (row > at + removed) moved.set(row + rows.length - removed, marks);
      }
      this.marks = moved;
    }
    if (splices.every(({ removed, rows }) => removed === rows.length)) for (const { at, rows } of splices) rows.forEach((_, by) => this.redraw(at + by));
    else this.draw({ anew: true });
  }
}
