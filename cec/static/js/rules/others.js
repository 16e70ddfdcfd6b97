// Another writes the same table: told as soon as he has saved, with his name, before anything of ours is refused.
const place = document.getElementById("rules-others");

export class Others {
  constructor(saving, page) {
    Object.assign(this, { saving, page });
    document.addEventListener("cec:rules", ({ detail }) => { if (detail === "*" || detail === page.subject) this.look(); });
  }

  /** Ask who has saved since this page did; what we save ourselves at this moment is no news. */
  async look() {
    await this.saving.calm();
    if (this.saving.stopped) return;
    const { revision } = this.saving;
    const answer = await fetch(`${this.page.url}/others?revision=${revision}`).catch(() => null);
    if (!answer?.ok) return;
    const text = await answer.text();
    if (revision === this.saving.revision && !this.saving.sending && place.innerHTML !== text) place.innerHTML = text;
  }
}
