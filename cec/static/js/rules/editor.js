// The page of a decision table: its parts joined.
import { CellEditor } from "./cell.js";
import { Columns } from "./columns.js";
import { Grid } from "./grid.js";
import { Keys } from "./keys.js";
import { Others } from "./others.js";
import { Saving } from "./saving.js";
import { Sheet } from "./sheet.js";

const page = JSON.parse(document.getElementById("rules-page").textContent);
const at = (id) => document.getElementById(id);
const sheet = new Sheet(page);
const grid = new Grid(at("rules-grid"), at("rules-box"), sheet, page);
const saving = new Saving(sheet, page);
const editor = new CellEditor(grid, page, (cell, text) => saving.checkCell(cell, text));
const keys = new Keys(grid, editor, page);
const columns = new Columns(sheet, keys, page);
new Others(saving, page);

const line = at("rules-line");
let meant = null;

const part = (name) => line.querySelector(`[data-${name}]`);

/** Say where one is, what stands there in full and, if something is wrong, what. */
const tellLine = () => {
  const { row, col } = grid.active, column = grid.columns[col], known = sheet.rows[row];
  meant = null;
  part("remedy").hidden = true;
  part("place").textContent = known ? `${row + 1} · ${column.title}` : "";
  const text = known && column.key !== "on" ? grid.shown(known, column) : "";
  part("text").textContent = text;
  const named = typeof column.key === "number" ? page.columns[column.key].choices.find(([value]) => value === text) : null;
  part("name").textContent = named?.[1] ?? "";
  const marks = grid.marks.get(row + 1)?.filter((mark) => mark.cell === column.key || mark.cell < 0) ?? [];
  part("fault").textContent = marks.map((mark) => mark.message).join("; ");
  part("fault").className = `cut ${marks.some((mark) => mark.error) ? "bad" : "warn"}`;
  if (marks.some((mark) => mark.cell === column.key && mark.error)) offer(row, column.key, text);
};

/** Ask what a cell that is wrong was meant to be, if one is still there when the answer comes. */
const offer = async (row, cell, text) => {
  const found = await saving.checkCell(cell, text);
  const here = grid.active.row === row && grid.columns[grid.active.col].key === cell && !editor.isOpen;
  if (here && found?.faults.length && sheet.rows[row]?.cells[cell] === text) tellFault(row, cell, found);
};

const tellFault = (row, cell, found) => {
  part("fault").textContent = found.faults.map((fault) => fault.message).join("; ");
  part("fault").className = `cut ${found.faults.some((fault) => fault.error) ? "bad" : "warn"}`;
  meant = found.remedy ? { row, cell, text: found.remedy } : null;
  part("remedy").hidden = !meant;
  if (meant) part("remedy").textContent = `${page.words.meant.replace("{text}", meant.text)} (Alt+Enter)`;
};

const put = ({ row, cell, text }) => {
  sheet.edit([row], (copy) => { copy.cells[cell] = text; return copy; }, { active: grid.active, anchor: grid.anchor, whole: grid.whole });
  lookAt(row, cell, text);
};

const remedy = () => {
  if (!meant) return;
  if (editor.isOpen) editor.put(meant.text);
  else put(meant);
};
editor.onRemedy = remedy;
keys.onRemedy = remedy;
part("remedy").addEventListener("pointerdown", (event) => { event.preventDefault(); remedy(); });
part("remedy").addEventListener("click", () => { remedy(); at("rules-grid").focus({ preventScroll: true }); });

/** Check a cell that was just written: its mark is there long before the whole table is checked. */
const lookAt = async (row, cell, text) => {
  if (typeof cell !== "number") return;
  const id = sheet.rows[row].id, began = performance.now(), found = await saving.checkCell(cell, text);
  const now = sheet.rows.findIndex((each) => each.id === id);
  if (!found || sheet.rows[now]?.cells[cell] !== text) return;
  grid.markCell(now, cell, found.faults);
  grid.table.dataset.checked = (performance.now() - began).toFixed(1);
  if (grid.active.row === now && grid.columns[grid.active.col].key === cell) tellFault(now, cell, found);
  else if (!editor.isOpen) tellLine();
};
editor.onSaved = lookAt;
editor.onFault = tellFault;
grid.onMove = tellLine;

const count = () => {
  at("rules-count").textContent = page.words.rows.replace("{n}", sheet.rows.length).replace("{on}", sheet.rows.filter((row) => row.on).length);
};
sheet.onChange((steps) => {
  grid.follow(steps);
  columns.follow(steps);
  count();
});

const tellCount = (id, number, words) => {
  at(id).hidden = !number;
  at(id).querySelector(".cut").textContent = words ?? "";
};
saving.onChecked = (text) => {
  at("rules-checks").innerHTML = text;
  const { marks, errors, warnings, errorsWords, warningsWords } = at("rules-found").dataset;
  if (!editor.isOpen) { grid.mark(JSON.parse(marks)); tellLine(); }
  tellCount("rules-errors", Number(errors), errorsWords);
  tellCount("rules-warnings", Number(warnings), warningsWords);
};

at("rules-checks").addEventListener("click", (event) => {
  const place = event.target.closest("[data-goto]"), cure = event.target.closest("[data-put]");
  if (place) {
    grid.go(Number(place.dataset.goto) - 1, Number(place.dataset.cell) + 1);
    grid.table.focus({ preventScroll: true });
  } else if (cure) put({ row: Number(cure.dataset.row) - 1, cell: Number(cure.dataset.cell), text: cure.dataset.put });
});

// What is still on its way is saved before the page is left for its own forms and for publishing.
document.addEventListener("submit", async (event) => {
  if (!event.target.closest("[data-columns]") || !saving.isDirty) return;
  event.preventDefault();
  if (await saving.flush()) event.target.submit();
});
document.querySelector("[data-publish]").addEventListener("click", async (event) => {
  if (!saving.isDirty) return;
  event.preventDefault();
  if (await saving.flush()) location.href = event.target.closest("a").href;
});

// A bench beside the table tells which rows its example hits.
document.addEventListener("rules:hits", (event) => grid.light(event.detail.rows));

grid.draw();
count();
tellLine();
saving.check(0);
