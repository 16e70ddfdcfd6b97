// Buttons that copy something: a number, a tag, a key.
import { say } from "./say.js";

document.addEventListener("click", async (event) => {
  const copy = event.target.closest("[data-copy]");
  if (!copy) return;
  await navigator.clipboard?.writeText(copy.dataset.copy);
  say(copy.dataset.copied);
});
