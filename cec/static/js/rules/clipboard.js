// Cells as Excel and its kin put them on the clipboard: tabs between cells, lines between rows.

/** Write cells; only what would break the lines is put in quotation marks. */
export const write = (rows) => rows.map((row) => row.map((text) => (/[\t\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)).join("\t")).join("\n");

/** Read cells. A text in quotation marks is a cell that was wrapped only if it could not stand there bare:
 *  "vip" and "a", "b" are FEEL as they are. */
export const read = (text) => {
  const rows = [[]];
  let at = 0;
  const source = text.replace(/\r\n?/g, "\n").replace(/\n$/, "");
  while (at <= source.length) {
    const wrapped = unwrap(source, at);
    let end = wrapped?.end ?? at;
    if (!wrapped) while (end < source.length && source[end] !== "\t" && source[end] !== "\n") end += 1;
    rows.at(-1).push((wrapped?.text ?? source.slice(at, end)).replace(/\s+/g, " ").trim());
    if (end >= source.length) break;
    if (source[end] === "\n") rows.push([]);
    at = end + 1;
  }
  return rows;
};

const unwrap = (source, at) => {
  if (source[at] !== '"') return null;
  let end = at + 1;
  for (; end < source.length; end += 1) {
    if (source[end] !== '"') continue;
    if (source[end + 1] === '"') end += 1;
    else break;
  }
  const next = source[end + 1];
  if (source[end] !== '"' || (next !== undefined && next !== "\t" && next !== "\n")) return null;
  const inner = source.slice(at + 1, end);
  return inner && (/[\t\n]/.test(inner) || inner.includes('""')) ? { text: inner.replaceAll('""', '"'), end: end + 1 } : null;
};
