// Placeholders of a template are chosen, not typed: a button puts one at the cursor.
document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-placeholder]"), field = button && document.getElementById(button.dataset.into);
  if (!field) return;
  field.setRangeText(button.dataset.placeholder, field.selectionStart, field.selectionEnd, "end");
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.focus();
});
