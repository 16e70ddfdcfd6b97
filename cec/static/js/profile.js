// The profile: listen to a sound, ask the browser for its notifications; only a press asks.
import { sound } from "./sounds.js";

document.addEventListener("click", async (event) => {
  const listen = event.target.closest("[data-listen]");
  if (listen) sound(listen.dataset.listen, Number(document.getElementById("volume").value));
  const ask = event.target.closest("#ask-browser");
  if (!ask) return;
  const answer = "Notification" in window ? await Notification.requestPermission() : "denied";
  document.getElementById("browser-says").textContent = answer === "granted" ? ask.dataset.granted : ask.dataset.denied;
  if (answer === "granted") document.getElementById("browser").checked = true;
});
