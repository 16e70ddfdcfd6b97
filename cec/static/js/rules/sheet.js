// The rows of a table and the way back: every change is a list of splices, undone and done again as one.
export class Sheet {
  constructor(rows, most) {
    this.rows = rows;
    this.most = most;
    this.past = [];
    this.future = [];
    this.heard = [];
  }

  /** Be told of every change: its splices as they were applied, in their order. */
  onChange(listener) { this.heard.push(listener); }

  get width() { return this.rows[0]?.cells.length ?? 0; }

  /** A row that asks nothing and answers nothing yet. */
  static blank(asked, width) {
    const cells = Array.from({ length: width }, (_, at) => (at < asked ? "-" : ""));
    return { id: `row_${crypto.getRandomValues(new Uint32Array(2)).join("_")}`, on: true, cells, reason: "", comment: "" };
  }

  /** Apply splices as one change that can be undone; `where` is the selection to come back to. */
  apply(splices, where = null) {
    const back = this.run(splices);
    if (!back.length) return;
    this.past.push({ splices, back, where });
    this.future = [];
    if (this.past.length > 500) this.past.shift();
  }

  run(splices) {
    const back = [], done = [];
    for (const { at, removed, rows } of splices) {
      const gone = this.rows.splice(at, removed, ...rows);
      back.unshift({ at, removed: rows.length, rows: gone });
      done.push({ at, removed, rows });
    }
    if (done.length) for (const listener of this.heard) listener(done);
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
    this.run(change.splices);
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
