/** `--shard`: which part of the targets this machine builds, as it says itself or as its scheduler's variables say. */
import type { Shard } from "../engine/shards.ts";
import { ImageDslError } from "../error.ts";
import { environment } from "../host.ts";

/** A config of more targets than this is none that is known. */
const MOST = 100_000;

/** What the schedulers say of themselves; `first` is the index of their first machine. */
const SCHEDULERS = [
  { index: "JOB_COMPLETION_INDEX", first: () => 0, step: () => 1, count: undefined },
  {
    index: "SLURM_ARRAY_TASK_ID",
    first: (env: Environment) => numberIn(env, "SLURM_ARRAY_TASK_MIN") ?? 1,
    step: (env: Environment) => numberIn(env, "SLURM_ARRAY_TASK_STEP") ?? 1,
    count: "SLURM_ARRAY_TASK_COUNT",
  },
  { index: "CI_NODE_INDEX", first: () => 1, step: () => 1, count: "CI_NODE_TOTAL" },
] as const;

type Environment = Readonly<Record<string, string | undefined>>;

/** `I/N`, `auto`, `auto/N`; undefined for `merge`, which is all of them. Throws `E_USAGE`. */
export function readShard(text: string, env: Environment = environment()): Shard | undefined {
  if (text === "merge") return undefined;
  const [, which = "", total] = /^(\d{1,6}|auto)(?:\/(\d{1,6}))?$/.exec(text) ?? [];
  if (which === "" || (which !== "auto" && total === undefined)) throw invalid(text, "is no shard");
  const count = total === undefined ? undefined : Number(total);
  const shard = which === "auto" ? fromScheduler(text, count, env) : { index: Number(which), count: count! };
  if (shard.count < 1 || shard.count > MOST) throw invalid(text, `has ${shard.count} shards`);
  if (!Number.isInteger(shard.index) || shard.index < 1 || shard.index > shard.count)
    throw invalid(text, `is shard ${shard.index} of ${shard.count}`);
  return shard;
}

function fromScheduler(text: string, asked: number | undefined, env: Environment): Shard {
  const known = SCHEDULERS.find(({ index }) => numberIn(env, index) !== undefined);
  if (known === undefined) {
    const names = SCHEDULERS.map(({ index }) => index).join(", ");
    throw new ImageDslError(
      "E_USAGE",
      `--shard "${text}": none of ${names} is set, so which shard this is is not known`,
      {
        hint: "Write --shard I/N, with I from 1 to N",
      },
    );
  }
  const index = (numberIn(env, known.index)! - known.first(env)) / known.step(env) + 1;
  const said = known.count === undefined ? undefined : numberIn(env, known.count);
  if (asked !== undefined && said !== undefined && asked !== said) {
    throw invalid(text, `says ${asked} shards, and ${known.count} ${said}`);
  }
  const count = asked ?? said;
  if (count === undefined) {
    throw new ImageDslError("E_USAGE", `--shard "${text}": ${known.index} does not say how many shards there are`, {
      hint: "Write --shard auto/N, with the number of completions",
    });
  }
  return { index, count };
}

function numberIn(env: Environment, name: string): number | undefined {
  const text = env[name];
  return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}

function invalid(text: string, what: string): ImageDslError {
  return new ImageDslError("E_USAGE", `--shard "${text}" ${what}`, {
    hint: "Write --shard I/N with I from 1 to N, --shard auto in a job array, or --shard merge when all shards are done",
  });
}
