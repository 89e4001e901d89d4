/** Descriptors (OCI image spec, descriptor.md): which blob, of what type, and how large. All three are required. */
import { displayShort, encodeText, isRecord, parseDigest, type Digest } from "../../core/index.ts";
import type { ImageFiles } from "./files.ts";
import { wrong } from "./wrong.ts";

export interface Descriptor {
  readonly mediaType: string;
  readonly digest: Digest;
  readonly size: number;
  readonly platform?: unknown;
  readonly annotations?: unknown;
}

const OCI = "application/vnd.oci.image";
const DOCKER = "application/vnd.docker";

export const INDEXES: ReadonlySet<string> = new Set([
  `${OCI}.index.v1+json`,
  `${DOCKER}.distribution.manifest.list.v2+json`,
]);
export const MANIFESTS: ReadonlySet<string> = new Set([
  `${OCI}.manifest.v1+json`,
  `${DOCKER}.distribution.manifest.v2+json`,
]);
export const CONFIGS: ReadonlySet<string> = new Set([`${OCI}.config.v1+json`, `${DOCKER}.container.image.v1+json`]);
/** How it is compressed is seen by its first bytes, as other readers see it. */
export const LAYER =
  /^application\/vnd\.(?:oci\.image\.layer(?:\.nondistributable)?\.v1\.tar(?:\+(?:gzip|zstd))?|docker\.image\.rootfs(?:\.foreign)?\.diff\.tar(?:[.+](?:gzip|zstd))?)$/;

/** Throws `E_BASE_IMAGE`. */
export function readDescriptor(files: ImageFiles, given: unknown, of: string): Descriptor {
  if (!isRecord(given)) throw wrong(files, `${of} holds what is no descriptor`);
  const { mediaType, digest, size, platform, annotations } = given;
  if (typeof digest !== "string") throw wrong(files, `a descriptor of ${of} has no digest`);
  const parsed = parseDigest(digest);
  if (typeof mediaType !== "string" || mediaType === "") throw wrong(files, `${parsed} has no media type in ${of}`);
  if (typeof size !== "number" || !Number.isSafeInteger(size) || size < 0)
    throw wrong(files, `${parsed} has ${size === undefined ? "no size" : "a size that is none"} in ${of}`);
  return { mediaType, digest: parsed, size, platform, annotations };
}

export function blobName({ digest }: Descriptor): string {
  return `blobs/${digest.replace(":", "/")}`;
}

/** A text of the layout's own. */
export function shown(text: string): string {
  return displayShort(encodeText(text));
}
