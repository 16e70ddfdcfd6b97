// What the answer to an act has drawn already: the stream tells of the same act by the same mark, which draws nothing again.
const KEPT = 50, PATIENCE = 10000;
const drawn = new Map(), swapping = new WeakMap(), acting = new Map();
// When answers to acts have drawn a part last, and when what is drawn anew was asked for.
const actedAt = new Map(), askedAt = new WeakMap();

const note = (mark, parts) => {
  drawn.set(mark, new Set([...(drawn.get(mark) ?? []), ...parts]));
  if (drawn.size > KEPT) drawn.delete(drawn.keys().next().value);
};

/** Tell whether the answer with this mark has drawn this part. */
export const isDrawn = (part, mark) => Boolean(mark) && (drawn.get(mark)?.has(part) ?? false);

/** Tell whether an act is on its way: its answer may draw what is heard of meanwhile. */
export const isActing = () => {
  for (const [ctx, since] of acting) if (performance.now() - since > PATIENCE) acting.delete(ctx);
  return acting.size > 0;
};

/** Tell whether a part was asked for before an act whose answer has drawn it since: what comes now is from before the act. */
export const isOutdated = (part, ctx) => askedAt.get(ctx) < (actedAt.get(part) ?? 0);

const over = ({ detail: { ctx } }) => acting.delete(ctx);
document.addEventListener("htmx:before:request", ({ detail: { ctx } }) => {
  (ctx.request.method === "GET" ? askedAt : acting).set(ctx, performance.now());
});
document.addEventListener("htmx:finally:request", over);
document.addEventListener("htmx:before:swap", ({ detail: { ctx, tasks } }) => {
  swapping.set(ctx, tasks.filter((task) => task.swapSpec?.style !== "none").map((task) => task.target?.id).filter(Boolean));
});
document.addEventListener("htmx:after:swap", (event) => {
  const { ctx } = event.detail, mark = ctx.response?.headers.get("X-Live-Mark"), parts = swapping.get(ctx) ?? [];
  if (mark) note(mark, parts);
  if (ctx.request.method !== "GET") for (const part of parts) actedAt.set(part, performance.now());
  over(event);
});
