// What is looked at beside the work: it lies over the appeal, which keeps its draft; Escape gives focus back.
const place = () => document.getElementById("beside");
let opener = null, openerOf = "";

const cover = (covered) => { const appeal = document.getElementById("appeal"); if (appeal) appeal.inert = covered; };

/** Close it; tells whether it was open. */
export const closeBeside = ({ refocus = true } = {}) => {
  if (!place()?.firstElementChild) return false;
  place().replaceChildren();
  cover(false);
  if (refocus) (opener?.isConnected ? opener : openerOf && document.getElementById(openerOf))?.focus?.();
  return true;
};

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-beside]");
  if (button) [opener, openerOf] = [button, button.id];
  if (event.target.closest("[data-close-beside]")) closeBeside();
});

let of = document.getElementById("appeal")?.dataset.id, version = null;
document.addEventListener("htmx:after:swap", (event) => {
  const appeal = document.getElementById("appeal");
  if (of !== appeal?.dataset.id) closeBeside({ refocus: false });
  of = appeal?.dataset.id;
  const now = appeal?.querySelector("#current [name='expected_version']")?.value;
  const life = document.getElementById("life");
  if (life && version !== null && now !== version) window.htmx.trigger(life, "refresh");
  version = now;
  if (!place()?.firstElementChild) return;
  cover(true);
  if (event.detail.ctx?.target === place()) place().querySelector("[data-first]")?.focus({ preventScroll: true });
});
