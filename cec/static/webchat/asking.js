// Small forms of the widget: who he is, how he rates us, where his conversation is to be sent.
import { fill, h, sign } from "./dom.js";

const KINDS = { name: ["text", "name"], email: ["email", "email"], phone: ["tel", "tel"] };
let count = 0;

const field = (about, words, { must, value, hint, texts }) => {
  const id = `f${(count += 1)}`, [type, autocomplete] = KINDS[about];
  const input = h("input", { type, autocomplete, name: about, id, required: must, maxlength: "200", value: value ?? "", "aria-describedby": `${id}w` });
  const wrong = h("span", { class: "wrong", id: `${id}w`, hidden: true });
  return { input, wrong, element: h("label", { class: "ask", for: id }, h("b", {}, words, must ? null : h("span", {}, ` (${hint ?? texts.optional})`)), input, wrong) };
};

const tell = ({ input, wrong }, sentence) => {
  wrong.textContent = sentence ?? "";
  wrong.hidden = !sentence;
  if (sentence) input.setAttribute("aria-invalid", "true");
  else input.removeAttribute("aria-invalid");
};

/** Ask what a chat asks before the first message; nothing when it asks nothing. */
export const introduction = (settings, known) => {
  const { texts, asks } = settings, fields = {};
  for (const about of Object.keys(KINDS)) {
    const wanted = settings.opens_at && about === "email" && asks[about] === "no" ? "may" : asks[about];
    if (wanted !== "no") fields[about] = field(about, texts[about], { must: wanted === "must", value: known?.[about], texts });
  }
  const id = `f${(count += 1)}`, wrong = h("span", { class: "wrong", hidden: true, id: `${id}w` });
  if (settings.consent) {
    const input = h("input", { type: "checkbox", id, name: "agreed", required: true, "aria-describedby": `${id}w` });
    const privacy = settings.privacy_url ? h("a", { href: settings.privacy_url, target: "_blank", rel: "noopener" }, texts.privacy) : null;
    fields.agreed = { input, wrong, element: h("div", {}, h("label", { class: "agree", for: id }, input, h("span", {}, settings.consent, " ", privacy)), wrong) };
  }
  if (!Object.keys(fields).length) return null;
  const element = h("div", { class: "box", role: "group", "aria-label": texts.before }, h("h3", {}, texts.before), ...Object.values(fields).map((each) => each.element));
  return {
    element,
    told: () => Object.fromEntries(Object.entries(fields).map(([about, { input }]) => [about, about === "agreed" ? input.checked : input.value.trim()])),
    /** Say what is wrong, by field; the cursor goes to the first one. */
    complain: (wrongs) => {
      for (const [about, each] of Object.entries(fields)) tell(each, wrongs[about]);
      Object.entries(fields).find(([about]) => wrongs[about])?.[1].input.focus();
    },
  };
};

/** Ask for a mark of one to five stars and, if he likes, for words. */
export const rating = ({ texts }, send) => {
  let mark = 0;
  const wrong = h("p", { class: "wrong", role: "alert", hidden: true }), name = `f${(count += 1)}`;
  const labels = [1, 2, 3, 4, 5].map((n) => h("label", {}, h("input", { type: "radio", name, value: n, "aria-label": fill(texts.stars, { n }), onchange: () => choose(n) }), sign("star")));
  const words = h("textarea", { rows: "2", maxlength: "1000", "aria-label": texts.comment, placeholder: texts.comment });
  const go = h("button", { type: "submit", class: "go" }, texts.rate_send);
  const more = h("div", { class: "box", hidden: true }, words, go);
  const choose = (n) => {
    mark = n;
    labels.forEach((label, at) => label.classList.toggle("on", at < n));
    more.hidden = false;
  };
  const submit = async (event) => {
    event.preventDefault();
    wrong.hidden = true;
    go.disabled = true;
    try { await send({ mark, comment: words.value }); } catch (no) { wrong.textContent = no.message; wrong.hidden = false; }
    go.disabled = false;
  };
  return h("form", { class: "box", novalidate: true, onsubmit: submit }, h("fieldset", {}, h("legend", {}, texts.rate), h("div", { class: "stars" }, ...labels)), more, wrong);
};

/** Ask for the address to which the conversation is to be sent. */
export const transcript = ({ texts }, { known, send, leave }) => {
  const asked = field("email", texts.email, { must: true, value: known, texts });
  const submit = async (event) => {
    event.preventDefault();
    try {
      await send(asked.input.value.trim());
    } catch (no) {
      tell(asked, no.fields?.email ?? no.message);
      asked.input.focus();
    }
  };
  const element = h("form", { class: "box", novalidate: true, onsubmit: submit }, h("h3", {}, texts.transcript), asked.element, h("div", { class: "row" }, h("button", { class: "go", type: "submit" }, texts.send), h("button", { class: "plain", type: "button", onclick: leave }, texts.cancel)));
  return { element, focus: () => asked.input.focus() };
};
