// A no comes back to the place of the act: a callout in the nearest [data-refused], sentences at their fields; typed text stays.
const WRITTEN = ["form.sheet [data-refused]", "form.composer:not([hidden]) [data-refused]"];
const slotOf = (source) => {
  // A no to the redrawn appeal stands where its operator writes.
  const written = source.id === "appeal" && WRITTEN.map((place) => source.querySelector(place)).find(Boolean);
  if (written) return written;
  for (let place = source; place; place = place.parentElement) {
    const slot = place.querySelector?.(":scope [data-refused]");
    if (slot) return slot;
  }
  return null;
};

const clear = (form) => {
  for (const sentence of form.querySelectorAll("[data-error]")) sentence.hidden = true;
  for (const field of form.querySelectorAll("[aria-invalid]")) {
    field.removeAttribute("aria-invalid");
    field.classList.remove("is-invalid");
  }
  form.querySelector("[data-refused]")?.replaceChildren();
};

const mark = (form, name, sentence) => {
  const place = form.querySelector(`[data-error="${CSS.escape(name)}"]`);
  if (!place) return false;
  place.querySelector("span").textContent = sentence;
  place.hidden = false;
  for (const field of form.querySelectorAll(`[name="${CSS.escape(name)}"]:not([type="radio"]):not([type="hidden"]), [data-answers="${CSS.escape(name)}"]`)) {
    field.setAttribute("aria-invalid", "true");
    field.classList.add("is-invalid");
    field.setAttribute("aria-describedby", place.id);
  }
  return true;
};

const mostly = (form) => form.querySelector("[aria-invalid]")?.focus();

document.addEventListener("htmx:config:request", (event) => {
  const form = event.detail.ctx.sourceElement.closest("form");
  if (form) clear(form);
});

document.addEventListener("htmx:after:request", (event) => {
  const { ctx } = event.detail;
  if (ctx.response.status < 400) return;
  const slot = slotOf(ctx.sourceElement);
  if (slot) {
    ctx.target = slot;
    ctx.swap = "innerHTML";
    ctx.push = ctx.replace = null;
  }
});

document.addEventListener("htmx:after:swap", (event) => {
  const { ctx } = event.detail;
  if (!ctx.response || ctx.response.status < 400) return;
  const slot = ctx.target, form = slot?.closest?.("form") ?? ctx.sourceElement.closest?.("form");
  const refusal = slot?.querySelector?.("[data-refusal]");
  if (!form || !refusal) return;
  const told = [...refusal.querySelectorAll("[data-field]")].map((item) => mark(form, item.dataset.field, item.textContent.trim()));
  if (told.length && told.every(Boolean)) slot.replaceChildren();
  mostly(form);
  for (const anyway of form.querySelectorAll("[data-anyway]")) {
    anyway.hidden = !anyway.dataset.anyway.split(" ").includes(refusal.dataset.refusal);
  }
});

// No answer at all: said at the place of the act; a repeated press does nothing twice.
document.addEventListener("htmx:error", (event) => {
  const source = event.detail.ctx?.sourceElement, words = document.getElementById("no-answer");
  if (!words || event.detail.ctx.request.method === "GET" || source.matches("form.composer, [data-quiet]")) return;
  slotOf(source)?.replaceChildren(words.content.cloneNode(true));
});

document.addEventListener("click", (event) => {
  event.target.closest?.("[data-dismiss]")?.closest("[data-refused]")?.replaceChildren();
});
