// One polite line for screen readers: results of acts, reasons of disabled buttons.
export const say = (text) => {
  const line = document.getElementById("status-line");
  if (!line || !text) return;
  line.textContent = "";
  setTimeout(() => { line.textContent = text; }, 50);
};
