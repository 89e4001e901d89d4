/** `buildImage`: one new layer, over a base image or over nothing. */
import { MAX_LAYERS, definePreset } from "../../core/index.ts";
import type { ClosureGraph, ImageSpec, LayerPlan, RunSpec, SpecOf } from "../../core/index.ts";
import { buildImageSchema, type BuildImageOptions, type ParsedBuildImageOptions } from "./build-image-options.ts";
import { commonSpec, runOf, sourcesOf } from "./image-spec.ts";

/** The name of the strategy of one layer. */
export const SINGLE = "single";

/** dockerTools' `buildImage`: an image whose own contents are one layer. */
export const buildImage = definePreset<"buildImage", BuildImageOptions, ParsedBuildImageOptions>(
  "buildImage",
  buildImageSchema,
  expand,
);

const OLD_NAME = {
  code: "W_DEPRECATED",
  message: "contents of buildImage is the old name of copyToRoot",
  hint: "Write copyToRoot",
} as const;

function expand(options: ParsedBuildImageOptions, specOf: SpecOf): ImageSpec {
  const { compressor } = options;
  return {
    ...commonSpec(options, specOf),
    contents: sourcesOf(options.copyToRoot ?? options.contents),
    placement: "copy",
    maxLayers: MAX_LAYERS,
    layering: SINGLE,
    collisions: options.collisions ?? "last",
    runs: runsOf(options),
    ...(compressor === undefined ? {} : { compressor }),
    ...(options.legacy && { legacyArchive: true }),
    ...(options.contents !== undefined && { warnings: [OLD_NAME] }),
  };
}

/** Where one text runs as root, the other follows it there. */
function runsOf({
  runAsRoot,
  extraCommands,
  sandbox,
  executor = "vm",
  network,
  diskSize,
  buildVMMemorySize,
  buildVMTimeout,
}: ParsedBuildImageOptions): readonly RunSpec[] {
  if (runAsRoot === undefined) return runOf("extraCommands", "host", extraCommands, sandbox);
  const machine = {
    ...(diskSize !== undefined && { diskMiB: diskSize }),
    ...(buildVMMemorySize !== undefined && { memoryMiB: buildVMMemorySize }),
    ...(buildVMTimeout !== undefined && { timeoutSeconds: buildVMTimeout }),
  };
  const others =
    typeof extraCommands === "function"
      ? runOf("extraCommands", "host", extraCommands, sandbox)
      : runOf("extraCommands", executor, extraCommands);
  const runs = [...runOf("runAsRoot", executor, runAsRoot), ...others];
  return runs.map((run) => ({ ...run, stage: "runAsRoot", machine, ...(network && { network }) }));
}

export function planSingle({ nodes }: ClosureGraph): LayerPlan {
  let size = 0;
  for (const node of nodes.values()) size += node.size;
  return {
    strategy: SINGLE,
    joinsTop: true,
    groups: [{ nodes: [...nodes.keys()], reason: "one layer for all", size }],
  };
}
