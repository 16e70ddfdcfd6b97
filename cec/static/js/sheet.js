// The form of an outcome replaces the composer; Escape and Cancel give the composer back, with focus on the button that opened it.
import { show } from "./shown_when.js";

const slot = () => document.querySelector(".sheet-slot");
let opener = null;

const close = () => {
  slot()?.replaceChildren();
  for (const button of document.querySelectorAll(".actionbar [aria-pressed='true']")) button.setAttribute("aria-pressed", "false");
  opener?.focus();
};

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-outcome]");
  if (button && button.getAttribute("aria-disabled") !== "true") {
    for (const other of document.querySelectorAll("[data-outcome]")) other.setAttribute("aria-pressed", String(other === button && other.dataset.outcome === "form"));
    opener = button;
  }
  if (event.target.closest("[data-close-sheet]")) close();
  const preset = event.target.closest("[data-preset]");
  if (preset) {
    const field = document.getElementById(preset.dataset.for);
    field.value = preset.dataset.preset;
    for (const other of preset.parentElement.querySelectorAll("[data-preset]")) other.setAttribute("aria-pressed", String(other === preset));
  }
});

document.addEventListener("change", (event) => { if (event.target.form?.matches(".sheet")) show(event.target.form); });

// A redrawn action bar still shows whose form is open; a form that cannot be sent any more goes.
const press = (form) => {
  const of = document.getElementById(`outcome-${form.dataset.of}`);
  if (!of) return close();
  for (const button of document.querySelectorAll("[data-outcome]:not([aria-disabled])")) button.setAttribute("aria-pressed", String(button === of));
};

let shown = null;
document.addEventListener("htmx:after:swap", () => {
  const form = slot()?.querySelector("form.sheet");
  if (form && form !== shown) {
    show(form);
    form.querySelector("select:not(:disabled), input:not([type='hidden']):not(:disabled), textarea")?.focus();
  }
  shown = form ?? null;
  if (form) press(form);
});

// Told once that the client wrote: the second press is made knowing it.
document.addEventListener("htmx:after:swap", (event) => {
  if (event.detail.ctx.response?.status !== 409) return;
  const appeal = document.getElementById("appeal");
  for (const field of document.querySelectorAll(".sheet-slot [name='seen_message_id'], form.composer [name='seen_message_id']")) field.value = appeal?.dataset.last ?? field.value;
  const current = document.querySelector("#current [name='expected_version']");
  for (const field of document.querySelectorAll(".sheet-slot [name='expected_version']")) field.value = current?.value ?? field.value;
});
