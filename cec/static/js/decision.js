// The picture of a decision: its parts and, one click further, its tables and expressions; read-only.
const place = document.getElementById("decision-picture"), views = document.getElementById("decision-views");

const name = () => {
  const picture = place.querySelector("svg");
  picture?.setAttribute("role", "img");
  picture?.setAttribute("aria-label", place.dataset.name);
  // The viewer leaves the head of its row numbers empty.
  for (const head of place.querySelectorAll("th.index-column:empty")) head.textContent = "#";
};

const show = async (viewer, view) => {
  await viewer.open(view);
  for (const button of views.children) button.setAttribute("aria-pressed", String(button.dataset.view === view.id));
  if (view.type === "drd") viewer.getActiveViewer().get("canvas").zoom("fit-viewport", "auto");
  name();
};

/** Fetch the viewer. A library inside of it tells the console that it is a development build: that is nobody's news. */
const fetchViewer = () => new Promise((done, failed) => {
  const { error, warn } = console;
  const quiet = (tell) => (...words) => { if (!String(words[0]).includes("Inferno")) tell(...words); };
  Object.assign(console, { error: quiet(error), warn: quiet(warn) });
  const back = (act) => () => { Object.assign(console, { error, warn }); act(); };
  document.head.append(Object.assign(document.createElement("script"), { src: place.dataset.viewer, onload: back(done), onerror: back(failed) }));
});

/** A file that was looked through is asked for by its name in a form; what judges here, by its address. */
const asked = () => (place.dataset.kept ? { method: "POST", body: new URLSearchParams({ kept: place.dataset.kept }) } : {});

const begin = async () => {
  const [answer] = await Promise.all([fetch(place.dataset.xml, asked()), fetchViewer()]);
  const viewer = new window.DmnJS({ container: place });
  await viewer.importXML(await answer.text());
  const known = viewer.getViews();
  if (known.length > 1) {
    views.replaceChildren(...known.map((view) => {
      const button = Object.assign(document.createElement("button"), { type: "button", className: "btn sm", textContent: view.name || view.element.name || view.id });
      button.dataset.view = view.id;
      button.addEventListener("click", () => show(viewer, view));
      return button;
    }));
  }
  await show(viewer, known.find((view) => view.type === "drd") ?? known[0]);
  place.dataset.ready = "1";
};

begin().catch((why) => {
  place.textContent = place.dataset.broken;
  console.warn(why);
});
