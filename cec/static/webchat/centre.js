// Asking the centre: every request with the visitor's token; who has none, or one that counts no more, is given one.
const PATIENCE = 15000, LONG_PATIENCE = 60000;

/** A no of the centre: its sentence, the fields it is about, the seconds to wait. */
export class No extends Error {
  constructor(answer, told) {
    super(told.detail ?? `HTTP ${answer.status}`);
    const fields = Object.fromEntries((told.errors ?? []).map(({ path, message }) => [path, message]));
    Object.assign(this, { status: answer.status, fields, seconds: Number(answer.headers.get("Retry-After")) || 0 });
  }
}

export const centreOf = (base, code, kept, identity) => {
  const at = `${base}/webchat/${code}`, person = String(identity?.user_id ?? "");
  let coming = null;

  const ask = async (address, { patience = PATIENCE, ...options } = {}) => {
    const headers = { ...options.headers, ...(kept.language && { "Accept-Language": kept.language }) };
    const answer = await fetch(address, { ...options, headers, credentials: "omit", signal: options.signal ?? AbortSignal.timeout(patience) });
    if (answer.ok || answer.status === 304) return answer;
    let told = {};
    try { told = await answer.json(); } catch { /* no words: the status says it */ }
    throw new No(answer, told);
  };
  const json = (body) => ({ method: "POST", body: JSON.stringify(body), headers: { "Content-Type": "application/json", Accept: "application/json" } });

  const welcome = async () => {
    const answer = await ask(`${at}/visitors`, json({ identity: identity ?? null }));
    const { token } = await answer.json();
    kept.set("token", { token, person });
    return token;
  };
  const token = () => {
    const known = kept.get("token");
    if (known?.token && known.person === person) return known.token;
    return (coming ??= welcome().finally(() => { coming = null; }));
  };

  const as = async (address, options = {}, again = true) => {
    const mine = await token();
    try {
      return await ask(address, { ...options, headers: { Accept: "application/json", ...options.headers, Authorization: `Bearer ${mine}` } });
    } catch (no) {
      if (!(no instanceof No) || no.status !== 401 || !again) throw no;
      if (kept.get("token")?.token === mine) kept.drop("token");
      return as(address, options, false);
    }
  };

  return {
    isKnown: () => kept.get("token")?.person === person,
    address: (path) => (path.startsWith("/") ? base + path : path),
    settings: async (language) => (await ask(`${at}/settings?language=${encodeURIComponent(language)}`, { headers: { Accept: "application/json" } })).json(),
    post: (path, body) => as(`${at}/${path}`, json(body)),
    upload: (file, told) => {
      const body = new FormData();
      for (const [name, value] of Object.entries(told)) body.set(name, value === true ? "1" : value);
      body.set("file", file, file.name);
      return as(`${at}/files`, { method: "POST", body, patience: LONG_PATIENCE });
    },
    read: (asked, headers) => as(`${at}/conversation?${new URLSearchParams(asked)}`, { headers }),
    stream: (headers, signal) => as(`${base}/live/webchat/${code}`, { headers: { ...headers, Accept: "text/event-stream" }, signal }),
  };
};
