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
  const { compressor, includeStorePaths = true, includeNixDB } = options;
  if (includeNixDB && !includeStorePaths) {
    throw new ImageDslError(
      "E_CONFIG_INVALID",
      "includeNixDB registers the store paths that includeStorePaths leaves out",
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
function runsOf({ extraCommands, fakeRootCommands, enableFakechroot = false }: ParsedLayeredImageOptions): RunSpec[] {
  return [
    ...runOf("extraCommands", "host", extraCommands),
    ...runOf("fakeRootCommands", enableFakechroot ? "fakechroot" : "fakeroot", fakeRootCommands),
  ];
}
