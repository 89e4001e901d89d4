/** `image-dsl build`. */
import type { CommandModule } from "yargs";
import { ImageDslError } from "../error.ts";
import { buildOptions, readBuildOptions, type BuildArguments } from "./options.ts";
import type { Program, ReporterOptions } from "./program.ts";
import { readRemote } from "./remote-options.ts";
import { readShard } from "./read-shard.ts";
import { STDOUT_ARCHIVE } from "./stream-command.ts";

/** `destinations`: how each output is written, for the help. */
export function buildCommand(
  program: Program,
  ended: (status: Promise<number>) => void,
  destinations: readonly string[],
): CommandModule<object, BuildArguments> {
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
        .conflicts({
          quiet: ["json", "verbose"],
          "frozen-lock": "update-lock",
          watch: "update-lock",
          shard: ["watch", "update-lock"],
          affected: ["watch", "update-lock"],
        })
        .implies("exec", "watch")
        .example("$0 build", "build all images of image.config.ts")
        .example("$0 build redis -o docker-archive:redis.docker.tar", "then: docker load -i redis.docker.tar")
        .example("$0 build app --watch --load", "again after each save; --exec COMMAND runs it"),
    handler: (given) => ended(build(program, given)),
  };
}

async function build(program: Program, given: BuildArguments): Promise<number> {
  // What is wrong with the command line is told before anything is loaded.
  readBuildOptions(given);
  readRemote(given);
  if (given.shard !== undefined) readShard(given.shard);
  refuseStdout(given.output ?? []);
  const mode = given.json ? "json" : given.quiet ? "quiet" : "lines";
  const reporting: ReporterOptions = {
    mode,
    eventsTo: "stdout",
    verbose: given.verbose ?? false,
    explain: given.explain ?? false,
  };
  if (given.watch) {
    const { watchBuilds } = await import("./watch-builds.ts");
    return watchBuilds(program, reporting, given);
  }
  const { runWithConfig } = await import("./open-config.ts");
  return runWithConfig(program, reporting, given, async ({ reporter, signal }, config) => {
    const { buildOnce } = await import("./build-once.ts");
    await buildOnce(config, given, { signal, onEvent: (event) => reporter.event(event) });
  });
}

/** `build` says on stdout what it made; an archive among that would be spoilt. */
function refuseStdout(outputs: readonly string[]): void {
  const found = outputs.find((output) => output.startsWith(STDOUT_ARCHIVE));
  if (found === undefined) return;
  throw new ImageDslError("E_OUTPUT_INVALID", `"${found}" would write an archive among what build prints`, {
    hint: "image-dsl stream writes one to stdout",
  });
}
