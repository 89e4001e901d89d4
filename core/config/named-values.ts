/** The check of values by names which people give, before that of each. */
import * as v from "valibot";
import { isRecord } from "../model/json.ts";

/** `v.record` leaves these out without a word. */
const LEFT_OUT = ["__proto__", "constructor", "prototype"];

/** For a `v.record` to follow, which would take a list for one. `example`: how it is written. */
export function namedValues<Value = unknown>(example: string) {
  return v.pipe(
    v.custom<Record<string, Value>>(isRecord, `expected an object, such as ${example}`),
    v.check(
      (given) => !LEFT_OUT.some((name) => Object.hasOwn(given, name)),
      `cannot hold ${LEFT_OUT.map((name) => JSON.stringify(name)).join(", ")}, which objects of JavaScript have themselves`,
    ),
  );
}
