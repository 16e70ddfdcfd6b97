// The rows and columns of a table and the way back: every change is a list of steps, undone and done again as one.
// A step is a splice of rows {at, removed, rows}, a column that comes {column, asked, cells, shown} or goes {column}.
export class Sheet {
  constructor(page) {
    this.page = page;
    this.rows = page.rows;
    this.most = page.most;
    this.past = [];
    this.future = [];
    this.heard = [];
  }

  /** Be told of every change: its steps as they were applied, in their order. */
  onChange(listener) { this.heard.push(listener); }

  /** A row that asks nothing and answers nothing yet. */
  static blank(asked, width) {
    const cells = Array.from({ length: width }, (_, at) => (at < asked ? "-" : ""));
    return { id: `row_${crypto.getRandomValues(new Uint32Array(2)).join("_")}`, on: true, cells, reason: "", comment: "" };
  }

  /** Apply steps as one change that can be undone; `where` is the selection to come back to. */
  apply(steps, where = null) {
    const back = this.run(steps);
    if (!back.length) return;
    this.past.push({ steps, back, where });
    this.future = [];
    if (this.past.length > 500) this.past.shift();
  }

  run(steps) {
    const back = [];
    for (const step of steps) back.unshift("column" in step ? this.turn(step) : this.splice(step));
    if (steps.length) for (const listener of this.heard) listener(steps);
    return back;
  }

  splice({ at, removed, rows }) {
    const gone = this.rows.splice(at, removed, ...rows);
    return { at, removed: rows.length, rows: gone };
  }

  /** Let a column come or go; the rows are made anew, for the way back holds the old ones. */
  turn({ column: at, asked, cells, shown }) {
    const { columns } = this.page;
    if (asked) {
      columns.splice(at, 0, shown);
      this.page.asked += 1;
      this.rows.forEach((row, line) => { this.rows[line] = { ...row, cells: row.cells.toSpliced(at, 0, cells[line]) }; });
      return { column: at };
    }
    const [gone] = columns.splice(at, 1);
    this.page.asked -= 1;
    const back = { column: at, asked: gone.asked, cells: this.rows.map((row) => row.cells[at]), shown: gone };
    this.rows.forEach((row, line) => { this.rows[line] = { ...row, cells: row.cells.toSpliced(at, 1) }; });
    return back;
  }

  /** Undo the last change; gives the selection that it was made from, or nothing. */
  undo() {
    const change = this.past.pop();
    if (!change) return null;
    this.run(change.back);
    this.future.push(change);
    return { where: change.where };
  }

  redo() {
    const change = this.future.pop();
    if (!change) return null;
    this.run(change.steps);
    this.past.push(change);
    return { where: change.where };
  }

  /** Change fields of rows: [[row, (copy) => changed copy], …], neighbours in one splice. */
  edit(rows, change, where) {
    const splices = [];
    for (const row of [...new Set(rows)].sort((one, other) => one - other)) {
      const before = this.rows[row];
      const after = change({ ...before, cells: [...before.cells] }, row);
      if (!after || same(before, after)) continue;
      const last = splices.at(-1);
      if (last && last.at + last.removed === row) { last.removed += 1; last.rows.push(after); } else splices.push({ at: row, removed: 1, rows: [after] });
    }
    this.apply(splices, where);
    return splices.length > 0;
  }

  get room() { return this.most - this.rows.length; }
}

const same = (one, other) => one.on === other.on && one.reason === other.reason && one.comment === other.comment
  && one.cells.length === other.cells.length && one.cells.every((text, at) => text === other.cells[at]);
