/** One build as a command line asks for it, and of what it made the digests, where these are the answer. */
import { TargetsFailed } from "../engine/failures.ts";
import { runBuild } from "../engine/run-build.ts";
import type { BuildOptions } from "../engine/build-options.ts";
import type { BuildEvent } from "../model/event.ts";
import type { HostReads } from "../model/host-reads.ts";
import type { BuildResult } from "../pipeline/builder-hooks.ts";
import type { Builder } from "../pipeline/plugin.ts";
import { isLockFrozen, type OpenedConfig } from "./open-config.ts";
import { readRemote } from "./remote-options.ts";
import { readShard } from "./read-shard.ts";
import { readBuildOptions, readCacheOptions, type BuildArguments } from "./options.ts";

export interface BuildOnceOptions extends Pick<BuildOptions, "overtaken"> {
  readonly signal: AbortSignal;
  readonly onEvent: (event: BuildEvent) => void;
  readonly reads?: HostReads;
}

/** Throws `TargetsFailed` where some targets were made, after their digests are printed. */
export async function buildOnce(
  config: OpenedConfig,
  given: BuildArguments,
  { signal, overtaken, onEvent, reads }: BuildOnceOptions,
): Promise<readonly BuildResult[]> {
  const shard = given.shard === undefined ? undefined : readShard(given.shard);
  const changes =
    given.affected === undefined
      ? undefined
      : await (await import("./changes-since.ts")).changesSince(given.affected || "HEAD", config, signal);
  const layers = { all: 0, made: 0 };
  const asked: Asked[] = [];
  const pushed = new Map<string, readonly string[]>();
  const outcome = await runBuild(config.builder, config.graph, {
    ...readBuildOptions(given),
    modules: config.modules,
    targets: given.targets,
    ...(shard && { shard }),
    ...(changes && { changes }),
    outputs: given.output ?? [],
    ...(given.compression && { compression: given.compression }),
    ...(given.format && { format: given.format }),
    push: given.push ?? false,
    load: given.load ?? false,
    frozenLock: isLockFrozen(config.graph, given),
    keepGoing: given["keep-going"] ?? false,
    dryRun: given["dry-run"] ?? false,
    insecureHosts: given.insecure ?? [],
    ...readCacheOptions(given),
    remote: readRemote(given),
    ...(reads && { reads }),
    ...(overtaken && { overtaken }),
    signal,
    onEvent(event) {
      if (event.type === "output" && event.destination === "digest") asked.push(event);
      if (event.type === "output" && event.manifest !== undefined && knowsManifests(config.builder, event)) {
        pushed.set(event.target, [...(pushed.get(event.target) ?? []), event.manifest]);
      }
      if (event.type === "layer") {
        layers.all++;
        if (!event.isKnown) layers.made++;
      }
      onEvent(event);
    },
  }).catch((error: unknown) => {
    if (error instanceof TargetsFailed) return error;
    throw error;
  });
  const results = outcome instanceof TargetsFailed ? outcome.results : outcome;
  if (given.shard === "merge") {
    const count = new Set(results.map(({ target }) => target)).size;
    const message = `All parts: ${count} targets, and of their ${layers.all} layers ${layers.made} were made here`;
    onEvent({ type: "note", message });
  }
  const outputs = given.output ?? config.graph.outputs;
  if (outputs.includes("digest")) {
    const isLone = asked.length === 1 && outcome === results && shard === undefined && changes === undefined;
    if (!given.json) await printDigests(asked.map(isLone || given.quiet ? bare : named));
  } else if (given.quiet) await printDigests(digestsOf(results, pushed));
  if (outcome instanceof TargetsFailed) throw outcome;
  return results;
}

function knowsManifests({ outputs }: Builder, { destination }: { readonly destination: string }): boolean {
  return outputs.get(destination.split(":", 1)[0]!)?.knowsManifests ?? false;
}

/** Of a target that was pushed, what registries know it by (once for several places); of others, each image's id. */
function digestsOf(results: readonly BuildResult[], pushed: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const targets = Array.from(new Set(results.map(({ target }) => target)));
  return targets.flatMap((target) => {
    const ids = results.filter((each) => each.target === target).map(({ configDigest }) => configDigest);
    return pushed.has(target) ? [...new Set(pushed.get(target))] : ids;
  });
}

interface Asked {
  readonly target: string;
  readonly digest: string;
}

const bare = ({ digest }: Asked): string => digest;
/** As sha256sum says of which file a sum is. */
const named = ({ digest, target }: Asked): string => `${digest}  ${target}`;

async function printDigests(digests: readonly string[]): Promise<void> {
  const { printLines } = await import("./stdout.ts");
  await printLines(digests.map((digest) => `${digest}\n`).join(""));
}
