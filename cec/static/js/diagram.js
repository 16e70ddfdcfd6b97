// The diagram of a process: the viewer is fetched when a diagram is first opened, marks say where the appeal stands.
const root = () => document.getElementById("life");
const canvas = () => document.getElementById("life-diagram");
let viewer = null, drawn = null, loading = null, process = "";

const fetchViewer = () => loading ??= new Promise((done, failed) => {
  for (const href of canvas().dataset.styles.split(" ")) {
    document.head.append(Object.assign(document.createElement("link"), { rel: "stylesheet", href }));
  }
  document.head.append(Object.assign(document.createElement("script"), { src: canvas().dataset.viewer, onload: done, onerror: failed }));
});

const colours = { defaultFillColor: "var(--surface)", defaultStrokeColor: "var(--line-control)", defaultLabelColor: "var(--text)" };

const make = () => {
  viewer?.destroy();
  canvas().replaceChildren();
  viewer = new window.BpmnJS({
    container: canvas(), bpmnRenderer: colours,
    textRenderer: { defaultStyle: { fontFamily: getComputedStyle(document.body).fontFamily, fontSize: "12px" }, externalStyle: { fontSize: "11px" } },
  });
  drawn = canvas();
};

const pill = (kind, text) => {
  const element = Object.assign(document.createElement("span"), { className: kind, textContent: text });
  return element;
};

const mark = () => {
  const marks = JSON.parse(root().dataset.marks)[process] ?? { here: [], passed: {} };
  const scene = viewer.get("canvas"), overlays = viewer.get("overlays"), elements = viewer.get("elementRegistry");
  overlays.clear();
  for (const element of elements.getAll()) {
    scene.removeMarker(element.id, "is-here");
    scene.removeMarker(element.id, "is-passed");
  }
  for (const [id, [times, words]] of Object.entries(marks.passed)) {
    if (!elements.get(id)) continue;
    scene.addMarker(id, "is-passed");
    const count = pill("diagram-count", times > 1 ? `✓ ${times}` : "✓");
    count.title = `${root().dataset.times.replace("{n}", times)} · ${words}`;
    if (elements.get(id).width > 60) count.append(` ${words.split(" · ")[0]}`);
    overlays.add(id, { position: { top: -9, right: 12 }, html: count });
  }
  for (const id of marks.here) {
    if (!elements.get(id)) continue;
    scene.addMarker(id, "is-here");
    overlays.add(id, { position: { top: -11, left: 6 }, html: pill("diagram-here", root().dataset.here) });
  }
};

const name = () => {
  const picture = canvas().querySelector("svg[data-element-id], .djs-container > svg");
  picture?.setAttribute("role", "img");
  picture?.setAttribute("aria-label", canvas().dataset.name);
  picture?.setAttribute("tabindex", "0");
};

const LEAST = 0.85;
// The whole diagram if it can be read so, else the place where the appeal stands.
const fit = () => {
  const scene = viewer.get("canvas");
  scene.zoom("fit-viewport", "auto");
  const here = JSON.parse(root().dataset.marks)[process]?.here[0], element = here && viewer.get("elementRegistry").get(here);
  if (scene.zoom() >= LEAST || !element) return;
  scene.zoom(LEAST, { x: element.x + element.width / 2, y: element.y + element.height / 2 });
  scene.scrollToElement(element, { top: 60, bottom: 60, left: 120, right: 120 });
};

const show = async (button) => {
  process = button.dataset.diagramOf;
  for (const other of root().querySelectorAll("[data-diagram-of]")) other.setAttribute("aria-pressed", String(other === button));
  try {
    const [answer] = await Promise.all([fetch(button.dataset.xml), fetchViewer()]);
    if (!answer.ok) throw new Error(answer.statusText);
    const xml = await answer.text();
    if (!root() || button.dataset.diagramOf !== process) return;
    make();
    await viewer.importXML(xml);
    name();
    mark();
    fit();
    canvas().dataset.ready = process;
  } catch {
    if (canvas()) canvas().textContent = canvas().dataset.broken;
  }
};

const asTable = (wanted) => {
  root().querySelector("[data-as-table]").setAttribute("aria-pressed", String(wanted));
  document.getElementById("life-table").hidden = !wanted;
  canvas().hidden = root().querySelector("[data-zoom]").hidden = wanted;
};

const zoom = (way) => {
  if (!viewer) return;
  if (way === "fit") viewer.get("canvas").zoom("fit-viewport", "auto");
  else viewer.get("zoomScroll").stepZoom(way === "in" ? 1 : -1);
};

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-diagram-of], [data-zoom-by], [data-as-table]");
  if (!button || !root()) return;
  if (button.dataset.diagramOf) show(button);
  else if (button.dataset.zoomBy) zoom(button.dataset.zoomBy);
  else asTable(button.getAttribute("aria-pressed") !== "true");
});

document.addEventListener("keydown", (event) => {
  if (!event.target.closest?.("#life-diagram") || event.ctrlKey || event.altKey || event.metaKey) return;
  const way = { Equal: "in", NumpadAdd: "in", Minus: "out", NumpadSubtract: "out", Digit0: "fit" }[event.code];
  if (!way) return;
  event.preventDefault();
  zoom(way);
});

document.addEventListener("change", (event) => {
  if (!event.target.matches?.("[data-kinds]")) return;
  for (const row of document.querySelectorAll("#life-table tr[data-kind]")) row.hidden = Boolean(event.target.value) && row.dataset.kind !== event.target.value;
});

const begin = () => {
  if (!root()) return;
  if (drawn === canvas()) {
    const pressed = root().querySelector(`[data-diagram-of="${process}"]`);
    for (const other of root().querySelectorAll("[data-diagram-of]")) other.setAttribute("aria-pressed", String(other === pressed));
    if (viewer && canvas().dataset.ready) mark();
    asTable(canvas().hidden);
  } else if (canvas() && !canvas().dataset.begun) {
    canvas().dataset.begun = "1";
    show(root().querySelector("[data-diagram-of]"));
  }
};
document.addEventListener("htmx:after:swap", begin);
begin();
