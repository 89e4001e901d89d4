/** Progress comes thousands of times a second; this lets through what is worth a line or a redraw. */
import { ticks } from "../../core/index.ts";
import type { ProgressEvent } from "../../core/index.ts";

/** At most one event a task in so many milliseconds, and always the last one. */
export function progressFilter(milliseconds = 200): (event: ProgressEvent) => boolean {
  const lastShown = new Map<string, number>();
  return ({ task, done, total }) => {
    const now = ticks();
    const finished = total > 0 && done >= total;
    if (!finished && now - (lastShown.get(task) ?? -milliseconds) < milliseconds) return false;
    if (finished) lastShown.delete(task);
    else lastShown.set(task, now);
    return true;
  };
}
