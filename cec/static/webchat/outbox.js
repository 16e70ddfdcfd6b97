// What the visitor sends: kept in his browser until the centre has it, sent in order, each under a name of its own.
import { No } from "./centre.js";

const LEAST = 500, MOST = 15000, OLD = 86400000;
// Answers after which trying again the same is of no use.
const FINAL = [400, 403, 404, 409, 413, 422];

export const outboxOf = (centre, kept, { changed, asked, told, where }) => {
  const items = new Map(kept.all("out.").filter((item) => Date.now() - item.at < OLD).map((item) => [item.id, item]));
  let busy = false, failures = 0, timer = null, count = 0;

  const list = () => [...items.values()].sort((one, other) => one.at - other.at || one.n - other.n);
  const put = (item) => { items.set(item.id, item); kept.set(`out.${item.id}`, item); };
  const drop = (id) => { items.delete(id); kept.drop(`out.${id}`); };

  const attempt = async (item) => {
    await centre.post("messages", { id: item.id, text: item.text, files: item.files, told: kept.get("told") ?? {}, language: kept.language, ...where() });
    failures = 0;
    told(true);
    // Taken back or shown already, meanwhile.
    if (items.has(item.id)) put({ ...item, state: "sent", why: "" });
  };

  const stumble = (item, trouble) => {
    if (trouble instanceof No && trouble.status === 422 && ["name", "email", "phone", "agreed"].some((field) => field in trouble.fields)) {
      drop(item.id);
      asked(trouble.fields, item);
      return 0;
    }
    if (trouble instanceof No && FINAL.includes(trouble.status)) {
      put({ ...item, state: "failed", why: Object.values(trouble.fields)[0] ?? trouble.message });
      return 0;
    }
    failures += 1;
    if (!(trouble instanceof No) && failures > 1) told(false);
    put({ ...item, why: trouble instanceof No && trouble.status === 429 ? trouble.message : "" });
    return trouble.seconds ? trouble.seconds * 1000 : Math.min(MOST, LEAST * 2 ** (failures - 1)) * (0.5 + Math.random() / 2);
  };

  const flush = async () => {
    clearTimeout(timer);
    if (busy) return;
    busy = true;
    let pause = 0;
    while (!pause) {
      const next = list().find((item) => item.state === "waiting");
      if (!next) break;
      try { await attempt(next); } catch (trouble) { pause = stumble(next, trouble); }
      changed();
    }
    busy = false;
    if (pause) timer = setTimeout(flush, pause);
  };

  window.addEventListener("online", () => { failures = 0; flush(); });
  return {
    list,
    flush,
    send: (text, files) => {
      put({ id: crypto.randomUUID?.() ?? uuid(), text, files, at: Date.now(), n: (count += 1), state: "waiting", why: "" });
      changed();
      flush();
    },
    again: (id) => { put({ ...items.get(id), state: "waiting", why: "" }); changed(); flush(); },
    drop: (id) => { drop(id); changed(); },
    /** Forget what the conversation shows by now. */
    settle: (names) => { for (const id of [...items.keys()]) if (names.has(id)) drop(id); },
  };
};

// Pages without TLS have no randomUUID.
const uuid = () => {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 15) | 64;
  bytes[8] = (bytes[8] & 63) | 128;
  const text = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return text.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
};
