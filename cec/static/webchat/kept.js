// What this browser keeps for one chat; where a site may keep nothing, it lasts as long as the page.
export const keeper = (code) => {
  const memory = new Map(), name = (key) => `cec.${code}.${key}`;
  const store = (() => {
    try {
      localStorage.setItem(name("try"), "1");
      localStorage.removeItem(name("try"));
      return localStorage;
    } catch {
      return { getItem: (key) => memory.get(key) ?? null, setItem: (key, value) => memory.set(key, value), removeItem: (key) => memory.delete(key), keys: () => [...memory.keys()] };
    }
  })();
  const read = (key) => {
    try { return JSON.parse(store.getItem(name(key))); } catch { return null; }
  };
  return {
    get: read,
    set: (key, value) => { try { store.setItem(name(key), JSON.stringify(value)); } catch { /* full: it lasts as long as the page */ } },
    drop: (key) => store.removeItem(name(key)),
    /** Read all that is kept under keys with a beginning. */
    all: (beginning) => (store.keys?.() ?? Object.keys(store)).filter((key) => key.startsWith(name(beginning))).map((key) => read(key.slice(name("").length))).filter(Boolean),
  };
};
