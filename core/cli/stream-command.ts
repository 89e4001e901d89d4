/** `image-dsl stream`: one image as an uncompressed docker archive on stdout, and nothing else there. */
import type { CommandModule, InferredOptionTypes } from "yargs";
import { ImageDslError } from "../error.ts";
import type { BuildEvent } from "../model/event.ts";
import type { BuildGraph } from "../graph/build-graph.ts";
import {
  cacheOptions,
  configOptions,
  insecureOption,
  lockOptions,
  outputOptions,
  quietOption,
  readBuildOptions,
  readCacheOptions,
  workOptions,
} from "./options.ts";
import type { Program } from "./program.ts";

/** The docker archive's place that means stdout. */
export const STDOUT_ARCHIVE = "docker-archive:-";

const options = {
  ...workOptions,
  ...configOptions,
  ...lockOptions,
  ...cacheOptions,
  insecure: insecureOption,
  ...outputOptions,
  ...quietOption,
} as const;

type Arguments = InferredOptionTypes<typeof options> & { readonly target: string | undefined };

export function streamCommand(
  program: Program,
  ended: (status: Promise<number>) => void,
): CommandModule<object, Arguments> {
  return {
    command: "stream [target]",
    describe: "Write an image to stdout as a docker archive; nothing is kept on disk",
    builder: (yargs) =>
      yargs
        .positional("target", { type: "string", describe: "The image; may be left out where the config has one" })
        .options(options)
        .conflicts({ quiet: ["json", "verbose"], "frozen-lock": "update-lock" })
        .example("$0 stream | docker load", "")
        .example("$0 stream redis | ssh host docker load", ""),
    handler: (given) => ended(stream(program, given)),
  };
}

async function stream(program: Program, given: Arguments): Promise<number> {
  const chosen = readBuildOptions(given);
  const { isLockFrozen, runWithConfig } = await import("./open-config.ts");
  const mode = given.json ? "json" : given.quiet ? "quiet" : "lines";
  return runWithConfig(
    program,
    { mode, eventsTo: "stderr", verbose: given.verbose ?? false, explain: given.explain ?? false },
    given,
    async (context, config) => {
      const { runBuild } = await import("../engine/run-build.ts");
      if (process.stdout.isTTY) {
        throw new ImageDslError("E_USAGE", "An image is not written to a terminal", {
          hint: "Pipe it on, as in: image-dsl stream | docker load",
        });
      }
      await runBuild(config.builder, config.graph, {
        ...chosen,
        modules: config.modules,
        targets: [given.target ?? onlyTarget(config.graph)],
        outputs: [STDOUT_ARCHIVE],
        insecureHosts: given.insecure ?? [],
        frozenLock: isLockFrozen(config.graph, given),
        ...readCacheOptions(given),
        signal: context.signal,
        onEvent: (event) => {
          // How to use a file is no news to whoever reads the pipe.
          const told = event.type === "output" && !given.json ? streamed(event.reference) : event;
          context.reporter.event(told);
        },
      });
    },
  );
}

function streamed(reference: string): BuildEvent {
  return { type: "note", message: `Streamed ${reference}` };
}

function onlyTarget({ images }: BuildGraph): string {
  const [first, ...others] = images.keys();
  if (first !== undefined && others.length === 0) return first;
  throw new ImageDslError("E_USAGE", `The config has ${images.size} images and stream writes one`, {
    hint: `Name it: image-dsl stream ${[...images.keys()].join("|")}`,
  });
}
