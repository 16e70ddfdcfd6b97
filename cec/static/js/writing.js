// What is written in a composer, whether an answer with formatting or a plain note.
import { editorOf, purified } from "./letter_editor.js";

const WRITTEN = "form.composer, form.first-message";

export const forms = () => [...document.querySelectorAll("form.composer")];
/** The first message that is being written beside the work, if one is. */
export const first = () => document.querySelector("form.first-message");
/** The form in which something is written: of an answer, a note or a first message. */
export const formOf = (element) => element.closest?.(WRITTEN);
export const fieldOf = (form) => form.querySelector(".letter[contenteditable], textarea");
export const kindOf = (form) => (form.dataset.note === undefined ? "answer" : "note");
const isPlain = (field) => field.matches("textarea");

/** Give the text without its formatting; quick, for counting. */
export const textOf = (form) => (isPlain(fieldOf(form)) ? fieldOf(form).value : fieldOf(form).textContent);

const PICTURE = "img";
export const isEmpty = (form) =>
  !textOf(form).trim() && !form.querySelector(".files .file") && (isPlain(fieldOf(form)) || !fieldOf(form).querySelector(PICTURE));

/** Give what was written as it is sent and kept: {text} or {html}. */
export const written = (form) => {
  const field = fieldOf(form);
  if (isPlain(field)) return { text: field.value };
  return { html: textOf(form).trim() || field.querySelector(PICTURE) ? editorOf(field)?.getHTML() ?? field.innerHTML : "" };
};

/** Write into a composer what was kept. */
export const write = (form, { text, html }) => {
  const field = fieldOf(form);
  if (isPlain(field)) {
    field.value = text ?? plain(html);
    field.dispatchEvent(new Event("input", { bubbles: true }));
    return;
  }
  editorOf(field).setHTML(html ?? asHtml(text));
  field.dispatchEvent(new CustomEvent("written", { bubbles: true }));
};

/** Put a sign at the cursor. */
export const insert = (form, sign) => {
  const field = fieldOf(form);
  if (isPlain(field)) {
    field.setRangeText(sign, field.selectionStart, field.selectionEnd, "end");
    field.dispatchEvent(new Event("input", { bubbles: true }));
  } else editorOf(field).insertPlainText(sign, false);
  focus(form);
};

export const focus = (form) => (isPlain(fieldOf(form)) ? fieldOf(form) : editorOf(fieldOf(form)) ?? fieldOf(form)).focus();

const plain = (html) => {
  const whole = document.createElement("div");
  whole.append(purified(html.replace(/<br>|<\/div>|<\/li>/g, "$&\n")));
  return whole.textContent.trim();
};

const asHtml = (text) => {
  const whole = document.createElement("div");
  for (const line of text.split("\n")) {
    const block = document.createElement("div");
    block.append(line || document.createElement("br"));
    whole.append(block);
  }
  return whole.innerHTML;
};

// By which way it goes is said by the composer itself: nothing that was kept changes it.
const ASIDE = ["to", "cc", "bcc", "templates"];

/** Give everything that a composer sends beside its name: what was written, to whom, with which templates, and whether history goes below. */
export const fieldsOf = (form) => {
  const fields = { ...written(form) };
  for (const name of ASIDE) if (form.elements[name]) fields[name] = form.elements[name].value;
  if (form.elements.way) fields.way = form.elements.way.value;
  if (form.elements.quotes?.checked) fields.quotes = "1";
  return fields;
};

/** Write back everything that was kept. */
export const restore = (form, fields) => {
  for (const name of ASIDE) if (form.elements[name] && name in fields) form.elements[name].value = fields[name];
  if (form.elements.quotes) form.elements.quotes.checked = Boolean(fields.quotes);
  write(form, fields);
};

/** Put the cursor behind everything that is written. */
export const putCursorLast = (form) => {
  const field = fieldOf(form);
  if (isPlain(field)) field.setSelectionRange(field.value.length, field.value.length);
  else editorOf(field).moveCursorToEnd();
};

/** Give what is written as plain text, line by line. */
export const plainOf = (form) => {
  const { text, html } = written(form);
  return (text ?? plain(html)).trim();
};

/** Tell where the cursor is: a place in a plain text, or the way to a node of a letter. */
export const cursorOf = (form) => {
  const field = fieldOf(form), { focusNode, focusOffset } = window.getSelection();
  if (isPlain(field)) return [field.selectionStart, field.selectionEnd];
  if (!field.contains(focusNode)) return null;
  const way = [focusOffset];
  for (let node = focusNode; node !== field; node = node.parentNode) way.unshift([...node.parentNode.childNodes].indexOf(node));
  return way;
};

/** Put the cursor where it was in the same words. */
export const putCursor = (form, way) => {
  const field = fieldOf(form);
  if (!way) return;
  if (isPlain(field)) {
    field.setSelectionRange(...way);
    return;
  }
  const node = way.slice(0, -1).reduce((parent, at) => parent?.childNodes[at], field), range = document.createRange();
  range.selectNodeContents(node ?? field);
  if (node) range.setStart(node, Math.min(way.at(-1), range.endOffset));
  range.collapse(Boolean(node));
  editorOf(field).setSelection(range);
};
