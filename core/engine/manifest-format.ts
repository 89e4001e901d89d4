/** In which format manifests are wanted, and whether the outputs take it: checked before anything is built. */
import { requireDockersPlace } from "../distribution/docker-format.ts";
import { ImageDslError } from "../error.ts";
import type { LayerCompression, ManifestFormat } from "../model/image-spec.ts";
import type { Build } from "../pipeline/build.ts";
import type { OutputDefinition } from "../pipeline/hooks.ts";
import type { OutputJob } from "./destination.ts";

export interface FormatWish {
  /** `--format`. */
  readonly format?: ManifestFormat;
  /** `--compression`. */
  readonly compression?: LayerCompression;
}

/** Without the command line's word. Of an index, its own: it and its images are in one. */
export function wantedFormat({ spec, bundle }: Build): ManifestFormat | undefined {
  return bundle?.index === undefined ? spec.manifestFormat : bundle.index.manifestFormat;
}

/** Throws `E_USAGE` and `E_OUTPUT_INVALID`. */
export function checkFormats(
  { format, compression }: FormatWish,
  jobs: readonly OutputJob[],
  builds: readonly Build[],
  outputs: ReadonlyMap<string, OutputDefinition>,
): void {
  const formatsOf = ({ destination }: OutputJob): readonly ManifestFormat[] =>
    outputs.get(destination.transport)?.formats ?? [];
  if (format !== undefined && jobs.every((job) => formatsOf(job).length === 0)) {
    throw new ImageDslError(
      "E_USAGE",
      `--format ${format} says nothing to any of the outputs: they have no manifests`,
      {
        hint: `Leave it out; ${Array.from(outputs.values(), ({ usage, formats }) =>
          formats === undefined ? [] : usage,
        )
          .flat()
          .join(", ")} have some`,
      },
    );
  }
  for (const job of jobs) {
    const formats = formatsOf(job);
    for (const build of job.images.map((index) => builds[index]!)) {
      const wanted = format ?? wantedFormat(build);
      if (formats.length === 0 || wanted === undefined) continue;
      if (!formats.includes(wanted)) throw notTaken(job, build, wanted, formats);
      if (wanted === "docker") requireDockersPlace(asDockers(build, compression));
    }
  }
}

function asDockers({ target, spec, bundle }: Build, compression: LayerCompression | undefined) {
  const { annotations, layerCompression } = spec;
  return {
    name: target,
    compressions: [compression ?? layerCompression],
    annotations: [annotations, bundle?.index?.annotations],
  };
}

function notTaken(
  { destination }: OutputJob,
  { target }: Build,
  wanted: ManifestFormat,
  formats: readonly ManifestFormat[],
): ImageDslError {
  const message = `"${destination.text}" takes no manifest in the format "${wanted}", which ${target} is wanted in`;
  return new ImageDslError("E_OUTPUT_INVALID", message, {
    hint: `It takes ${formats.join(" or ")}: write --format ${formats[0]!}, or name a registry`,
  });
}
