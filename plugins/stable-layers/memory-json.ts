/** What is remembered of an image's layers, as the lock holds it. */
import * as v from "valibot";
import { recordOf, type AnswerSchema, type Json, type PlanMemory } from "../../core/index.ts";

/** What the layers of images are called in the lock. */
export const LOCK_KIND = "layers";

const MOST_LAYERS = 1000;

const key = v.pipe(v.string(), v.maxLength(1000));
const whole = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const identity = v.pipe(v.string(), v.regex(/^(?:[0-9a-f]{12})?$/, "Expected 12 hex digits, or nothing"));

export const memorySchema: AnswerSchema<PlanMemory> = v.pipe(
  v.strictObject({
    updates: whole,
    expected: whole,
    moved: whole,
    changes: recordOf(key, whole),
    layers: v.pipe(v.array(recordOf(key, identity)), v.maxLength(MOST_LAYERS)),
  }),
  v.transform(({ changes, layers, ...counts }) => ({
    ...counts,
    changes: new Map(Object.entries(changes)),
    layers: layers.map((layer) => new Map(Object.entries(layer))),
  })),
);

export function memoryJson({ updates, expected, moved, changes, layers }: PlanMemory): Json {
  return {
    updates,
    expected,
    moved,
    changes: Object.fromEntries(changes),
    layers: layers.map((layer) => Object.fromEntries(layer)),
  };
}
