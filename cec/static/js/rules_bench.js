// The test bench tells the page which rows of the table were hit: they are lit, and whoever draws rows hears `rules:hits`.
const light = () => {
  const result = document.getElementById("bench-result");
  if (!result) return;
  const hit = new Set((result.dataset.hit ?? "").split(",").filter(Boolean));
  for (const row of document.querySelectorAll(".dmn [data-line]")) row.classList.toggle("hit", hit.has(row.dataset.line));
  document.dispatchEvent(new CustomEvent("rules:hits", { detail: { rows: [...hit].map(Number) } }));
};

document.addEventListener("htmx:after:swap", (event) => {
  if (event.target.closest?.("#bench") || event.target.querySelector?.("#bench-result")) light();
});
