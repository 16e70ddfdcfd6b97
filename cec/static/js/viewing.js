// While a window shows somebody else's appeal it says so; who writes a note there is told to write.
const EVERY = 15000, WRITES = 5000;
let shown = null, typedAt = -WRITES, told = "";

const tell = (method, address, values = {}) => fetch(address, { method, body: method === "PUT" ? new URLSearchParams(values) : undefined, keepalive: true }).catch(() => {});

const look = () => {
  const address = document.visibilityState === "visible" ? document.querySelector("[data-viewing]")?.dataset.viewing ?? null : null;
  if (shown && address !== shown) tell("DELETE", shown);
  shown = address;
  const writes = performance.now() - typedAt < WRITES;
  told = `${address}${writes}`;
  if (address) tell("PUT", address, writes ? { writes: "1" } : {});
};

const soon = () => {
  const address = document.querySelector("[data-viewing]")?.dataset.viewing ?? null, writes = performance.now() - typedAt < WRITES;
  if (told !== `${address}${writes}`) look();
};

document.addEventListener("input", (event) => {
  if (!event.target.closest?.("[data-viewing]")) return;
  typedAt = performance.now();
  soon();
});
document.addEventListener("htmx:after:swap", () => {
  if ((document.querySelector("[data-viewing]")?.dataset.viewing ?? null) !== shown) look();
});
document.addEventListener("visibilitychange", look);
addEventListener("pagehide", () => { if (shown) tell("DELETE", shown); });
setInterval(look, EVERY);
setInterval(soon, 1000);
look();
