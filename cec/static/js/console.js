// The API console: each form asks its operation with the key of the page and shows status, headers and body.

const SHOWN = ["content-type", "retry-after", "x-request-id"];

const addressOf = (operation, form) => {
  const query = new URLSearchParams();
  let path = operation.dataset.path;
  for (const input of form.querySelectorAll("input[name]")) {
    if (!input.value) continue;
    if ("place" in input.dataset) path = path.replace(`{${input.name}}`, encodeURIComponent(input.value));
    else query.set(input.name, input.value);
  }
  return query.size ? `${path}?${query}` : path;
};

const legible = (text) => {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
};

const ask = async (operation, form) => {
  const place = form.querySelector("[data-answer]");
  const body = form.elements.body?.value;
  const headers = { Authorization: `Bearer ${document.getElementById("api-key").value}`, "Accept-Language": document.documentElement.lang };
  if (body) headers["Content-Type"] = "application/json";
  place.hidden = false;
  try {
    const answer = await fetch(addressOf(operation, form), { method: operation.dataset.operation, headers, body, credentials: "omit" });
    const told = SHOWN.filter((name) => answer.headers.has(name)).map((name) => `${name}: ${answer.headers.get(name)}`);
    place.textContent = [`${answer.status} ${answer.statusText}`, ...told, "", legible(await answer.text())].join("\n");
  } catch {
    place.textContent = place.dataset.away;
  }
};

document.addEventListener("submit", (event) => {
  const operation = event.target.closest("[data-operation]");
  if (!operation) return;
  event.preventDefault();
  ask(operation, event.target);
});
