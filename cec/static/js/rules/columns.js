// The columns that a table asks: one more comes, one goes with its cells; both can be undone.
const at = (id) => document.getElementById(id);

export class Columns {
  constructor(sheet, keys, page) {
    Object.assign(this, { sheet, keys, page });
    at("rules-columns").addEventListener("click", (event) => {
      const button = event.target.closest("[data-add-column], [data-remove-column]");
      if (!button) return;
      if (button.dataset.removeColumn) this.remove(Number(button.dataset.removeColumn));
      else this.add(at("column-term").value);
      // After the menu has gone and given the focus back to its button.
      setTimeout(() => keys.grid.table.focus({ preventScroll: true }));
    });
    this.draw();
  }

  /** List what could be asked besides, and what is asked. */
  draw() {
    const asked = this.page.columns.slice(0, this.page.asked), known = new Set(asked.map(({ term }) => term));
    const free = this.page.terms.filter(({ term }) => !known.has(term));
    at("columns-free").hidden = !free.length;
    at("columns-none").hidden = free.length > 0;
    at("column-term").replaceChildren(...free.map(({ term, title }) => new Option(title, term)));
    at("columns-asked").replaceChildren(...asked.map(({ title }, column) => {
      const item = at("column-item").content.firstElementChild.cloneNode(true), button = item.querySelector("button");
      item.querySelector("span").textContent = title;
      button.dataset.removeColumn = column;
      button.hidden = asked.length === 1;
      button.setAttribute("aria-label", `${this.page.words.remove_column}: ${title}`);
      button.title = this.page.words.remove_column;
      return item;
    }));
  }

  add(name) {
    const shown = this.page.terms.find(({ term }) => term === name), column = this.page.asked;
    if (!shown) return;
    this.sheet.apply([{ column, asked: shown.asked, cells: this.sheet.rows.map(() => "-"), shown }], this.keys.where());
    this.keys.grid.go(this.keys.grid.active.row, column + 1);
    this.keys.tell("column_added", { title: shown.title });
  }

  remove(column) {
    const { title } = this.page.columns[column];
    this.sheet.apply([{ column }], this.keys.where());
    this.keys.tell("column_removed", { title });
  }

  follow(steps) { if (steps.some((step) => "column" in step)) this.draw(); }
}
