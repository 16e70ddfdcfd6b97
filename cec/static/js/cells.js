// A grid of cells to type in: Enter and the arrows lead up and down a column, as in a sheet.
const STEPS = { Enter: 1, ArrowDown: 1, ArrowUp: -1 };

document.addEventListener("keydown", (event) => {
  const field = event.target.closest?.(".cells input");
  const step = STEPS[event.key];
  if (!field || !step || event.altKey || event.ctrlKey || event.metaKey || event.isComposing) return;
  event.preventDefault();
  const cell = field.closest("td"), row = cell.parentElement;
  const next = event.shiftKey && event.key === "Enter" ? row.previousElementSibling
    : step > 0 ? row.nextElementSibling : row.previousElementSibling;
  const there = next?.children[cell.cellIndex]?.querySelector("input");
  there?.focus();
  there?.select();
});
