/**
 * The schema of `config`, an image's run-time configuration (OCI image spec, config.md, and the fields that Docker
 * adds). Strict, so that a misspelt field or a `Cmd` in one text is found before an image is built, not at its load.
 */
import * as v from "valibot";
import { directoryRule, mountRule, userRule, variableRule, wordRule, type Rule } from "../image/impossible-config.ts";
import { isStopSignal } from "../model/stop-signal.ts";
import { recordOf } from "./record-of.ts";

const MILLISECOND = 1_000_000;
/** The largest port of TCP, UDP and SCTP, which have 16 bits for it. */
export const MAX_PORT = 65_535;

/** Go's way to write a set: keys with empty objects. */
const emptyObject = v.strictObject({});
const text = textBy(wordRule);
const words = v.pipe(
  v.custom<string[]>(
    (value) => Array.isArray(value) && value.every((item) => typeof item === "string"),
    (issue) => wordsMessage(issue.input),
  ),
  v.array(text),
);
/** Words that begin with a program. Later empty words are arguments like others. */
const command = v.pipe(
  words,
  v.check(([program]) => program !== "", "begins with an empty word, where the program should stand"),
);
/** 0 stands for what is inherited, else for the runtime's default. Docker takes no time that is shorter than a millisecond. */
const nanoseconds = v.pipe(
  v.number(),
  v.check(
    (time) => time === 0 || (Number.isSafeInteger(time) && time >= MILLISECOND),
    "expected nanoseconds: 0, or a millisecond (1_000_000) or more; a second is 1_000_000_000",
  ),
);
const bytes = v.pipe(v.number(), v.safeInteger(), v.minValue(-1));

const healthcheck = v.strictObject({
  Test: v.optional(
    v.pipe(
      words,
      v.check(
        (test) => test.length === 0 || ["NONE", "CMD", "CMD-SHELL"].includes(test[0] ?? ""),
        `expected a list that starts with "NONE", "CMD" or "CMD-SHELL"`,
      ),
      v.check(([kind, first]) => !kind?.startsWith("CMD") || Boolean(first), "names no program to run"),
    ),
  ),
  Interval: v.optional(nanoseconds),
  Timeout: v.optional(nanoseconds),
  StartPeriod: v.optional(nanoseconds),
  Retries: v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(0))),
});

const fields = v.strictObject({
  User: v.optional(textBy(userRule)),
  ExposedPorts: v.optional(recordOf(textBy(portRule), emptyObject, `{ "80/tcp": {} }`)),
  Env: v.optional(
    v.pipe(v.array(textBy(variableRule), 'expected a list, such as ["NAME=value"]'), v.rawCheck(eachNameOnce)),
  ),
  Entrypoint: v.optional(command),
  Cmd: v.optional(words),
  Volumes: v.optional(recordOf(textBy(volumeRule), emptyObject, `{ "/data": {} }`)),
  WorkingDir: v.optional(textBy(directoryRule)),
  Labels: v.optional(recordOf(text, text, `{ name: "value" }`)),
  StopSignal: v.optional(
    v.pipe(
      v.string(),
      v.check(isStopSignal, `expected a signal: a name such as "SIGTERM", "SIGRTMIN+n", or a number from 1 to 64`),
    ),
  ),
  ArgsEscaped: v.optional(v.boolean()),
  Memory: v.optional(bytes),
  MemorySwap: v.optional(bytes),
  CpuShares: v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(0))),
  Healthcheck: v.optional(healthcheck),
  OnBuild: v.optional(v.array(text, 'expected a list of instructions, such as ["RUN make"]')),
  Shell: v.optional(command),
  StopTimeout: v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(0))),
});

/** With an entry point, `Cmd` is its arguments. */
export const imageConfigSchema = v.pipe(
  fields,
  v.forward(
    v.check(
      ({ Entrypoint, Cmd }) => Cmd?.[0] !== "" || (Entrypoint?.length ?? 0) > 0,
      "begins with an empty word, where the program should stand",
    ),
    ["Cmd"],
  ),
);

function textBy(rule: Rule) {
  return v.pipe(
    v.string(),
    v.rawCheck<string>(({ dataset, addIssue }) => {
      const expected = dataset.typed ? rule(dataset.value) : undefined;
      if (expected !== undefined) addIssue({ message: expected });
    }),
  );
}

/** `80`, `80/tcp`, `53/udp`, `38412/sctp`. */
export function isPort(text: string): boolean {
  const [, number] = /^(\d{1,5})(?:\/(?:tcp|udp|sctp))?$/.exec(text) ?? [];
  return number !== undefined && Number(number) >= 1 && Number(number) <= MAX_PORT;
}

function portRule(text: string): string | undefined {
  if (isPort(text)) return undefined;
  return `expected a port from 1 to ${MAX_PORT}, such as "80/tcp", "53/udp" or "38412/sctp"`;
}

/** Docker finds a relative one from the root, whatever the working directory: nobody means that. */
function volumeRule(path: string): string | undefined {
  return directoryRule(path) ?? mountRule(path);
}

/** A container gets the last one of a name; who writes two means both. */
function eachNameOnce({ dataset, addIssue }: v.RawCheckContext<string[]>): void {
  if (!dataset.typed) return;
  const first = new Map<string, number>();
  for (const [key, variable] of dataset.value.entries()) {
    const name = variable.split("=", 1)[0]!;
    const before = first.get(name);
    if (before === undefined) first.set(name, key);
    else {
      const message = `sets ${name} a second time, after Env[${before}]`;
      addIssue({ message, path: [{ type: "array", origin: "value", input: dataset.value, key, value: variable }] });
    }
  }
}

/** The commonest mistake has the mend spelt out: nothing would split the text, at build or in the container. */
function wordsMessage(value: unknown): string {
  if (typeof value !== "string") return `expected a list of texts`;
  const split = value.trim().split(/\s+/);
  return `expected a list of texts, such as ${JSON.stringify(split)}, found the text ${JSON.stringify(value)}`;
}
