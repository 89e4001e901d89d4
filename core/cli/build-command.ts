/** `image-dsl build`. */
import type { CommandModule, InferredOptionTypes } from "yargs";
import { buildOptions, readBuildOptions, readCacheOptions } from "./options.ts";
import { ImageDslError } from "../error.ts";
import type { BuildResult } from "../pipeline/builder-hooks.ts";
import type { Builder } from "../pipeline/plugin.ts";
import type { Program } from "./program.ts";
import { STDOUT_ARCHIVE } from "./stream-command.ts";

type Arguments = InferredOptionTypes<typeof buildOptions> & { readonly targets: readonly string[] };

/** `destinations`: how each output is written, for the help. */
export function buildCommand(
  program: Program,
  ended: (status: Promise<number>) => void,
  destinations: readonly string[],
): CommandModule<object, Arguments> {
  return {
    command: "build [targets..]",
    describe: "Build images",
    builder: (yargs) =>
      yargs
        .positional("targets", {
          type: "string",
          array: true,
          default: [],
          describe: "The images to build; all without",
        })
        .options(buildOptions)
        .describe(
          "output",
          `${buildOptions.output.describe}; default: the config's outputs, else docker-archive:{target}.docker.tar. One of ${destinations.join(", ")}`,
        )
        .conflicts({ quiet: ["json", "verbose"], "frozen-lock": "update-lock" })
        .example("$0 build", "build all images of image.config.ts")
        .example("$0 build redis -o docker-archive:redis.docker.tar", "then: docker load -i redis.docker.tar"),
    handler: (given) => ended(build(program, given)),
  };
}

async function build(program: Program, given: Arguments): Promise<number> {
  const chosen = readBuildOptions(given);
  const { isLockFrozen, runWithConfig } = await import("./open-config.ts");
  const mode = given.json ? "json" : given.quiet ? "quiet" : "lines";
  return runWithConfig(
    program,
    { mode, eventsTo: "stdout", verbose: given.verbose ?? false, explain: given.explain ?? false },
    given,
    async (context, config) => {
      refuseStdout(given.output ?? []);
      const asked: Asked[] = [];
      const pushed = new Map<string, readonly string[]>();
      const { runBuild } = await import("../engine/run-build.ts");
      const { TargetsFailed } = await import("../engine/failures.ts");
      const outcome = await runBuild(config.builder, config.graph, {
        ...chosen,
        modules: config.modules,
        targets: given.targets,
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
        signal: context.signal,
        onEvent(event) {
          if (event.type === "output" && event.destination === "digest") asked.push(event);
          if (event.type === "output" && event.manifest !== undefined && knowsManifests(config.builder, event)) {
            pushed.set(event.target, [...(pushed.get(event.target) ?? []), event.manifest]);
          }
          context.reporter.event(event);
        },
      }).catch((error: unknown) => {
        if (error instanceof TargetsFailed) return error;
        throw error;
      });
      const results = outcome instanceof TargetsFailed ? outcome.results : outcome;
      const outputs = given.output ?? config.graph.outputs;
      if (outputs.includes("digest")) {
        const isLone = asked.length === 1 && outcome === results;
        if (!given.json) await printDigests(asked.map(isLone || given.quiet ? bare : named));
      } else if (given.quiet) await printDigests(digestsOf(results, pushed));
      if (outcome instanceof TargetsFailed) throw outcome;
    },
  );
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

/** `build` says on stdout what it made; an archive among that would be spoilt. */
function refuseStdout(outputs: readonly string[]): void {
  const found = outputs.find((output) => output.startsWith(STDOUT_ARCHIVE));
  if (found === undefined) return;
  throw new ImageDslError("E_OUTPUT_INVALID", `"${found}" would write an archive among what build prints`, {
    hint: "image-dsl stream writes one to stdout",
  });
}

async function printDigests(digests: readonly string[]): Promise<void> {
  const { printLines } = await import("./stdout.ts");
  await printLines(digests.map((digest) => `${digest}\n`).join(""));
}
