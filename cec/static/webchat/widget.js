// The web chat of a site, by one tag: <script type="module" src="https://CENTRE/webchat/CODE/widget.js"></script>.
// A site may say in window.cecChat who is signed in there: {identity: {user_id, hmac_sha256}, language: "ru"}.
import { introduction, rating, transcript } from "./asking.js";
import { centreOf } from "./centre.js";
import { composerOf } from "./composer.js";
import { fill, h } from "./dom.js";
import { keeper } from "./kept.js";
import { linesOf } from "./lines.js";
import { linkOf } from "./link.js";
import { outboxOf } from "./outbox.js";
import { viewOf } from "./view.js";

const SOON = 250, HERE = 100;
const [, base, code] = import.meta.url.match(/^(.*)\/webchat\/([^/]+)\/widget\.js/);
const asked = window.cecChat ?? {};
const kept = keeper(code), centre = centreOf(base, code, kept, asked.identity);

const start = async () => {
  const wanted = asked.language ?? document.documentElement.lang.slice(0, 2) ?? "";
  const settings = await centre.settings(wanted || navigator.language.slice(0, 2));
  kept.language = settings.language;
  chat(settings);
};

const chat = (settings) => {
  const { texts, language } = settings;
  const known = new Map();
  let state = {}, got = 0, shown = 0, told = null, rated = false, sound = kept.get("silent") !== true, pulse = null, writing = false, sent = "", began = false, topped = false;
  const read = () => kept.get("read") ?? 0;
  const where = () => ({ page: location.href.slice(0, 1000), title: document.title.slice(0, 200) });

  const view = viewOf(document.body, settings, {
    toggled: (is) => { kept.set("open", is); if (is) { begin(); look(); draw(); } },
    sounded: () => { sound = !sound; kept.set("silent", !sound); view.sound(sound); },
  });
  view.sound(sound);

  const outbox = outboxOf(centre, kept, {
    changed: () => draw(),
    told: (good) => view.lost(!good),
    where,
    asked: (wrongs, item) => { kept.drop("told"); introduce(); told?.complain(wrongs); composer.restore(item.text, item.files); },
  });
  const composer = composerOf(settings, {
    centre, kept,
    told: () => told?.told() ?? kept.get("told") ?? {},
    writes: () => { writing = true; beat(); },
    send: (text, files) => {
      if (told) {
        const facts = told.told(), wrongs = {};
        for (const field of told.element.querySelectorAll("input")) if (!field.checkValidity()) wrongs[field.name] = field.validationMessage;
        told.complain(wrongs);
        if (Object.keys(wrongs).length) return false;
        kept.set("told", facts);
        told.element.remove();
        told = null;
      }
      outbox.send(text, files);
      link.start();
      view.down();
      return true;
    },
  });
  view.bottom.prepend(composer.element);
  const lines = linesOf(view.lines, { texts, language, centre, again: outbox.again, drop: outbox.drop });

  const link = linkOf(centre, {
    told: (good) => view.lost(!good),
    hear: (facts) => {
      if (facts.writing) return view.writes(state.operator || texts.operator);
      const fresh = facts.lines.filter((line) => !known.has(line.id));
      for (const line of facts.lines) known.set(line.id, line);
      state = facts;
      outbox.settle(new Set([...known.values()].filter((line) => line.mine).map((line) => line.name)));
      const ours = fresh.filter((line) => !line.mine);
      got = Math.max(got, ...ours.map((line) => line.id));
      if (ours.length) view.writes("");
      if (began && ours.some((line) => line.id > read()) && !isRead() && sound) ring();
      began = true;
      draw();
      look();
      soon();
    },
  });

  const isRead = () => view.isOpen() && document.visibilityState === "visible";
  const look = () => {
    if (isRead() && got > read()) { kept.set("read", got); soon(); }
    view.count([...known.values()].filter((line) => !line.mine && line.id > read() && line.state !== "read").length);
  };

  const draw = () => {
    const low = view.isLow();
    const ours = [...known.values()].sort((one, other) => one.id - other.id);
    const names = new Set(ours.map((line) => line.name));
    const waiting = outbox.list().filter((item) => !names.has(item.id)).map((item) => ({ ...item, mine: true, key: item.id }));
    lines([...ours.map((line) => ({ ...line, key: line.name || line.id })), ...waiting]);
    view.older.hidden = !state.older || topped;
    const closed = settings.opens_at ? texts.closed : "";
    view.name(state.operator ?? "", closed);
    introduce();
    finish();
    if (low || shown !== ours.length + waiting.length) view.down();
    shown = ours.length + waiting.length;
  };

  // What is asked before the first message, and said outside the hours.
  const introduce = () => {
    const wanted = !known.size && !outbox.list().length && !kept.get("told");
    if (!wanted) { view.asks.replaceChildren(); told = null; return; }
    if (view.asks.childElementCount) return;
    told = introduction(settings, kept.get("told") ?? asked.identity);
    const when = settings.opens_at && new Intl.DateTimeFormat(language, { weekday: "long", hour: "numeric", minute: "2-digit" }).format(new Date(settings.opens_at));
    view.asks.replaceChildren(...[when ? h("p", { class: "sys" }, `${texts.closed} ${fill(texts.opens, { when })}`) : null, told?.element].filter(Boolean));
  };

  // What comes at the end: that it is over, the rating, the transcript.
  let ending = "";
  const finish = () => {
    const now = state.number && !state.open ? `${state.number} ${state.ratable} ${state.mark} ${rated}` : "";
    if (now !== ending) {
      ending = now;
      const parts = now ? [h("p", { class: "sys" }, texts.ended)] : [];
      if (now && (state.mark || rated)) parts.push(h("p", { class: "sys", role: "status" }, texts.rated));
      else if (now && state.ratable) parts.push(rating(settings, async (mark) => { await centre.post("rating", mark); rated = true; finish(); view.down(); }));
      view.end.replaceChildren(...parts);
      if (!now) rated = false;
    }
    const may = [...known.values()].some((line) => !line.mine);
    if (view.foot.dataset.may !== String(may)) {
      view.foot.dataset.may = String(may);
      const privacy = settings.privacy_url ? h("a", { href: settings.privacy_url, target: "_blank", rel: "noopener" }, texts.privacy) : null;
      view.foot.replaceChildren(...(may ? [h("button", { type: "button", onclick: write }, texts.transcript)] : [texts.kept, " ", privacy].filter(Boolean)));
    }
  };
  const write = () => {
    const form = transcript(settings, {
      known: kept.get("told")?.email ?? "",
      leave: () => { form.element.remove(); composer.focus(); },
      send: async (email) => {
        await centre.post("transcript", { email });
        form.element.replaceWith(h("p", { class: "sys", role: "status" }, fill(texts.transcript_sent, { address: email })));
        composer.focus();
      },
    });
    view.end.append(form.element);
    view.down();
    form.focus();
  };

  view.older.addEventListener("click", async () => {
    const first = Math.min(...known.keys());
    const { lines: earlier, older } = await (await centre.read({ before: first })).json();
    for (const line of earlier) known.set(line.id, line);
    topped = !older;
    draw();
  });

  // That he is here, how far he has read, and that he is writing.
  const beat = async () => {
    clearTimeout(pulse);
    pulse = setTimeout(beat, settings.beat * 1000);
    if (!centre.isKnown() || !(known.size || outbox.list().length)) return;
    const facts = { got, read: read(), writing };
    writing = false;
    sent = `${got} ${read()}`;
    try { await centre.post("pulse", { ...facts, ...where() }); } catch { sent = ""; }
  };
  const soon = () => { if (`${got} ${read()}` !== sent) { clearTimeout(pulse); pulse = setTimeout(beat, SOON); } };
  document.addEventListener("visibilitychange", () => { look(); if (document.visibilityState === "visible") { beat(); } });

  const begin = () => { if (centre.isKnown() || outbox.list().length) { link.start(); outbox.flush(); } };
  view.panel.addEventListener("dragover", (event) => event.preventDefault());
  view.panel.addEventListener("drop", (event) => { event.preventDefault(); composer.attach([...event.dataTransfer.files]); });

  draw();
  begin();
  soon();
  if (kept.get("open")) view.open(true, { focused: false });
  setTimeout(composer.fit, HERE);
};

// A short tone, by the browser itself; where it may not sound yet, it does not.
const ring = () => {
  try {
    const audio = new AudioContext(), tone = audio.createOscillator(), loud = audio.createGain();
    tone.frequency.value = 880;
    loud.gain.setValueAtTime(0.08, audio.currentTime);
    loud.gain.exponentialRampToValueAtTime(0.001, audio.currentTime + 0.25);
    tone.connect(loud).connect(audio.destination);
    tone.start();
    tone.stop(audio.currentTime + 0.25);
  } catch { /* no sound here */ }
};

start().catch((trouble) => console.warn("The chat could not be opened:", trouble.message));
