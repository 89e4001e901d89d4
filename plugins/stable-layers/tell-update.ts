/** Says what a plan is expected to move in an update, and what came of what the last one expected. */
import { sizeText, type PlanUpdate, type StageContext } from "../../core/index.ts";

const NAMED = 20;

/** Nothing where the closure is the same as before. */
export function tellUpdate(
  { memory, expected, outcome, isFirst }: PlanUpdate,
  { emit, target }: Pick<StageContext, "emit" | "target">,
): void {
  const next = `an update is expected to move ${sizeText(expected)}`;
  if (isFirst) {
    emit({ type: "note", message: `${target}: its ${memory.layers.length} layers are kept in the lock; ${next}` });
  }
  if (outcome === undefined) return;
  const { changed, layers, moved } = outcome;
  const what = changed.length === 1 ? "1 package was" : `${changed.length} packages were`;
  const came = `${sizeText(moved)} in ${layers} of ${memory.layers.length} layers move, ${sizeText(outcome.expected)} were expected`;
  const all = `${sizeText(memory.moved)} in ${memory.updates} updates, ${sizeText(memory.expected)} expected`;
  emit({
    type: "note",
    message: `${target}: ${what} updated, added or removed: ${came} (${all}); ${next}`,
    detail: changed.slice(0, NAMED),
  });
}
