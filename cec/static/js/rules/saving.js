// Changes on their way: saved by themselves, one request after the other; who is told that another was faster loses nothing.
const CALM = 500, AGAIN = 4000, CHECK_SMALL = 150, CHECK_LARGE = 1200, LARGE = 300;

export class Saving {
  constructor(sheet, page) {
    Object.assign(this, { sheet, page, words: page.words, revision: page.revision });
    this.waiting = [];
    // Who waits until nothing is being sent.
    this.idle = [];
    this.sending = false;
    // Columns that come or go with what is being sent: cells are counted anew.
    this.turning = false;
    this.stopped = false;
    this.told = document.getElementById("rules-saved");
    sheet.onChange((steps) => {
      this.waiting.push(...steps);
      this.told.dataset.saved = "no";
      this.later();
    });
    addEventListener("beforeunload", (event) => { if (this.isDirty) event.preventDefault(); });
    document.addEventListener("click", (event) => this.press(event));
  }

  get isDirty() { return this.waiting.length > 0 || this.sending; }

  later(wait = CALM) {
    if (this.stopped) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.send(), wait);
  }

  async send() {
    if (this.sending || this.stopped || !this.waiting.length) return;
    const steps = this.waiting.splice(0);
    this.sending = true;
    this.turning = steps.some(turns);
    this.told.textContent = this.words.saving;
    try {
      const answer = await post(`${this.page.url}/changes`, { revision: this.revision, changes: JSON.stringify(steps.map(bare)) });
      await this.heard(answer, () => this.waiting.unshift(...steps));
    } catch {
      this.waiting.unshift(...steps);
      this.told.textContent = this.words.unsaved;
      this.sending = false;
      this.rest();
      return this.later(AGAIN);
    }
    this.sending = false;
    if (this.waiting.length) this.later();
    else if (!this.stopped) this.told.dataset.saved = "yes";
    this.rest();
  }

  rest() { for (const done of this.idle.splice(0)) done(); }

  /** Save what waits now; gives whether all of it is saved. */
  async flush() {
    clearTimeout(this.timer);
    await this.calm();
    await this.send();
    return !this.isDirty;
  }

  /** Wait until nothing is being sent. */
  async calm() {
    while (this.sending) await new Promise((done) => { this.idle.push(done); });
  }

  async heard(answer, unsaved) {
    if (answer.ok) {
      const { revision, at } = await answer.json();
      this.revision = revision;
      this.told.textContent = this.words.saved.replace("{time}", at);
      for (const field of document.querySelectorAll("[name=revision]")) field.value = revision;
      for (const id of ["rules-draft", "rules-discard"]) document.getElementById(id).hidden = false;
      document.getElementById("rules-in-force").hidden = true;
      this.onSaved?.();
      return this.check();
    }
    unsaved();
    this.stopped = true;
    const { error } = await answer.json().catch(() => ({ error: answer.statusText }));
    this.told.textContent = this.words.refused.replace("{why}", error);
    if (answer.status === 409) await this.ask();
  }

  async ask() {
    const answer = await fetch(`${this.page.url}/writers`);
    if (!answer.ok) return;
    const place = document.getElementById("rules-conflict");
    place.innerHTML = await answer.text();
    place.querySelector("button")?.focus();
  }

  async press(event) {
    const button = event.target.closest?.("[data-take-theirs], [data-keep-mine]");
    if (!button) return;
    if (button.dataset.takeTheirs !== undefined) {
      this.waiting = [];
      location.reload();
      return;
    }
    // Of a draft that is gone the revision is 0: a new one begins.
    const revision = button.dataset.keepMine ?? 0;
    const answer = await post(`${this.page.url}/rows`, { revision, rows: JSON.stringify(this.sheet.rows), asked: JSON.stringify(this.page.columns.slice(0, this.page.asked).map(({ asked }) => asked)) });
    this.stopped = false;
    if (answer.ok) {
      this.waiting = [];
      document.getElementById("rules-conflict").replaceChildren();
    }
    await this.heard(answer, () => {});
  }

  /** Have the whole table checked, once it is calm: a large one later. */
  check(wait = this.sheet.rows.length > LARGE ? CHECK_LARGE : CHECK_SMALL) {
    clearTimeout(this.checking);
    this.checking = setTimeout(async () => {
      const answer = await fetch(`${this.page.url}/checks`).catch(() => null);
      if (!answer?.ok) return;
      const text = await answer.text();
      // Rows that were changed meanwhile have other numbers: the next check is on its way.
      if (!this.isDirty) this.onChecked?.(text);
    }, wait);
  }

  /** Check the text of one cell at once. */
  async checkCell(cell, text) {
    // Cells are counted by the columns that are saved; for rows on their way nobody waits.
    if ((this.sending && this.turning) || this.waiting.some(turns)) await this.flush();
    const answer = await post(`${this.page.url}/cell`, { cell, text }).catch(() => null);
    return answer?.ok ? answer.json() : null;
  }
}

const turns = (step) => "column" in step;
/** A step as it is sent: how a column looks is this page's own. */
const bare = ({ shown, ...step }) => step;
const post = (address, values) => fetch(address, { method: "POST", headers: { Accept: "application/json" }, body: new URLSearchParams(values) });
