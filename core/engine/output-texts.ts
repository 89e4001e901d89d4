/** Which `--output` texts an image's outputs come from. */
import type { BuildGraph } from "../graph/build-graph.ts";
import type { ImageSpec } from "../model/image-spec.ts";
import { splitReference } from "../model/reference.ts";
import type { Build } from "../pipeline/build.ts";
import { tagsOf } from "./output-wishes.ts";

const DEFAULT_OUTPUT = "docker-archive:{target}.docker.tar";

export interface OutputWishes {
  /** `--output`. */
  readonly outputs?: readonly string[];
  /** `--push`: to the repository that the image is named after. */
  readonly push?: boolean;
  /** `--load`: into the daemon that is there. */
  readonly load?: boolean;
  /** `--tag`. */
  readonly tags?: readonly string[];
}

/** What was wished for, or else what the config says. */
export function outputTexts(build: Build, graph: BuildGraph, wishes: OutputWishes): readonly string[] {
  const { outputs = [], push = false, load = false } = wishes;
  const tags = tagsOf(wishes.tags ?? [], build);
  const { name, tag } = build.bundle?.index ?? build.spec;
  // A repository's tags go there together; a tag of its own keeps an image apart from others of its repository.
  const own = tag === null ? name : `${name}:${tag}`;
  const names = tags.length > 0 ? tags.map((each) => splitReference(each)[0]) : [own];
  const pushes = Array.from(new Set(names), (each) => `docker://${each}`);
  const wished = [...outputs, ...(push ? pushes : []), ...(load ? [LOAD] : [])];
  return wished.length > 0 ? wished : ownOutputs(build.spec, graph);
}

const LOAD = "load";

/** The config's `outputs`, else the image's own, else a docker archive. */
export function ownOutputs(spec: ImageSpec, graph: BuildGraph): readonly string[] {
  return graph.outputs.length > 0 ? graph.outputs : [spec.output ?? DEFAULT_OUTPUT];
}
