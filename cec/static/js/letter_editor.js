// The editor of letters: formatted text by Squire with a toolbar, links and pictures; what is pasted is cleaned before it enters.
import Squire from "../vendor/squire.mjs";
import DOMPurify from "../vendor/purify.es.mjs";

const TAGS = ["a", "b", "blockquote", "br", "div", "em", "i", "img", "li", "ol", "p", "s", "strong", "u", "ul"];
const OURS = /^\/operator\/attachments\/\d+\/picture$/;
const LINK = /^(?:https?:\/\/|mailto:|tel:)[^\s]/i;
const editors = new Map();

// Pictures of elsewhere are not even asked for; ours are known by their address.
DOMPurify.addHook("afterSanitizeAttributes", (node) => {
  if (node.nodeName !== "IMG") return;
  const address = new URL(node.getAttribute("src") ?? "", location.href);
  if (address.origin === location.origin && OURS.test(address.pathname)) node.setAttribute("src", address.pathname);
  else node.remove();
});

/** Make HTML harmless and give its nodes. */
export const purified = (html) =>
  DOMPurify.sanitize(html, { ALLOWED_TAGS: TAGS, ALLOWED_ATTR: ["href", "src", "alt"], ALLOWED_URI_REGEXP: /^(?:https?:|mailto:|tel:|\/operator\/attachments\/)/i, RETURN_DOM_FRAGMENT: true });

/** The editor of a field, if it has one. */
export const editorOf = (field) => editors.get(field);

const formatsOf = (editor) => {
  const path = editor.getPath();
  return {
    bold: editor.hasFormat("B") || editor.hasFormat("STRONG"), italic: editor.hasFormat("I") || editor.hasFormat("EM"), underline: editor.hasFormat("U"),
    list: /(?:^|>)UL/.test(path), numbers: /(?:^|>)OL/.test(path), quote: /(?:^|>)BLOCKQUOTE/.test(path),
  };
};

const toggles = (tag, add, remove) => (editor) => (editor.hasFormat(tag) ? editor[remove]() : editor[add]());
const ACTS = {
  bold: toggles("B", "bold", "removeBold"),
  italic: toggles("I", "italic", "removeItalic"),
  underline: toggles("U", "underline", "removeUnderline"),
  list: (editor, has) => (has.list ? editor.removeList() : editor.makeUnorderedList()),
  numbers: (editor, has) => (has.numbers ? editor.removeList() : editor.makeOrderedList()),
  quote: (editor, has) => (has.quote ? editor.decreaseQuoteLevel() : editor.increaseQuoteLevel()),
  clear: (editor) => editor.removeAllFormatting(),
};
// By place on the keyboard, so that they work in the Russian layout.
const KEYS = {
  KeyB: "bold", KeyI: "italic", KeyU: "underline", "Shift+Digit8": "list", "Shift+Digit9": "numbers",
  BracketRight: "quote", "Shift+KeyK": "link", Backslash: "clear",
};

const toolbarOf = (field) => field.closest("form").querySelector(".format");

const show = (field) => {
  const has = formatsOf(editors.get(field));
  for (const button of toolbarOf(field)?.querySelectorAll("[aria-pressed]") ?? []) button.setAttribute("aria-pressed", String(has[button.dataset.format]));
};

const act = (field, name) => {
  const editor = editors.get(field);
  if (name === "link") return openLink(field);
  ACTS[name](editor, formatsOf(editor));
  if (document.activeElement !== field) editor.focus();
  show(field);
};

const rowOf = (field) => field.closest("form").querySelector(".link-row");
const selectedLink = (editor) => {
  const node = editor.getSelection().commonAncestorContainer;
  return (node.nodeType === Node.ELEMENT_NODE ? node : node.parentElement).closest("a");
};

const openLink = (field) => {
  const row = rowOf(field), input = row.querySelector("[data-link]");
  input.value = selectedLink(editors.get(field))?.getAttribute("href") ?? "";
  row.hidden = false;
  input.focus();
  input.select();
};

const closeLink = (field) => {
  rowOf(field).hidden = true;
  rowOf(field).querySelector("[data-error]").hidden = true;
  editors.get(field).focus();
};

const setLink = (field) => {
  const row = rowOf(field), typed = row.querySelector("[data-link]").value.trim(), editor = editors.get(field);
  const address = LINK.test(typed) || !typed ? typed : typed.includes("@") ? `mailto:${typed}` : `https://${typed}`;
  const wrong = Boolean(address) && (!URL.canParse(address) || /\s/.test(address));
  row.querySelector("[data-error]").hidden = !wrong;
  if (wrong) return;
  closeLink(field);
  if (address) editor.makeLink(address);
  else editor.removeLink();
};

const attach = (field) => {
  const written = field.innerHTML;
  // Before the editor has its own, which know keys by their letter.
  field.addEventListener("keydown", (event) => {
    const name = (event.ctrlKey || event.metaKey) && !event.altKey && KEYS[(event.shiftKey ? "Shift+" : "") + event.code];
    if (!name) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    act(field, name);
  }, true);
  const editor = new Squire(field, { sanitizeToDOMFragment: purified, undo: { documentSizeThreshold: 50000, undoLimit: 100 } });
  // Sizes of pictures are not part of a letter of ours.
  editor._imageResizer.destroy();
  editors.set(field, editor);
  if (written.trim()) editor.setHTML(written);
  editor.addEventListener("input", () => field.dispatchEvent(new CustomEvent("written", { bubbles: true })));
  editor.addEventListener("pathChange", () => show(field));
};

/** Give every field of a letter its editor; those that are gone let go of theirs. */
export const enhance = () => {
  for (const [field, editor] of editors) {
    if (field.isConnected) continue;
    editor.destroy();
    editors.delete(field);
  }
  for (const field of document.querySelectorAll(".letter[contenteditable]")) if (!editors.has(field)) attach(field);
};

const fieldOf = (element) => element.closest("form")?.querySelector(".letter[contenteditable]");

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-format]");
  if (button) act(fieldOf(button), button.dataset.format);
  if (event.target.closest("[data-link-set]")) setLink(fieldOf(event.target));
  if (event.target.closest("[data-link-cancel]")) closeLink(fieldOf(event.target));
});

// A press on a button of the toolbar leaves the cursor in the text.
document.addEventListener("mousedown", (event) => { if (event.target.closest("[data-format], [data-emoji], [data-returns], [data-suggested]")) event.preventDefault(); });

const step = { ArrowRight: 1, ArrowLeft: -1, Home: -Infinity, End: Infinity };
document.addEventListener("keydown", (event) => {
  if (event.target.matches?.("[data-link]") && ["Enter", "Escape"].includes(event.code)) {
    event.preventDefault();
    event.stopImmediatePropagation();
    (event.code === "Enter" ? setLink : closeLink)(fieldOf(event.target));
  }
  const bar = event.target.closest?.(".format");
  if (!bar || !(event.code in step)) return;
  const buttons = [...bar.querySelectorAll("button")], at = buttons.indexOf(event.target);
  const next = buttons[Math.max(0, Math.min(buttons.length - 1, at + step[event.code]))];
  for (const button of buttons) button.tabIndex = button === next ? 0 : -1;
  next.focus();
  event.preventDefault();
}, true);

document.addEventListener("htmx:after:swap", enhance);
enhance();
