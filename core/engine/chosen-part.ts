/** Which of the targets that were asked for this build makes: those that changed, and of these one shard's. */
import { ImageDslError } from "../error.ts";
import type { BuildGraph } from "../graph/build-graph.ts";
import { affectedTargets } from "./affected.ts";
import type { BuildOptions } from "./build-options.ts";
import type { OutputJob } from "./destination.ts";
import type { Session } from "./session.ts";
import { targetsOfShard, type Shard } from "./shards.ts";

export interface ChosenPart {
  readonly targets: ReadonlySet<string>;
  readonly jobs: readonly OutputJob[];
}

/** Throws `E_OUTPUT_INVALID` where one output would be made by several shards, and what hooks `inputs` throw. */
export async function chosenPart(
  session: Pick<Session, "targets" | "builds" | "context">,
  all: readonly OutputJob[],
  graph: BuildGraph,
  { changes, shard }: Pick<BuildOptions, "changes" | "shard">,
): Promise<ChosenPart> {
  const { builds, context } = session;
  let targets: ReadonlySet<string> = new Set(session.targets);
  const targetsOf = ({ images }: OutputJob): readonly string[] => images.map((index) => builds[index]!.target);
  if (changes !== undefined) {
    const reasons = await affectedTargets(builds, graph, changes, context);
    targets = wholeOutputs(new Set(reasons.keys()), all.map(targetsOf));
    const message = `${targets.size} of ${session.targets.length} targets may be other ones by what changed`;
    const detail = Array.from(
      targets,
      (target) => `${target}: ${reasons.get(target) ?? "it goes where another one goes"}`,
    );
    context.emit({ type: "note", message, detail });
  }
  if (shard !== undefined) {
    refuseTogether(all, targetsOf);
    const mine = ofShard(session, shard);
    targets = new Set([...targets].filter((target) => mine.has(target)));
  }
  return { targets, jobs: all.filter((job) => targetsOf(job).every((target) => targets.has(target))) };
}

/** What goes into one output is made together. */
function wholeOutputs(chosen: Set<string>, outputs: readonly (readonly string[])[]): ReadonlySet<string> {
  for (let before = -1; before < chosen.size;) {
    before = chosen.size;
    for (const together of outputs) {
      if (together.some((target) => chosen.has(target))) for (const target of together) chosen.add(target);
    }
  }
  return chosen;
}

function ofShard({ builds }: Pick<Session, "builds">, shard: Shard): ReadonlySet<string> {
  const weights = new Map<string, number>();
  for (const { target } of builds) weights.set(target, (weights.get(target) ?? 0) + 1);
  return new Set(
    targetsOfShard(
      Array.from(weights, ([name, weight]) => ({ name, weight })),
      shard,
    ),
  );
}

function refuseTogether(jobs: readonly OutputJob[], targetsOf: (job: OutputJob) => readonly string[]): void {
  const shared = jobs.find((job) => new Set(targetsOf(job)).size > 1);
  if (shared === undefined) return;
  throw new ImageDslError(
    "E_OUTPUT_INVALID",
    `"${shared.destination.text}" would hold images of several targets, and shards make them on several machines`,
    { hint: "Put {target} into the destination" },
  );
}
