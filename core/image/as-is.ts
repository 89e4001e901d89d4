/** The spec of an image that is another one, handed on as it is. */
import type { BaseSpec, ImageSpec } from "../model/image-spec.ts";
import { MAX_LAYERS } from "./validate.ts";

/** Its name is the base's own, unless that has none, or it gets a tag of its own. */
export function asIs(name: string, base: BaseSpec): ImageSpec {
  return {
    kind: "image",
    name,
    tag: null,
    base,
    asIs: true,
    contents: [],
    config: {},
    mtime: 1,
    maxLayers: MAX_LAYERS,
    layering: "auto",
    collisions: "error",
    runs: [],
  };
}
