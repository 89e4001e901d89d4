/** `buildLayeredImage` and `streamLayeredImage`: the same image; only where it goes by itself differs. */
import { ImageDslError, definePreset } from "../../core/index.ts";
import type { ImageSpec, RunSpec, SpecOf } from "../../core/index.ts";
import { commonSpec, runOf, sourcesOf } from "./image-spec.ts";
import { layeringOf } from "./layering.ts";
import {
  layeredImageSchema,
  streamLayeredImageSchema,
  type LayeredImageOptions,
  type ParsedLayeredImageOptions,
  type ParsedStreamLayeredImageOptions,
  type StreamLayeredImageOptions,
} from "./options.ts";

/** An image of many layers, so that images with packages in common share them. */
export const buildLayeredImage = definePreset<"buildLayeredImage", LayeredImageOptions, ParsedLayeredImageOptions>(
  "buildLayeredImage",
  layeredImageSchema,
  expand,
);

/** The same image as `buildLayeredImage` makes; what it is written to by itself is a program that streams it. */
export const streamLayeredImage = definePreset<
  "streamLayeredImage",
  StreamLayeredImageOptions,
  ParsedStreamLayeredImageOptions
>("streamLayeredImage", streamLayeredImageSchema, (options, specOf) => ({
  ...expand(options, specOf),
  output: "stream:{target}.stream",
}));

function expand(options: ParsedLayeredImageOptions, specOf: SpecOf): ImageSpec {
  const { compressor, includeStorePaths = true, includeNixDB, sandbox, enableFakechroot } = options;
  if (includeNixDB && !includeStorePaths) {
    throw new ImageDslError(
      "E_CONFIG_INVALID",
      "includeNixDB registers the store paths that includeStorePaths leaves out",
    );
  }
  if (sandbox && enableFakechroot) {
    throw new ImageDslError(
      "E_CONFIG_INVALID",
      "has both sandbox and enableFakechroot: in a sandbox the programs are this machine's, under fakechroot the image's",
      {
        hint: "Leave enableFakechroot out and write paths relative to the working directory, or take image({ run }), whose namespaces are closed off",
      },
    );
  }
  return {
    ...commonSpec(options, specOf),
    contents: sourcesOf(options.contents),
    placement: "link",
    ...(!includeStorePaths && { includeStorePaths }),
    ...layeringOf(options),
    collisions: options.collisions ?? "error",
    runs: runsOf(options),
    ...(compressor === undefined ? {} : { compressor }),
  };
}

/** dockerTools' order. */
function runsOf(options: ParsedLayeredImageOptions): RunSpec[] {
  const { extraCommands, fakeRootCommands, enableFakechroot = false, sandbox } = options;
  return [
    ...runOf("extraCommands", "host", extraCommands, sandbox),
    ...runOf("fakeRootCommands", enableFakechroot ? "fakechroot" : "fakeroot", fakeRootCommands, sandbox),
  ];
}
