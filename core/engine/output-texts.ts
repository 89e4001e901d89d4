/** Which `--output` texts an image's outputs come from. */
import type { BuildGraph } from "../graph/build-graph.ts";
import type { ImageSpec } from "../model/image-spec.ts";

const DEFAULT_OUTPUT = "docker-archive:{target}.docker.tar";

/** The given ones, or those of the config. */
export function outputTexts(spec: ImageSpec, graph: BuildGraph, given: readonly string[] = []): readonly string[] {
  return given.length > 0 ? given : ownOutputs(spec, graph);
}

/** The config's `outputs`, else the image's own, else a docker archive. */
export function ownOutputs(spec: ImageSpec, graph: BuildGraph): readonly string[] {
  return graph.outputs.length > 0 ? graph.outputs : [spec.output ?? DEFAULT_OUTPUT];
}
