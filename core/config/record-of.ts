/** The schema of values by names, whoever wrote them: a config, a lock, a record of the store. */
import * as v from "valibot";
import { isRecord } from "../model/json.ts";

/**
 * As `v.record`, which leaves out without a word what is called `constructor`, `prototype` or `__proto__`, and takes a list for one.
 * Packages, labels and variables may be called so. `example`: how it is written.
 */
export function recordOf<Value extends v.GenericSchema>(
  name: v.GenericSchema<string, string>,
  value: Value,
  example?: string,
): v.GenericSchema<Record<string, v.InferInput<Value>>, Record<string, v.InferOutput<Value>>> {
  const expected = `expected an object${example === undefined ? "" : `, such as ${example}`}`;
  const whole = v.custom<Record<string, v.InferInput<Value>>>(isRecord, expected);
  const members = v.map(name, value);
  return {
    ...whole,
    // A pipe that ends in a transformation would say nothing of the rest of the config where one member is wrong.
    "~run"(given, config) {
      const dataset = whole["~run"](given, config);
      if (!dataset.typed) return dataset;
      const read = members["~run"]({ value: new Map(Object.entries(dataset.value)) }, config);
      return read.typed ? { ...read, value: Object.fromEntries(read.value) } : read;
    },
  };
}
