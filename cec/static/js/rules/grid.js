// The table as it is seen: only rows in sight are drawn; the selection is told to screen readers by aria-activedescendant.
const BUFFER = 12, ROW = 34;
const icon = (name) => `<svg class="i sm" aria-hidden="true"><use href="#i-${name}"></use></svg>`;
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
    this.columns = [
      { key: "on", title: page.words.on, width: 7 },
      ...page.columns.map((column, at) => ({ key: at, title: column.title, type: column.type, out: column.out, first: at === page.asked, width: this.measure(at, column.title) })),
      { key: "reason", title: page.words.reason, out: true, width: 26 },
      { key: "comment", title: page.words.note, width: 22 },
    ];
    this.head();
    this.before = make("tbody");
    this.body = make("tbody");
    this.after = make("tbody");
    for (const gap of [this.before, this.after]) {
      gap.setAttribute("aria-hidden", "true");
      gap.append(make("tr", "gap"));
      gap.firstChild.append(Object.assign(make("td"), { colSpan: this.columns.length + 1 }));
    }
    table.append(this.before, this.body, this.after);
    let asked = false;
    box.addEventListener("scroll", () => {
      if (asked) return;
      asked = true;
      requestAnimationFrame(() => { asked = false; this.draw(); });
    }, { passive: true });
    new ResizeObserver(() => this.draw()).observe(box);
  }

  measure(at, title) {
    // A title takes two lines, and never loses its longest word.
    let longest = Math.max(...title.split(" ").map((word) => word.length + 1), Math.min(title.length / 2 + 1, 16));
    for (const row of this.sheet.rows) longest = Math.max(longest, (row.cells[at] ?? "").length);
    return Math.min(Math.max(longest, 7), 28) + 3;
  }

  head() {
    const group = make("colgroup"), head = make("thead"), row = make("tr");
    const widths = [6, ...this.columns.map((column) => column.width)];
    for (const width of widths) group.append(Object.assign(make("col"), { style: `width:${width}ch` }));
    this.table.style.minWidth = `${widths.reduce((sum, width) => sum + width, 0)}ch`;
    row.setAttribute("aria-rowindex", "1");
    row.append(Object.assign(make("th", "rowno", "#"), { scope: "col" }));
    for (const column of this.columns) {
      const cell = Object.assign(make("th", `${column.out ? "out" : ""} ${column.first ? "first-out" : ""}`), { scope: "col", title: column.title });
      cell.append(make("span", "", column.title));
      if (column.type) cell.append(make("small", "", column.type));
      row.append(cell);
    }
    [...row.children].forEach((cell, at) => cell.setAttribute("aria-colindex", at + 1));
    head.append(row);
    this.table.append(group, head);
    this.table.setAttribute("aria-colcount", this.columns.length + 1);
  }

  /** Draw the rows in sight anew as far as they changed. */
  draw({ anew = false } = {}) {
    const count = this.sheet.rows.length, top = this.box.scrollTop, height = this.box.clientHeight || 600;
    const from = Math.max(0, Math.floor(top / ROW) - BUFFER), to = Math.min(count, Math.ceil((top + height) / ROW) + BUFFER);
    if (anew) { this.drawn.clear(); this.body.replaceChildren(); }
    for (const [at, row] of this.drawn) if (at < from || at >= to) { row.remove(); this.drawn.delete(at); }
    let next = null;
    for (let at = to - 1; at >= from; at -= 1) {
      const known = this.drawn.get(at) ?? this.body.insertBefore(this.row(at), next);
      this.drawn.set(at, known);
      next = known;
    }
    this.before.firstChild.style.height = `${from * ROW}px`;
    this.after.firstChild.style.height = `${(count - to) * ROW}px`;
    this.before.hidden = from === 0;
    this.after.hidden = to === count;
    this.table.setAttribute("aria-rowcount", count + 1);
    this.tellActive();
  }

  row(at) {
    const line = this.sheet.rows[at], row = make("tr");
    row.dataset.row = at;
    row.setAttribute("aria-rowindex", at + 2);
    const marks = this.marks.get(at + 1), worst = marks?.some((mark) => mark.error) ? "error" : marks ? "warning" : "";
    row.className = `${line.on ? "" : "off"} ${worst === "warning" ? "lap" : worst === "error" ? "wrong" : ""}`;
    const number = Object.assign(make("th", "rowno keep", String(at + 1)), { scope: "row" });
    if (worst) number.insertAdjacentHTML("beforeend", `<span class="${worst === "error" ? "bad" : "warn"}">${icon(worst === "error" ? "alert-octagon" : "alert-triangle")}<span class="sr"></span></span>`);
    if (worst) number.querySelector(".sr").textContent = ` ${this.words[worst]}: ${marks.map((mark) => mark.message).join("; ")}`;
    row.append(number);
    this.columns.forEach((column, col) => row.append(this.cell(line, at, column, col, marks)));
    return row;
  }

  cell(line, at, column, col, marks) {
    const cell = make("td");
    cell.id = `c${at}-${col}`;
    cell.setAttribute("role", "gridcell");
    cell.setAttribute("aria-colindex", col + 2);
    cell.dataset.col = col;
    const names = [column.out && "out", column.first && "first-out", column.key === "on" && "keep switch"];
    if (column.key === "on") {
      const box = Object.assign(document.createElement("input"), { type: "checkbox", className: "form-check-input", checked: line.on, tabIndex: -1 });
      box.setAttribute("aria-label", this.words.row_on.replace("{n}", at + 1));
      cell.append(box);
    } else {
      const text = this.shown(line, column);
      cell.title = text.length > 20 ? text : "";
      if (typeof column.key === "number") {
        cell.append(make("code", "", text));
        names.push(!column.out && text === "-" && "any");
        const wrong = marks?.find((mark) => mark.cell === column.key);
        if (wrong) {
          names.push(wrong.error ? "err" : "odd");
          cell.setAttribute("aria-invalid", wrong.error ? "true" : "false");
          cell.title = wrong.message;
        }
      } else { cell.textContent = text; names.push("soft"); }
    }
    const chosen = this.isChosen(at, col), active = at === this.active.row && col === this.active.col;
    cell.setAttribute("aria-selected", String(chosen || active));
    cell.className = [...names, chosen && "chosen", active && "active"].filter(Boolean).join(" ");
    return cell;
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

  activeCell() { return document.getElementById(`c${this.active.row}-${this.active.col}`); }

  paint() {
    for (const [at, row] of this.drawn) {
      for (const cell of row.querySelectorAll("td")) {
        const col = Number(cell.dataset.col), active = at === this.active.row && col === this.active.col, chosen = this.isChosen(at, col);
        cell.classList.toggle("chosen", chosen);
        cell.classList.toggle("active", active);
        cell.setAttribute("aria-selected", String(chosen || active));
      }
    }
    this.tellActive();
  }

  tellActive() {
    if (this.activeCell()) this.table.setAttribute("aria-activedescendant", this.activeCell().id);
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

  redraw(at) {
    const known = this.drawn.get(at);
    if (!known) return;
    const fresh = this.row(at);
    known.replaceWith(fresh);
    this.drawn.set(at, fresh);
    this.tellActive();
  }

  /** After splices: what is marked moves with its rows; only what changed is drawn anew. */
  follow(splices) {
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
