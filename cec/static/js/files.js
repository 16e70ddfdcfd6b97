// Files of what is being written, by button, drag and paste; a picture pasted into a letter stands in its text.
import { editorOf } from "./letter_editor.js";
import { say } from "./say.js";
import { fieldOf, first, formOf } from "./writing.js";

const PICTURES = ["image/png", "image/jpeg", "image/gif", "image/webp"];

const complain = (form, sentence) => {
  const place = form.querySelector("[data-error='file']");
  place.hidden = !sentence;
  place.querySelector("span").textContent = sentence;
  say(sentence);
};

const show = async (form, picture) => {
  const field = fieldOf(form), body = new FormData();
  body.set("file", picture, picture.name);
  field.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(field.dataset.pictureAt, { method: "POST", body, headers: { Accept: "application/json" } });
    const told = await answer.json();
    if (answer.ok) editorOf(field).insertImage(told.address, { alt: told.name });
    else complain(form, told.error);
  } catch {
    complain(form, field.dataset.noPicture.replace("{name}", picture.name));
  }
  field.removeAttribute("aria-busy");
};

const take = (form, files, { inside = false } = {}) => {
  const input = form?.querySelector("input[type='file']");
  if (!input || !files.length) return false;
  const large = files.find((file) => file.size > Number(input.dataset.limit));
  complain(form, large ? input.dataset.tooLarge.replace("{name}", large.name) : "");
  if (large) return true;
  const [pictures, others] = [true, false].map((wanted) => files.filter((file) => (inside && editorOf(fieldOf(form)) && PICTURES.includes(file.type)) === wanted));
  for (const picture of pictures) show(form, picture);
  if (!others.length) return true;
  const carried = new DataTransfer();
  for (const file of others) carried.items.add(file);
  input.files = carried.files;
  window.htmx.trigger(input, "chosen");
  return true;
};

document.addEventListener("click", (event) => {
  const pick = event.target.closest("[data-pick-file]");
  if (pick) pick.closest("form").querySelector("input[type='file']").click();
}, true);
document.addEventListener("change", (event) => {
  if (event.target.matches("[type='file']") && formOf(event.target)) take(event.target.form, [...event.target.files]);
});
document.addEventListener("paste", (event) => {
  const form = formOf(event.target), files = [...event.clipboardData.files];
  // A piece of a document comes with a picture of itself: its words are meant.
  if (!form || !files.length || event.clipboardData.types.includes("text/plain")) return;
  if (take(form, files, { inside: true })) event.preventDefault();
});
for (const name of ["dragover", "dragleave", "drop"]) {
  document.addEventListener(name, (event) => {
    const form = first() ?? document.querySelector("form.composer:not([hidden])");
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    form?.classList.toggle("dragging", name === "dragover");
    if (name === "drop") take(form, [...event.dataTransfer.files], { inside: Boolean(event.target.closest?.(".letter")) });
  });
}
