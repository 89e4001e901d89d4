/** Forms that the locks of several managers have in common. */
import * as v from "valibot";
import { recordOf } from "../../../core/index.ts";

export const texts = recordOf(v.string(), v.string());

/** One, or a list of them. */
export const list = v.union([
  v.array(v.string()),
  v.pipe(
    v.string(),
    v.transform((one) => [one]),
  ),
]);
