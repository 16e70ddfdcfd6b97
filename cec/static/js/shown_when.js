// Parts of a form that matter for one choice only: data-when="field=value|another value"; what is hidden is not sent.
export const show = (form) => {
  for (const part of form.querySelectorAll("[data-when]")) {
    const [name, values] = part.dataset.when.split("=");
    const chosen = form.querySelector(`[name="${name}"]:checked`)?.value ?? form.querySelector(`select[name="${name}"]`)?.value;
    part.hidden = !values.split("|").includes(chosen);
    for (const field of part.querySelectorAll("select, input, textarea")) field.disabled = part.hidden;
  }
};

for (const form of document.querySelectorAll("form[data-shows]")) {
  show(form);
  form.addEventListener("change", () => show(form));
}
