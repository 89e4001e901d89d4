/** What Docker's schema 2 has no place for: asked before anything is built, and again of the layers that came of it. */
import { ImageDslError } from "../error.ts";
import type { ImageAnnotations, LayerCompression } from "../model/image-spec.ts";

export interface WrittenAsDockers {
  /** As it is shown to people. */
  readonly name: string;
  readonly compressions: readonly (LayerCompression | undefined)[];
  readonly annotations: readonly (ImageAnnotations | undefined)[];
}

/** Throws `E_OUTPUT_INVALID`. Docker and podman refuse such types, or take them for what they are not. */
export function requireDockersPlace({ name, compressions, annotations }: WrittenAsDockers): void {
  if (compressions.includes("zstd")) {
    throw new ImageDslError("E_OUTPUT_INVALID", `${name} has layers in zstd, which Docker's schema 2 has no type for`, {
      hint: "Take gzip (layerCompression, --compression), or OCI's format (manifestFormat, --format oci)",
    });
  }
  if (annotations.some((each) => Object.values(each ?? {}).some((texts) => Object.keys(texts).length > 0))) {
    throw new ImageDslError("E_OUTPUT_INVALID", `${name} has annotations, which Docker's schema 2 has no place for`, {
      hint: "Leave them out, write labels (config.Labels), or take OCI's format (manifestFormat, --format oci)",
    });
  }
}
