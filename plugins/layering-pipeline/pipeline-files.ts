/** Pipelines that lie in JSON files: read and checked before anything is built. */
import { resolve } from "node:path";
import {
  ImageDslError,
  imagesOf,
  parsePipeline,
  pathText,
  pipelineFileOf,
  readJsonFile,
  type BuildGraph,
  type ImageSpec,
  type LayeringPipeline,
} from "../../core/index.ts";

/**
 * The steps of each image of the graph that has them in a file, images that others are built on among them. Throws
 * `E_CONFIG_LOAD` for a file that is no JSON, `E_CONFIG_INVALID` for wrong steps.
 */
export async function readPipelineFiles(graph: BuildGraph): Promise<ReadonlyMap<ImageSpec, LayeringPipeline>> {
  const targets = [graph.images, ...graph.byPlatform.values()].flatMap((images) => [...images.values()]);
  const read = new Map<ImageSpec, LayeringPipeline>();
  for (const spec of new Set(targets.flatMap(imagesOf).flatMap(withBases))) {
    const file = pipelineFileOf(spec.layeringPipeline);
    if (file !== undefined) read.set(spec, await readPipeline(resolve(graph.directory, file)));
  }
  return read;
}

function withBases(spec: ImageSpec): readonly ImageSpec[] {
  const base = spec.base?.image;
  return base?.kind === "image" ? [spec, ...withBases(base as ImageSpec)] : [spec];
}

async function readPipeline(file: string): Promise<LayeringPipeline> {
  const parsed = parsePipeline(await readJsonFile(file));
  if (parsed.problems === undefined) return parsed.steps;
  const lines = parsed.problems.map(({ path, message }) => [pathText(path), message].filter(Boolean).join(": "));
  const message = `The layering pipeline in "${file}" is wrong\n  ${lines.join("\n  ")}`;
  throw new ImageDslError("E_CONFIG_INVALID", message, { place: { file } });
}
