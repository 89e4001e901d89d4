/** Forms that the locks of several managers have in common. */
import * as v from "valibot";
import { isRecord } from "../../../core/index.ts";

/** As `v.record`, which leaves out without a word what is called `constructor` or `prototype`: packages are called so. */
export function recordOf<Value>(value: v.GenericSchema<unknown, Value>) {
  return v.pipe(
    v.custom<Record<string, unknown>>(isRecord, "Expected an object"),
    v.rawTransform(({ dataset, addIssue, NEVER }): Record<string, Value> => {
      const read: (readonly [string, Value])[] = [];
      for (const [name, each] of Object.entries(dataset.value)) {
        const { success, output, issues } = v.safeParse(value, each, { abortEarly: true });
        if (!success) {
          addIssue({ message: `${name}: ${issues[0].message}` });
          return NEVER;
        }
        read.push([name, output]);
      }
      return Object.fromEntries(read);
    }),
  );
}

export const texts = recordOf(v.string());

/** One, or a list of them. */
export const list = v.union([
  v.array(v.string()),
  v.pipe(
    v.string(),
    v.transform((one) => [one]),
  ),
]);
