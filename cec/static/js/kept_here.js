// What this computer keeps of one person while there is no link: drafts, and messages that wait to be sent.
const person = document.querySelector("[data-person]")?.dataset.person ?? "";
const named = (name) => `cec.${person}.${name}`;

/** Give what was kept under a name. */
export const recall = (name) => {
  try { return JSON.parse(localStorage.getItem(named(name))); } catch { return null; }
};

/** Keep something under a name; false when this computer cannot. */
export const keep = (name, value) => {
  try {
    localStorage.setItem(named(name), JSON.stringify(value));
    return true;
  } catch { return false; }
};

export const forget = (name) => localStorage.removeItem(named(name));
