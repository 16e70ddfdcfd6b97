// Where the visitor writes: Enter sends, what he has typed outlives a reload, files wait beside their message.
import { button, fill, h } from "./dom.js";

const MEGA = 1048576, TALLEST = 132, WRITES_EVERY = 3000;

export const composerOf = ({ texts, limits }, { centre, kept, told, writes, send }) => {
  const files = kept.get("files") ?? [], chosen = h("div", { class: "chosen" });
  const wrong = h("p", { class: "wrong small", role: "alert", hidden: true });
  const field = h("textarea", { rows: "1", id: "words", placeholder: texts.message, "aria-label": texts.message, maxlength: String(limits.text), value: kept.get("draft") ?? "", enterkeyhint: "send" });
  const pick = h("input", { type: "file", multiple: true, hidden: true, tabindex: "-1", "aria-label": texts.file });
  let wrote = 0, coming = 0;

  const complain = (sentence) => { wrong.textContent = sentence; wrong.hidden = !sentence; };
  const fit = () => { field.style.height = "auto"; field.style.height = `${Math.min(TALLEST, field.scrollHeight + 2)}px`; };
  const keep = () => { kept.set("draft", field.value); kept.set("files", files); };
  const show = () => chosen.replaceChildren(...files.map((file) => h("div", {}, h("span", {}, file.name), button("", "cross", `${texts.remove}: ${file.name}`, () => { files.splice(files.indexOf(file), 1); keep(); show(); field.focus(); }))));

  const attach = async (list) => {
    complain("");
    for (const file of list) {
      if (files.length + coming >= limits.files) return complain(fill(texts.too_many, { n: limits.files }));
      const together = files.reduce((sum, each) => sum + each.size, file.size);
      if (together > limits.bytes) { complain(fill(texts.too_large, { name: file.name, n: Math.floor(limits.bytes / MEGA) })); continue; }
      const wait = h("div", { "aria-busy": "true" }, h("span", {}, file.name), texts.sending);
      chosen.append(wait);
      coming += 1;
      try {
        files.push(await (await centre.upload(file, told())).json());
        keep();
      } catch (no) {
        complain(Object.values(no.fields ?? {})[0] ?? (no.status ? no.message : texts.waiting));
      }
      coming -= 1;
      wait.remove();
      show();
    }
  };

  const go = () => {
    const text = field.value.trim();
    if (coming || (!text && !files.length)) return field.focus();
    if (!send(text, files.slice())) return;
    field.value = "";
    files.length = 0;
    wrote = 0;
    complain("");
    keep();
    show();
    fit();
    field.focus();
  };

  field.addEventListener("input", () => {
    keep();
    fit();
    if (field.value && Date.now() - wrote > WRITES_EVERY) { wrote = Date.now(); writes(); }
  });
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    go();
  });
  field.addEventListener("paste", (event) => { if (event.clipboardData.files.length) { event.preventDefault(); attach([...event.clipboardData.files]); } });
  pick.addEventListener("change", () => { attach([...pick.files]); pick.value = ""; });

  const element = h("form", { class: "composer", novalidate: true, onsubmit: (event) => { event.preventDefault(); go(); } },
    chosen, wrong,
    h("div", { class: "line" }, button("icon", "clip", fill(texts.attach, { n: Math.floor(limits.bytes / MEGA) }), () => pick.click()), pick, field, button("icon sendit", "send", texts.send, go)));
  show();
  return {
    element, attach, fit,
    focus: () => field.focus(),
    /** Put words back that did not go. */
    restore: (text, again) => { field.value = [text, field.value].filter(Boolean).join("\n"); files.unshift(...again); keep(); show(); fit(); },
  };
};
