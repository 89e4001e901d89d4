/** `oci:DIR[:TAG]` and `oci-archive:PATH[:TAG]`: where to, and under which name. */
import { IMAGE_TAG, ImageDslError, isReference, type Destination } from "../../core/index.ts";

export interface LayoutPlace {
  readonly path: string;
  /** A tag, or `NAME:TAG`; without it, the image's own name. */
  readonly name?: string;
}

/** As skopeo reads it, the first colon ends the path. */
export function pathOf(rest: string): string {
  return rest.split(":", 1)[0]!;
}

/** Throws `E_OUTPUT_INVALID`. */
export function readPlace({ rest, text, transport }: Destination, targets: number): LayoutPlace {
  const path = pathOf(rest);
  if (path === "") throw invalid(`"${text}" does not say where to`, `Write ${transport}:PATH`);
  if (path === "-") {
    throw invalid(
      `"${text}" names no file, and stdout gets no OCI layout`,
      "image-dsl stream writes a docker archive there",
    );
  }
  if (path === rest) return { path };
  const name = rest.slice(path.length + 1);
  if (!IMAGE_TAG.test(name) && !isReference(name)) {
    throw invalid(
      `"${text}" has no tag behind its path`,
      `Write ${transport}:PATH, ${transport}:PATH:TAG or ${transport}:PATH:NAME:TAG`,
    );
  }
  if (targets > 1) throw invalid(`"${text}" gives one name to ${targets} images`, "Leave out the tag");
  return { path, name };
}

function invalid(message: string, hint: string): ImageDslError {
  return new ImageDslError("E_OUTPUT_INVALID", message, { hint });
}

/** Something is in the place that no layout can be added to. */
export function unfit(directory: string, what: string): ImageDslError {
  return new ImageDslError("E_OUTPUT", `Cannot add to ${directory}: ${what}`, {
    hint: "Remove it, or name another folder",
  });
}
