/**
 * The schema of `config`, an image's run-time configuration (OCI image spec, config.md, and the fields that Docker
 * adds). Strict, so that a misspelt field or a `Cmd` in one text is found before an image is built, not at its load.
 */
import * as v from "valibot";

const texts = v.array(v.string());
/** Go's way to write a set: keys with empty objects. */
const emptyObject = v.strictObject({});
const words = v.custom<string[]>(
  (value) => Array.isArray(value) && value.every((item) => typeof item === "string"),
  (issue) => wordsMessage(issue.input),
);
const nanoseconds = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const bytes = v.pipe(v.number(), v.safeInteger(), v.minValue(-1));

const healthcheck = v.strictObject({
  Test: v.optional(
    v.pipe(
      words,
      v.check(
        (test) => test.length === 0 || ["NONE", "CMD", "CMD-SHELL"].includes(test[0] ?? ""),
        `expected a list that starts with "NONE", "CMD" or "CMD-SHELL"`,
      ),
    ),
  ),
  Interval: v.optional(nanoseconds),
  Timeout: v.optional(nanoseconds),
  StartPeriod: v.optional(nanoseconds),
  Retries: v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(0))),
});

export const imageConfigSchema = v.strictObject({
  User: v.optional(v.string()),
  ExposedPorts: v.optional(
    v.record(
      v.pipe(v.string(), v.regex(/^\d{1,5}(\/(tcp|udp|sctp))?$/, `expected a port, such as "80/tcp" or "53/udp"`)),
      emptyObject,
    ),
  ),
  Env: v.optional(v.array(v.pipe(v.string(), v.regex(/^[^=\0]+=[^\0]*$/, `expected NAME=value`)))),
  Entrypoint: v.optional(words),
  Cmd: v.optional(words),
  Volumes: v.optional(v.record(v.string(), emptyObject)),
  WorkingDir: v.optional(v.string()),
  Labels: v.optional(v.record(v.string(), v.string())),
  StopSignal: v.optional(v.string()),
  ArgsEscaped: v.optional(v.boolean()),
  Memory: v.optional(bytes),
  MemorySwap: v.optional(bytes),
  CpuShares: v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(0))),
  Healthcheck: v.optional(healthcheck),
  OnBuild: v.optional(texts),
  Shell: v.optional(words),
  StopTimeout: v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(0))),
});

/** The commonest mistake has the mend spelt out: nothing would split the text, at build or in the container. */
function wordsMessage(value: unknown): string {
  if (typeof value !== "string") return `expected a list of texts`;
  const split = value.trim().split(/\s+/);
  return `expected a list of texts, such as ${JSON.stringify(split)}, found the text ${JSON.stringify(value)}`;
}
