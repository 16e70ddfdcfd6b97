// The test bench tells the page which rows of the table were hit: they are lit, and whoever draws rows hears `rules:tried`.
const light = () => {
  const result = document.getElementById("bench-result");
  if (!result) return;
  const hit = new Set((result.dataset.hit ?? "").split(",").filter(Boolean));
  for (const row of document.querySelectorAll(".dmn [data-row]")) row.classList.toggle("hit", hit.has(row.dataset.row));
  document.dispatchEvent(new CustomEvent("rules:tried", { detail: { rows: [...hit].map(Number) } }));
};

document.addEventListener("htmx:after:swap", (event) => {
  if (event.target.closest?.("#bench") || event.target.querySelector?.("#bench-result")) light();
});
