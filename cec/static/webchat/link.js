// The link to the conversation: a stream that goes on where it broke; where streams do not get through, asking now and then.
const LEAST = 500, MOST = 15000, SILENCE = 45000, FIRST = 8000, POLL = 4000, STREAM_AGAIN = 120000;

const sleep = (time, wake) => new Promise((done) => {
  const timer = setTimeout(done, time);
  wake.push(() => { clearTimeout(timer); done(); });
});

export const linkOf = (centre, { hear, told }) => {
  let version = "", failures = 0, polls = 0, running = false, last = 0;
  const wakes = [];

  const take = (facts, name) => {
    if (name) version = name;
    for (const line of facts.lines ?? []) last = Math.max(last, line.id);
    hear(facts);
  };
  const good = () => { failures = 0; told(true); };

  const events = async (answer, calm) => {
    const reader = answer.body.getReader(), decoder = new TextDecoder();
    let text = "";
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      calm();
      good();
      text += decoder.decode(value, { stream: true });
      const pieces = text.split("\n\n");
      text = pieces.pop();
      for (const piece of pieces) {
        const fields = Object.fromEntries(piece.split("\n").map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 2)]));
        if (fields.data) take(JSON.parse(fields.data), fields.id);
      }
    }
  };

  const listen = async () => {
    const stop = new AbortController();
    let timer = setTimeout(() => stop.abort(), FIRST), began = false;
    const calm = () => { began = true; clearTimeout(timer); timer = setTimeout(() => stop.abort(), SILENCE); };
    wakes.push(() => stop.abort());
    try {
      await events(await centre.stream(version ? { "Last-Event-ID": version } : {}, stop.signal), calm);
    } catch (trouble) {
      // It opens and says nothing: something on the way holds it back.
      if (!began && stop.signal.aborted) polls = Date.now() + STREAM_AGAIN;
      if (trouble.status) polls = Date.now() + POLL * 2;
      throw trouble;
    } finally {
      clearTimeout(timer);
    }
  };

  const poll = async () => {
    const answer = await centre.read({ known: last }, version ? { "If-None-Match": `"${version}"` } : {});
    good();
    if (answer.status !== 304) take(await answer.json(), (answer.headers.get("ETag") ?? "").replace(/^W\/|"/g, "").replaceAll('"', ""));
  };

  const run = async () => {
    while (running) {
      wakes.length = 0;
      try {
        if (Date.now() < polls) {
          await poll();
          await sleep(POLL, wakes);
        } else {
          await listen();
          await sleep(LEAST * Math.random(), wakes);
        }
      } catch {
        failures += 1;
        if (failures > 1) told(false);
        await sleep(Math.min(MOST, LEAST * 2 ** (failures - 1)) * (0.5 + Math.random() / 2), wakes);
      }
    }
  };

  const wake = () => { for (const each of wakes.splice(0)) each(); };
  window.addEventListener("online", () => { failures = 0; wake(); });
  return {
    /** Begin to listen; a second time changes nothing. */
    start: () => { if (!running) { running = true; run(); } },
    stop: () => { running = false; wake(); },
  };
};
