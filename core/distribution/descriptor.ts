/** Descriptors (OCI image spec, descriptor.md): which blob, of what type, and how large. All three are required. */
import { isDigest, type Digest } from "../model/digest.ts";
import { isRecord } from "../model/json.ts";
import type { Platform } from "../model/platform.ts";
import { shownText, unsound } from "./unsound.ts";

/** How one document names another, or a layer (OCI image spec, descriptor.md). */
export interface Descriptor {
  /** What the bytes are (OCI image spec, media-types.md); of an artifact's files it may be anything. */
  readonly mediaType: string;
  /** Of the bytes as they are stored; `blobPath` says where a layout has them. */
  readonly digest: Digest;
  /** Bytes. */
  readonly size: number;
  /** Of a manifest that is no image's: what it is. */
  readonly artifactType?: string;
  /** In the list of an index: what the image runs on; undefined where nobody says. */
  readonly platform?: Platform;
  /** Free texts by their names; `NAME_ANNOTATIONS` are those that images are called by. */
  readonly annotations?: Readonly<Record<string, string>>;
}

/** `of` names the document that it stands in. Throws `E_BASE_IMAGE`. */
export function readDescriptor(shown: string, given: unknown, of: string): Descriptor {
  if (!isRecord(given)) throw unsound(shown, `${of} holds what is no descriptor`);
  const { mediaType, digest, size } = given;
  if (typeof digest !== "string") throw unsound(shown, `a descriptor of ${of} has no digest`);
  // It becomes part of paths and of addresses (CVE-2024-3727).
  if (!isDigest(digest)) throw unsound(shown, `${shownText(digest)} in ${of} is no digest`);
  if (typeof mediaType !== "string" || mediaType === "") throw unsound(shown, `${digest} has no media type in ${of}`);
  if (typeof size !== "number" || !Number.isSafeInteger(size) || size < 0)
    throw unsound(shown, `${digest} has ${size === undefined ? "no size" : "a size that is none"} in ${of}`);
  const platform = platformOf(given["platform"]);
  const annotations = annotationsOf(given["annotations"]);
  const artifactType = given["artifactType"];
  return {
    mediaType,
    digest,
    size,
    ...(typeof artifactType === "string" && artifactType !== "" && { artifactType }),
    ...(platform && { platform }),
    ...(annotations && { annotations }),
  };
}

/** Where a layout or an archive has the blob (OCI image spec, image-layout.md). */
export function blobPath(digest: Digest): string {
  return `blobs/${digest.replace(":", "/")}`;
}

function platformOf(given: unknown): Platform | undefined {
  if (!isRecord(given)) return undefined;
  const { os, architecture, variant } = given;
  if (typeof os !== "string" || typeof architecture !== "string") return undefined;
  return { os, architecture, ...(typeof variant === "string" && variant !== "" && { variant }) };
}

/** What is no text is none of them. */
export function annotationsOf(given: unknown): Readonly<Record<string, string>> | undefined {
  if (!isRecord(given)) return undefined;
  return Object.fromEntries(Object.entries(given).filter(([, value]) => typeof value === "string")) as Record<
    string,
    string
  >;
}
